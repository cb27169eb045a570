-- name: lock_claims
-- One claim at a time over all workers: the limit of an account is counted, and two counts at once would both pass.
-- Held for the few milliseconds of the claim; released by its commit.
SELECT pg_advisory_xact_lock(hashtextextended('bitacora.export.claim', 0));

-- name: claim_job
-- Takes the job that has been due for longest: waiting, or left behind by a worker whose lease ran out. Raises `attempt`,
-- which every later write must name. Jobs asked to be cancelled and those out of attempts are settled elsewhere; those of a
-- format that this worker does not know wait for a newer one.
-- lease in seconds, running jobs an account may have, attempts a job may have, formats this worker makes
UPDATE ops.export_job AS job
   SET state = 'running', attempt = job.attempt + 1, lease_until = clock_timestamp() + make_interval(secs => $1),
       started_at = coalesce(job.started_at, clock_timestamp()), progress_rows = NULL
  FROM ops.account AS account
 WHERE account.account_id = job.account_id
   AND (job.account_id, job.export_id) = (
       SELECT due.account_id, due.export_id
         FROM ops.export_job AS due
        WHERE NOT due.cancel_requested AND due.attempt < $3 AND due.format = ANY($4::text[])
          AND ((due.state = 'queued' AND due.due_at <= clock_timestamp())
               OR (due.state = 'running' AND due.lease_until < clock_timestamp()))
          AND (SELECT count(*) FROM ops.export_job AS live
                WHERE live.account_id = due.account_id AND live.state = 'running'
                  AND live.lease_until >= clock_timestamp()) < $2
        ORDER BY due.due_at, due.created_at, due.export_id
          FOR UPDATE SKIP LOCKED
        LIMIT 1)
RETURNING job.account_id, account.slug AS account, account.name AS account_name, job.export_id, job.request_key,
          job.requested_by, job.role, job.format, job.spec, job.attempt, job.created_at, clock_timestamp() AS claimed_at;

-- name: beat
-- Sign of life: prolongs the lease. No row: the job is no longer ours.
UPDATE ops.export_job
   SET lease_until = clock_timestamp() + make_interval(secs => $4), progress_rows = coalesce($5, progress_rows)
 WHERE account_id = $1 AND export_id = $2 AND attempt = $3 AND state = 'running'
RETURNING cancel_requested;

-- name: publish_job
-- Makes a stored file (or the fact that nothing matched) the job's result. The row is the only pointer to the file.
UPDATE ops.export_job
   SET state = $4, lease_until = NULL, finished_at = clock_timestamp(), object_key = $5, bytes = $6, rows = $7,
       progress_rows = $7, sha256 = $8, file_name = $9, media_type = $10, manifest = $11, error_code = NULL,
       expires_at = CASE WHEN $4 = 'succeeded' THEN clock_timestamp() + $12::interval END
 WHERE account_id = $1 AND export_id = $2 AND attempt = $3 AND state = 'running' AND NOT cancel_requested
RETURNING finished_at AS at, expires_at;

-- name: requeue_job
-- Gives the job back, to be claimed again after a pause; the attempt stays, so that ours can write nothing more.
UPDATE ops.export_job
   SET state = 'queued', lease_until = NULL, due_at = clock_timestamp() + $4::interval, error_code = $5
 WHERE account_id = $1 AND export_id = $2 AND attempt = $3 AND state = 'running'
RETURNING clock_timestamp() AS at;

-- name: fail_job
-- Ends the job with a code that pages translate.
UPDATE ops.export_job
   SET state = 'failed', lease_until = NULL, finished_at = clock_timestamp(), error_code = $4
 WHERE account_id = $1 AND export_id = $2 AND attempt = $3 AND state = 'running'
RETURNING finished_at AS at;

-- name: cancel_job
-- Ends a running job that somebody asked to be cancelled.
UPDATE ops.export_job
   SET state = 'cancelled', lease_until = NULL, finished_at = clock_timestamp()
 WHERE account_id = $1 AND export_id = $2 AND attempt = $3 AND state = 'running' AND cancel_requested
RETURNING finished_at AS at;

-- name: settle_jobs
-- Ends what no worker runs and none should start: cancelled while waiting or after its worker was lost, or lost with its
-- last attempt. Attempts count at the claim, so a job that kills its workers ends too.
WITH settled AS (
    SELECT account_id, export_id FROM ops.export_job
     WHERE (state = 'queued' AND (cancel_requested OR attempt >= $1))
        OR (state = 'running' AND lease_until < clock_timestamp() AND (cancel_requested OR attempt >= $1))
     ORDER BY due_at LIMIT 100
       FOR UPDATE SKIP LOCKED)
UPDATE ops.export_job AS job
   SET state = CASE WHEN job.cancel_requested THEN 'cancelled' ELSE 'failed' END, lease_until = NULL,
       finished_at = clock_timestamp(),
       error_code = CASE WHEN NOT job.cancel_requested THEN coalesce(job.error_code, 'worker_lost') END
  FROM settled, ops.account AS account
 WHERE (job.account_id, job.export_id) = (settled.account_id, settled.export_id)
   AND account.account_id = job.account_id
RETURNING job.account_id, account.slug AS account, job.export_id, job.request_key, job.format, job.attempt, job.state,
          job.finished_at AS at, job.error_code, job.object_key;

-- name: expire_jobs
-- Closes the download of files whose time is over; the caller removes them once this is committed.
WITH expired AS (
    SELECT account_id, export_id FROM ops.export_job
     WHERE state = 'succeeded' AND expires_at <= clock_timestamp()
     ORDER BY expires_at LIMIT 100
       FOR UPDATE SKIP LOCKED)
UPDATE ops.export_job AS job
   SET state = 'expired'
  FROM expired, ops.account AS account
 WHERE (job.account_id, job.export_id) = (expired.account_id, expired.export_id)
   AND account.account_id = job.account_id
RETURNING job.account_id, account.slug AS account, job.export_id, job.request_key, job.format, job.attempt, job.state,
          clock_timestamp() AS at, job.error_code, job.object_key;

-- name: find_owned
-- Which of these files a job points at.
SELECT object_key FROM ops.export_job
 WHERE (account_id, export_id) IN (SELECT * FROM unnest($1::integer[], $2::uuid[]))
   AND state = 'succeeded' AND object_key = ANY($3::text[]);

-- name: find_fate
-- Where a job stands, for a worker whose write hit no row.
SELECT state, attempt, object_key, cancel_requested FROM ops.export_job WHERE account_id = $1 AND export_id = $2;

-- name: queue_age
-- Seconds that the longest waiting due job has waited.
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(due_at)), 0)::float8
  FROM ops.export_job WHERE state = 'queued' AND due_at <= clock_timestamp();

-- name: notify_change
-- Tells the pages that are open.
SELECT pg_notify('export_changed', $1);
