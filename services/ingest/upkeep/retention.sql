-- Months that are over: what may go, what is in the way, and how it goes.

-- name: list_months
-- The monthly partitions of a table, oldest first, with their size and what the planner knows of their rows.
SELECT child.oid::regclass::text AS partition, child.relname, greatest(child.reltuples, 0)::bigint AS rows,
       pg_total_relation_size(child.oid) AS bytes
FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = $1::text::regclass AND child.relname ~ '_[0-9]{4}_[0-9]{2}$'
ORDER BY child.relname;

-- name: rebuild_is_under_way
-- One that runs, or one that was interrupted and will want to read on.
SELECT EXISTS (SELECT FROM log.rebuild_progress);

-- name: hold_off_rebuilds
-- Until the transaction ends no rebuild begins; false when one runs. The same lock as services/ingest/rebuild/shadow.sql.
SELECT pg_try_advisory_xact_lock(hashtextextended('bitacora.rebuild', 0));

-- name: count_held
-- Conversations that began in a range of keys and are open, or were alive after the cut.
SELECT count(*) FROM conversation
WHERE conv_key >= $1 AND conv_key < $2
  AND (status = 1 /* open */ OR greatest(ended_at, last_activity_at, started_at) >= $3);

-- name: read_leaving
-- template
-- The next messages that are about to go, in the order of their key, behind the place of the last ones.
SELECT m.account_id, m.conv_key, m.sort_at, m.message_key
FROM {partition} m
WHERE m.conv_key >= $1 AND m.conv_key < $2
  AND (m.account_id, m.conv_key, m.sort_at, m.message_key) > ($3::integer, $4::bigint, $5::timestamptz, $6::uuid)
ORDER BY m.account_id, m.conv_key, m.sort_at, m.message_key
LIMIT $7;

-- name: read_leaving_default
-- Messages in the default partition that are about to go: those of conversations that nothing holds.
SELECT m.account_id, m.conv_key, m.sort_at, m.message_key
FROM message_default m
JOIN conversation c ON c.account_id = m.account_id AND c.conv_key = m.conv_key
WHERE m.conv_key < $1 AND c.status = 2 /* ended */ AND greatest(c.ended_at, c.last_activity_at, c.started_at) < $2
LIMIT $3;

-- name: clear_hanging
-- template
-- What hangs on messages in one of the tables that the projection names for it: statuses, edits with their texts and so on.
DELETE FROM {table} x
USING unnest($1::integer[], $2::uuid[]) AS leaving (account_id, message_key)
WHERE x.account_id = leaving.account_id AND x.message_key = leaving.message_key;

-- name: clear_documents
-- Words must not be found any more where nobody can read them.
DELETE FROM search.conversation_document d
USING (SELECT DISTINCT account_id, conv_key FROM unnest($1::integer[], $2::bigint[]) AS l (account_id, conv_key)) leaving
WHERE d.account_id = leaving.account_id AND d.conv_key = leaving.conv_key;

-- name: delete_messages
-- From the default partition, which stays.
DELETE FROM message_default m
USING unnest($1::integer[], $2::bigint[], $3::timestamptz[], $4::uuid[])
      AS leaving (account_id, conv_key, sort_at, message_key)
WHERE m.account_id = leaving.account_id AND m.conv_key = leaving.conv_key AND m.sort_at = leaving.sort_at
  AND m.message_key = leaving.message_key;

-- name: list_streams
-- Kafka's partitions that were ever read.
SELECT stream_id FROM log.checkpoint ORDER BY stream_id;

-- name: delete_events
-- Events whose ids tell no month, by the time when Kafka took them: the oldest of a stream first, along its order, so that
-- nothing is read that stays. The default partition may be the whole log of an installation with ids of other making.
DELETE FROM log.event_log_default
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM (SELECT ctid, appended_at FROM log.event_log_default
                      WHERE stream_id = $1 ORDER BY position LIMIT $3) AS oldest
    WHERE appended_at < $2));

-- name: set_lock_timeout
-- Everybody who writes queues behind us, so we wait for a lock no longer than this, and for all that a drop takes twice that.
SELECT set_config('lock_timeout', $1::integer::text, true), set_config('statement_timeout', ($1 * 2)::text, true);

-- name: has_rows
-- template
-- The planner's figure may be 0 for a month that nobody has analysed.
SELECT EXISTS (SELECT FROM {partition});

-- name: drop_month
-- template
-- The name is one that the catalogue gave. Files go when the locks are released already.
DROP TABLE {partition};

-- name: record_dropped
-- In the transaction that drops.
INSERT INTO log.dropped_month (parent, partition, before, rows, bytes) VALUES ($1, $2, $3, $4, $5);

-- name: audit
-- Concerns the installation and no account of it, hence account 0.
INSERT INTO ops.audit_entry (account_id, actor, role, operation, action, object_kind, object_id, detail)
VALUES (0, $1, 'admin', 'remove', 'retention.drop', 'partition', $2, $3);
