-- The log, read in its order, and how far it was read.

-- name: begin_streams
-- A partition of Kafka that was seen for the first time joins in.
INSERT INTO log.rebuild_progress (stream_id)
SELECT stream_id FROM log.checkpoint
ON CONFLICT (stream_id) DO NOTHING;

-- name: find_positions
-- Where the rebuild stands on each stream and where ingest stands, by position.
SELECT p.stream_id, p.next_position, p.events, c.first_position + c.next_offset AS target
FROM log.rebuild_progress p
JOIN log.checkpoint c USING (stream_id)
ORDER BY p.stream_id;

-- name: plan_for_values
-- A plan for all positions would sort the whole stream; one for this position walks the index.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true);

-- name: read_events
-- With ties: a cut between two equal positions would lose the second.
SELECT account_id, position, appended_at, payload
FROM log.event_log
WHERE stream_id = $1 AND position >= $2
ORDER BY position
FETCH FIRST ($3::bigint) ROWS WITH TIES;

-- name: save_progress
-- In the transaction of the rows it accounts for.
UPDATE log.rebuild_progress SET next_position = $2, events = events + $3 WHERE stream_id = $1;

-- name: find_cut
-- Up to when retention has taken the log; null when it is whole. Months that held nothing are no loss.
SELECT max(before) FROM log.dropped_month WHERE parent = 'log.event_log' AND rows > 0;

-- name: count_older
-- Live conversations that a log without its head no longer tells, or tells otherwise.
SELECT count(*) FROM projection.conversation WHERE started_at < $1;

-- name: commit_without_waiting
-- A crash of the server may cost the last moments of a rebuild, which then repeats them; the swap waits for the disk.
SELECT set_config('synchronous_commit', 'off', false);
