-- What the log, the dead letters and the checkpoints hold, read once a drill has drained.

-- name: find_logged
SELECT l.event_id, c.partition, l.position FROM log.event_log l JOIN log.checkpoint c USING (stream_id);

-- name: find_refused
SELECT c.partition, d.position, d.reason, d.headers FROM log.dead_letter d JOIN log.checkpoint c USING (stream_id);

-- name: find_positions
SELECT partition, next_offset FROM log.checkpoint;
