-- What a connection's prelude window was when: a conversation is judged by the one in force when its opening event was
-- appended, so live tables and a rebuild agree whatever is set later (docs/decisions/0014). Only ever added to.
CREATE TABLE ops.prelude_window (
    account_id    integer NOT NULL,
    connection_id text NOT NULL,
    since         timestamptz NOT NULL,      -- for openings appended from here on
    seconds       integer CHECK (seconds >= 0), -- null: the installation's default
    PRIMARY KEY (account_id, connection_id, since),
    FOREIGN KEY (account_id, connection_id) REFERENCES ops.connection
);
COMMENT ON INDEX ops.prelude_window_pkey IS 'the windows of a connection in their order; workers read all of them';

-- A minute ahead: longer than workers go without reading the windows, so none judges by an old one what comes after.
CREATE FUNCTION ops.note_prelude_window() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO ops.prelude_window (account_id, connection_id, since, seconds)
    VALUES (NEW.account_id, NEW.connection_id,
            clock_timestamp() + interval '1 minute', NEW.prelude_window_seconds);
    RETURN NULL;
END $$;
CREATE TRIGGER connection_made AFTER INSERT ON ops.connection
    FOR EACH ROW WHEN (NEW.prelude_window_seconds IS NOT NULL) EXECUTE FUNCTION ops.note_prelude_window();
CREATE TRIGGER connection_changed AFTER UPDATE ON ops.connection
    FOR EACH ROW WHEN (NEW.prelude_window_seconds IS DISTINCT FROM OLD.prelude_window_seconds)
    EXECUTE FUNCTION ops.note_prelude_window();

-- Connections that are configured already: their windows were read by nobody until now, so they begin now.
INSERT INTO ops.prelude_window (account_id, connection_id, since, seconds)
SELECT account_id, connection_id, now() + interval '1 minute', prelude_window_seconds
FROM ops.connection WHERE prelude_window_seconds IS NOT NULL;

ALTER TABLE projection.conversation ADD COLUMN prelude_window_seconds integer;
COMMENT ON COLUMN projection.conversation.prelude_window_seconds IS
    'what its connection set when it was opened; null: the installation''s default';
