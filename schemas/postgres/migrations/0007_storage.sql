-- How full pages are written, and what each index is for. A row that is updated in place on its page (HOT) costs no index
-- entry, which needs room on the page and no change to an indexed column. Measured by benchmarks/storage.py, figures in
-- docs/benchmarks/storage.md; tables that are not named here are never or hardly updated, and are written full.

-- Opened and ended: two updates a conversation, found room on 99 % of pages at 90.
ALTER TABLE projection.thread SET (fillfactor = 90);
-- What changes is what its index orders by, so no update is ever HOT and room would be waste.
ALTER TABLE projection.conversation_activity SET (fillfactor = 100);
-- Asked, then answered moments later: the answer makes the row longer.
ALTER TABLE projection.evaluation SET (fillfactor = 70);
-- Pending, then stored.
ALTER TABLE projection.file SET (fillfactor = 90);
-- Sent, delivered, read: three statuses within seconds of each message of a bot. Partitions have settings of their own;
-- those to come get it from who makes them (services/ingest/upkeep/partitions.sql).
DO $$
DECLARE leaf regclass;
BEGIN
    FOR leaf IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'projection.message'::regclass LOOP
        EXECUTE format('ALTER TABLE %s SET (fillfactor = 90)', leaf);
    END LOOP;
END $$;

-- Open dead letters are counted and listed by number, never by when they were first seen.
DROP INDEX log.dead_letter_open;
CREATE INDEX dead_letter_open ON log.dead_letter (dead_letter_id) WHERE state = 'open';

COMMENT ON INDEX log.checkpoint_pkey IS 'ingest moves a checkpoint by its stream';
COMMENT ON INDEX log.checkpoint_topic_partition_key IS 'one row a partition of Kafka; ingest locks it by that name';
COMMENT ON INDEX log.dead_letter_pkey IS 'people name a dead letter by its number; lists are newest first';
COMMENT ON INDEX log.dead_letter_stream_id_topic_id_stream_offset_key IS 'a record read twice is refused once; the last refusals of a partition feed the breaker';
COMMENT ON INDEX log.dead_letter_open IS 'what nobody has decided about: counted for the metrics, redriven in order; empty in good times';
COMMENT ON INDEX log.event_log_pkey IS 'an event is logged once, whatever month it comes again in; ids of ours rise with time, so inserts stay at its end';
COMMENT ON INDEX log.event_log_order IS 'a rebuild replays each stream in its order';
COMMENT ON INDEX log.outbox_pkey IS 'the relay publishes in the order of decisions, and deletes by number';
COMMENT ON INDEX log.rebuild_progress_pkey IS 'one row a stream';

