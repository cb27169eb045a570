-- The rebuilt schema takes the place of the live one.

-- name: hold_ingest
-- Every writer of the projections locks its checkpoint rows first, and so waits here with nothing in its hands. The table,
-- not its rows: a partition that is seen for the first time must wait too.
LOCK TABLE log.checkpoint IN EXCLUSIVE MODE;

-- name: wait_briefly
-- Less than deadlock_timeout: nobody who waits for us is ever taken for part of a deadlock.
SELECT set_config('lock_timeout', $1, true), set_config('statement_timeout', $1, true);

-- name: wait_for_disk
-- The replayed batches were committed without; from here on it counts.
SELECT set_config('synchronous_commit', 'on', true);

-- name: lock_live
-- template
-- Whoever reads the old tables finishes first; whoever comes now waits for a moment, then finds the new ones.
LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE;

-- name: find_older_snapshots
-- Transactions of several statements that hold a snapshot from before the swap: they would find the new tables empty.
-- Ingest, which waits for us at the checkpoints, takes another one for what it does then.
SELECT count(*) FROM pg_stat_activity a
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
  AND backend_xmin IS NOT NULL AND xact_start < query_start
  AND NOT EXISTS (SELECT FROM pg_locks l
                   WHERE l.pid = a.pid AND l.relation = 'log.checkpoint'::regclass AND NOT l.granted);

-- name: move_live_away
-- The live tables keep their rows until they are dropped.
ALTER SCHEMA projection RENAME TO projection_old;

-- name: move_rebuilt_in
-- template
-- Statements name no schema, so from the commit on they mean these tables.
ALTER SCHEMA rebuild RENAME TO projection;

-- name: unmark
-- template
-- The live schema bears no fingerprint.
COMMENT ON SCHEMA projection IS NULL;

-- name: old_exists
-- A rebuild that was killed after its swap leaves this behind.
SELECT to_regnamespace('projection_old') IS NOT NULL;

-- name: mark_changed
-- template
-- Only conversations whose words came out otherwise need another search document.
INSERT INTO search.dirty AS d (account_id, conv_key, ended)
SELECT account_id, conv_key, true
  FROM (SELECT account_id, conv_key, sum(hashtextextended(plain_text, 0)::numeric) AS words
          FROM {old}.message WHERE deleted_at IS NULL AND plain_text <> '' GROUP BY 1, 2) AS before
  FULL JOIN (SELECT account_id, conv_key, sum(hashtextextended(plain_text, 0)::numeric) AS words
          FROM projection.message WHERE deleted_at IS NULL AND plain_text <> '' GROUP BY 1, 2) AS after
       USING (account_id, conv_key)
 WHERE before.words IS DISTINCT FROM after.words
   AND EXISTS (SELECT FROM projection.conversation c
                WHERE (c.account_id, c.conv_key) = (coalesce(before.account_id, after.account_id),
                                                    coalesce(before.conv_key, after.conv_key)))
 ORDER BY account_id, conv_key
    ON CONFLICT (account_id, conv_key) DO UPDATE
   SET generation = d.generation + 1, ended = true, touched_at = now();

-- name: delete_documents
-- template
-- Documents of conversations that no longer exist.
DELETE FROM search.conversation_document d
 USING {old}.conversation before
 WHERE d.account_id = before.account_id AND d.conv_key = before.conv_key
   AND NOT EXISTS (SELECT FROM projection.conversation c
                    WHERE c.account_id = before.account_id AND c.conv_key = before.conv_key);

-- name: drop_old
-- template
-- Nobody can name these tables any more.
DROP SCHEMA {old} CASCADE;
