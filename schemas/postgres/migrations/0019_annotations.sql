-- One row an annotation of a thread: what its latest event says.
CREATE TABLE projection.annotation (
    account_id    integer NOT NULL,
    thread_key    text NOT NULL,
    annotation_id text NOT NULL,
    conv_key      bigint,                    -- null: nothing to belong to
    kind          text NOT NULL,             -- label, note, topic, score, or one of tomorrow
    key           text NOT NULL,
    value         text,                      -- JSON scalar; null: taken back
    message_id    text,                      -- the source's; that it hangs on
    by_kind       text NOT NULL,
    by_id         text,
    by_name       text,
    occurred_at   timestamptz NOT NULL,
    event_id      uuid NOT NULL,
    PRIMARY KEY (account_id, thread_key, annotation_id)
);
CREATE INDEX annotation_of_conversation ON projection.annotation (conv_key, account_id) WHERE conv_key IS NOT NULL;
COMMENT ON INDEX projection.annotation_pkey IS 'an item of a thread: the latest event of it wins';
COMMENT ON INDEX projection.annotation_of_conversation IS 'the annotations of a conversation';

-- Few conversations have any: those without stay out of the index, and a look for a label never asks for them.
ALTER TABLE projection.conversation ADD COLUMN labels jsonb;
CREATE INDEX conversation_labels ON projection.conversation USING gin (account_id, labels jsonb_path_ops)
    WHERE labels IS NOT NULL;
COMMENT ON COLUMN projection.conversation.labels IS 'the keys of its labels, [{"id": key}]; null: none';
COMMENT ON INDEX projection.conversation_labels IS 'conversations with a label';
