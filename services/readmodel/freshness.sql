-- name: list_checkpoints
-- How far ingest is, a row a partition.
SELECT topic, partition, next_offset, updated_at, halted_at IS NOT NULL AS halted FROM log.checkpoint;