COMMENT ON INDEX projection.contact_pkey IS 'a list row shows its contact; ingest locks contacts in this order';
COMMENT ON INDEX projection.contact_search IS 'the contact box: any part of a name, e-mail, phone or id, inside one account';
COMMENT ON INDEX projection.contact_identifier_pkey IS 'who an event is about; an identifier is one person''s';
COMMENT ON INDEX projection.contact_identifier_contact IS 'every identifier of a contact: shown with it, moved when contacts merge';
COMMENT ON INDEX projection.thread_pkey IS 'an idle conversation''s thread; writes by key';
COMMENT ON INDEX projection.thread_contact IS 'the threads of the contacts of a batch, those linked with them too';
COMMENT ON INDEX projection.conversation_pkey IS 'the list: newest start first, a page by its cursor, a period as a range';
COMMENT ON INDEX projection.conversation_account_id_conversation_id_key IS 'a conversation by the id that links, exports and people use';
COMMENT ON INDEX projection.conversation_contact IS 'conversations of the contacts found, newest first; moved when contacts merge';
COMMENT ON INDEX projection.conversation_thread IS 'ingest: conversations of a thread around a time, and its imported ones';
COMMENT ON INDEX projection.conversation_chatbot IS 'filter by chatbot, newest first';
COMMENT ON INDEX projection.conversation_nps IS 'filter by NPS; only the rated ones are in it';
COMMENT ON INDEX projection.conversation_csat IS 'filter by CSAT; only the rated ones are in it';
COMMENT ON INDEX projection.conversation_open IS 'filter by open, idle time-outs; small, since nearly all have ended';
COMMENT ON INDEX projection.conversation_testing IS 'filter by testing; small, since nearly all are production';
COMMENT ON INDEX projection.conversation_cover IS 'counts, facets and histograms without touching rows';
COMMENT ON INDEX projection.conversation_activity_pkey IS 'ingest moves a conversation''s activity by its key';
COMMENT ON INDEX projection.conversation_activity_order IS 'the list by latest message; the one index on what each message changes';
COMMENT ON INDEX projection.message_place_pkey IS 'a message id is known once on its thread, for ever; one look tells where it stands';
COMMENT ON INDEX projection.message_place_expected IS 'a new link looks for messages that were named before they came; few';
COMMENT ON INDEX projection.reply_pending_pkey IS 'a message that comes finds the replies that waited for it';
COMMENT ON INDEX projection.message_pkey IS 'a transcript in its order; a message whose place is known';
COMMENT ON INDEX projection.prelude_pkey IS 'a loose message by its key';
COMMENT ON INDEX projection.prelude_thread IS 'the loose messages of a thread since a time';
COMMENT ON INDEX projection.prelude_conversation IS 'the loose messages that stand in a conversation that is about to be written';
COMMENT ON INDEX projection.message_status_pkey IS 'every status of a message; the same one told twice is one';
COMMENT ON INDEX projection.message_revision_pkey IS 'every edit and deletion of a message, each once';
COMMENT ON INDEX projection.message_reaction_pkey IS 'the reactions to a message, one an actor';
COMMENT ON INDEX projection.file_pkey IS 'the files of a message';
COMMENT ON INDEX projection.file_conversation IS 'the files of a conversation';
COMMENT ON INDEX projection.transfer_pkey IS 'the transfers of a conversation';
COMMENT ON INDEX projection.evaluation_pkey IS 'the surveys of a thread';
COMMENT ON INDEX projection.evaluation_conversation IS 'the surveys of a conversation';

COMMENT ON INDEX search.conversation_document_pkey IS 'the newest documents, walked when words are frequent; written by key';
COMMENT ON INDEX search.conversation_document_words IS 'full text; words are prefixed with their account';
COMMENT ON INDEX search.dirty_pkey IS 'ingest queues a conversation once; searches read the newest waiting ones themselves';

COMMENT ON INDEX ops.account_pkey IS 'the account of a row';
COMMENT ON INDEX ops.account_slug_key IS 'the account of an event or a command, by its name';
COMMENT ON INDEX ops.connection_pkey IS 'what a connection sets for itself';
COMMENT ON INDEX ops.app_user_pkey IS 'the person of a session';
COMMENT ON INDEX ops.app_user_email_key IS 'signing in; one person an e-mail';
COMMENT ON INDEX ops.membership_pkey IS 'one role a person in an account';
COMMENT ON INDEX ops.membership_user IS 'the accounts of a person; deleting one';
COMMENT ON INDEX ops.session_pkey IS 'the session of a cookie';
COMMENT ON INDEX ops.session_of_user IS 'ending all sessions of a person';
COMMENT ON INDEX ops.sign_in_token_pkey IS 'a link that was followed';
COMMENT ON INDEX ops.api_token_pkey IS 'revoking a token by its number';
COMMENT ON INDEX ops.api_token_token_hash_key IS 'the caller of a request';
COMMENT ON INDEX ops.search_term_pkey IS 'the words behind an address';
COMMENT ON INDEX ops.idempotency_key_pkey IS 'the answer that a repeated request got before';
COMMENT ON INDEX ops.export_job_pkey IS 'one export by its id';
COMMENT ON INDEX ops.export_job_account_id_request_key_key IS 'the same request makes one job';
COMMENT ON INDEX ops.export_job_due IS 'the next job; only waiting ones are in it';
COMMENT ON INDEX ops.export_job_leased IS 'jobs whose worker is gone; only running ones are in it';
COMMENT ON INDEX ops.export_job_newest IS 'the exports page';
COMMENT ON INDEX ops.export_job_expires IS 'files to delete; only those that are there are in it';
COMMENT ON INDEX ops.audit_entry_pkey IS 'an account''s entries in order';
