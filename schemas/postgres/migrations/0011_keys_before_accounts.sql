-- An index that begins with the account can be taken for finding a row of that account by something else: while statistics
-- know little of a table, that looks as good as its key, and then each look-up reads every row that the account has.
-- Those that are never walked by account begin with what they are asked for, and leave out rows that nobody asks for by it.
CREATE INDEX file_of_conversation ON projection.file (conv_key, account_id) WHERE conv_key IS NOT NULL;
DROP INDEX projection.file_conversation;
COMMENT ON INDEX projection.file_of_conversation IS 'the files of a conversation';
CREATE INDEX evaluation_of_conversation ON projection.evaluation (conv_key, account_id) WHERE conv_key IS NOT NULL;
DROP INDEX projection.evaluation_conversation;
COMMENT ON INDEX projection.evaluation_of_conversation IS 'the surveys of a conversation';
CREATE INDEX thread_of_contact ON projection.thread (contact_id, account_id);
DROP INDEX projection.thread_contact;
COMMENT ON INDEX projection.thread_of_contact IS 'the threads of the contacts of a batch, those linked with them too';
CREATE INDEX conversation_of_thread ON projection.conversation (thread_key, account_id, GREATEST(ended_at, started_at));
DROP INDEX projection.conversation_thread_end;
COMMENT ON INDEX projection.conversation_of_thread IS 'ingest: conversations of a thread that went on at a time or later, and its imported ones';
CREATE INDEX conversation_of_contact ON projection.conversation (contact_id, account_id, conv_key);
DROP INDEX projection.conversation_contact;
COMMENT ON INDEX projection.conversation_of_contact IS 'conversations of the contacts found, newest first; moved when contacts merge';
