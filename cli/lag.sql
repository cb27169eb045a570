-- How far ingest is.

-- name: find_next_offsets
-- Every partition that was ever read of a topic.
SELECT partition, next_offset, updated_at, halted_reason, halted_from, halted_to
FROM log.checkpoint WHERE topic = $1 ORDER BY partition;
