-- What a drill asks the database about the workers, over a connection of its own.

-- name: find_sessions
-- Sessions of workers by the client's port. A lock on the checkpoint table is held from the fence to the end of a batch.
SELECT a.pid, a.client_port, a.xact_start IS NOT NULL AND EXISTS (
        SELECT 1 FROM pg_locks l
        WHERE l.pid = a.pid AND l.relation = 'log.checkpoint'::regclass AND l.mode = 'RowShareLock'
    ) AS in_batch,
    coalesce(a.wait_event_type = 'Lock', false) AS waits
FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.application_name = 'bitacora-ingest' AND a.client_port IS NOT NULL;

-- name: find_positions
SELECT partition, next_offset FROM log.checkpoint;

-- name: end_sessions
-- Every session of the workers, as an administrator or a fail-over ends them.
SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'bitacora-ingest';

-- name: hold_checkpoints
-- Every batch waits here until the transaction ends.
SELECT count(*) FROM (SELECT 1 FROM log.checkpoint ORDER BY stream_id FOR UPDATE) AS held;
