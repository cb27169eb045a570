-- The event log.

-- name: find_logged_ids
-- Which of these events the log has already; asked only while repeats are about, since the unique key finds them anyway.
SELECT account_id, event_id
FROM unnest($1::integer[], $2::uuid[]) AS wanted (account_id, event_id)
JOIN log.event_log USING (account_id, event_id);
