-- name: add_account
-- The account that the pages are about.
INSERT INTO ops.account (slug, name) VALUES ($1, $2) RETURNING account_id;

-- name: end_conversation
-- What ingest does with an operator's end. Account, conversation.
UPDATE conversation SET status = 2, ended_at = now(), end_reason = 'operator', end_by_kind = 'human', end_by_name = $3
 WHERE account_id = $1 AND conversation_id = $2 AND status = 1;

-- name: take_outbox
-- What the relay publishes.
DELETE FROM log.outbox RETURNING payload;

-- name: next_job
-- A file that somebody waits for.
SELECT account_id, export_id, format FROM ops.export_job WHERE state = 'queued' AND NOT cancel_requested LIMIT 1;

-- name: finish_job
-- What the export process does in the end. Account, job, key, bytes, rows, digest, name, media type.
UPDATE ops.export_job
   SET state = 'succeeded', finished_at = now(), started_at = now(), attempt = 1, object_key = $3, bytes = $4, rows = $5,
       sha256 = $6, file_name = $7, media_type = $8, expires_at = now() + interval '7 days'
 WHERE account_id = $1 AND export_id = $2 AND state = 'queued';

-- name: count_audit
-- How often something was done. Account, action.
SELECT count(*) FROM ops.audit_entry WHERE account_id = $1 AND action = $2;
