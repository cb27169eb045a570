-- name: add_job
-- Asks for an export; asking again with the same key changes nothing.
INSERT INTO ops.export_job (account_id, export_id, request_key, requested_by, role, format, spec)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (account_id, request_key) DO NOTHING
RETURNING *;

-- name: find_by_key
-- The job that a request key made.
SELECT * FROM ops.export_job WHERE account_id = $1 AND request_key = $2;

-- name: list_jobs
-- The newest jobs of the account, of one requester when $2 is given.
SELECT * FROM ops.export_job
WHERE account_id = $1 AND ($2::text IS NULL OR requested_by = $2)
ORDER BY created_at DESC, export_id
LIMIT $3;

-- name: find_job
-- One job of the account.
SELECT * FROM ops.export_job WHERE account_id = $1 AND export_id = $2;

-- name: cancel_job
-- A waiting job is cancelled at once; a running one is asked to stop, and its worker does the rest.
UPDATE ops.export_job
SET cancel_requested = true,
    state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
    finished_at = CASE WHEN state = 'queued' THEN now() ELSE finished_at END
WHERE account_id = $1 AND export_id = $2 AND state IN ('queued', 'running')
RETURNING *;

-- name: wake_workers
-- Tells the export workers, once this is committed, that there may be work.
SELECT pg_notify('export_job', '');
