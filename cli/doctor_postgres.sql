-- What `bitacora doctor` asks PostgreSQL.

-- name: read_server
-- The server, this connection and the server's clock.
SELECT current_setting('server_version_num')::integer AS version, current_setting('server_version') AS version_text,
       clock_timestamp() AS now, coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted,
       pg_is_in_recovery() AS standby, current_setting('fsync') AS fsync,
       current_setting('full_page_writes') AS full_page_writes;

-- name: missing_extensions
-- Those of these that the database does not have.
SELECT wanted FROM unnest($1::text[]) AS wanted WHERE wanted NOT IN (SELECT extname FROM pg_extension);

-- name: find_partitions
-- The partitions of a table, by name.
SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = to_regclass($1::text);

-- name: read_dead_letters
-- Open refusals by reason, the most frequent first.
SELECT reason, count(*) AS count, min(first_seen) AS first_seen FROM log.dead_letter WHERE state = 'open'
GROUP BY reason ORDER BY count DESC, reason;

-- name: read_waiting
-- How long the oldest decision waits for Kafka, and the oldest job that is due for a worker, in seconds.
SELECT coalesce(extract(epoch FROM now() - (SELECT created_at FROM log.outbox ORDER BY outbox_id LIMIT 1)), 0)::float8
           AS outbox,
       coalesce(extract(epoch FROM now() - (SELECT min(due_at) FROM ops.export_job
                                            WHERE state = 'queued' AND due_at <= now())), 0)::float8 AS export;
