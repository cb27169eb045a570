-- name: count_active_exports
-- How many files are being prepared for this person: the number beside the tray. Account, actor.
SELECT count(*) FROM ops.export_job
 WHERE account_id = $1 AND requested_by = $2 AND state IN ('queued', 'running');
