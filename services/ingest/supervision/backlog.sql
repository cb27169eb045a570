-- What waits for somebody: refused records for a person, decisions for Kafka.

-- name: read_backlog
-- Counts along small partial or primary indexes and no further than people can tell apart.
SELECT (SELECT count(*) FROM (SELECT FROM log.dead_letter WHERE state = 'open' LIMIT $1) AS counted) AS dead_letters,
       coalesce(extract(epoch FROM now() - (SELECT created_at FROM log.outbox ORDER BY outbox_id LIMIT 1)), 0)::float8
           AS outbox_seconds;
