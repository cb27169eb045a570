-- Live and rebuilt tables against each other.

-- name: checksum
-- template
-- Rows are hashed one by one and summed, so neither order nor partition matters, and nothing is sorted.
SELECT count(*) AS rows, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text AS checksum
FROM {schema}.{table} t;

-- name: take_snapshot
-- The first statement of the transaction fixes what all later ones see.
SELECT count(*) FROM log.checkpoint;
