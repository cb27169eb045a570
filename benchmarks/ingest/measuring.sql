-- What the benchmark looks at while a worker runs.

-- name: count_settled
-- How many records of a topic are applied; offsets start at 0 in a fresh topic without transactions.
SELECT coalesce(sum(next_offset), 0)::bigint FROM log.checkpoint WHERE topic = $1;

-- name: read_checkpoints
-- How far each partition of a topic is.
SELECT partition, next_offset FROM log.checkpoint WHERE topic = $1;

-- name: vacuum
-- What autovacuum would do in the time that filling the tables so fast did not leave it.
VACUUM (ANALYZE);

-- name: database_size
-- In bytes.
SELECT pg_database_size(current_database());
