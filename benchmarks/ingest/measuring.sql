-- What the benchmark looks at while a worker runs.

-- name: count_settled
-- How many records of a topic are applied; offsets start at 0 in a fresh topic without transactions.
SELECT coalesce(sum(next_offset), 0)::bigint FROM log.checkpoint WHERE topic = $1;
