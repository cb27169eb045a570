-- The table `prelude` also holds greetings and answers: it is named by what they have in common, a conversation that can still
-- change. Code of before does not know these names: stop the services, migrate, start the new ones.
ALTER TABLE projection.prelude RENAME TO waiting_message;
ALTER TABLE projection.waiting_message RENAME CONSTRAINT prelude_pkey TO waiting_message_pkey;
ALTER INDEX projection.prelude_thread RENAME TO waiting_message_thread;
ALTER INDEX projection.prelude_conversation RENAME TO waiting_message_conversation;
ALTER TABLE projection.thread RENAME COLUMN has_loose TO has_waiting;
ALTER TABLE projection.message_place RENAME COLUMN loose TO waiting;
ALTER TABLE projection.conversation RENAME COLUMN firm TO own_totals;

COMMENT ON INDEX projection.waiting_message_pkey IS 'a waiting message by its key';
COMMENT ON INDEX projection.waiting_message_thread IS 'the waiting messages of a thread since a time';
COMMENT ON INDEX projection.waiting_message_conversation IS
    'the waiting messages that stand in a conversation that is about to be written';
COMMENT ON COLUMN projection.thread.has_waiting IS 'some message of it stands in waiting_message';
COMMENT ON COLUMN projection.message_place.waiting IS 'it stands in waiting_message: its conversation can still change';
COMMENT ON COLUMN projection.conversation.own_totals IS
    'JSON of the totals without the waiting messages that stand in it; null when there are none';
