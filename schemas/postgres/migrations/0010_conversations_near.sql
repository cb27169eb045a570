-- What a worker asks about a thread is bounded in time, whatever the thread has lived through: an HSM asks which of its
-- conversations were still going on at some moment. Under the former index each such question read all of them.
CREATE INDEX conversation_thread_end ON projection.conversation (account_id, thread_key, GREATEST(ended_at, started_at));
DROP INDEX projection.conversation_thread;
COMMENT ON INDEX projection.conversation_thread_end IS 'ingest: conversations of a thread that went on at a time or later, and its imported ones';
