-- The version that the chatbot had when an event of the conversation last named it; few chatbots tell theirs.
ALTER TABLE projection.conversation ADD COLUMN chatbot_version text;
CREATE INDEX conversation_chatbot_version ON projection.conversation (account_id, chatbot_version, conv_key)
    WHERE chatbot_version IS NOT NULL;
COMMENT ON INDEX projection.conversation_chatbot_version IS 'filter by the version of the chatbot, newest first';
