-- The outbox: what ingest decided, what operators ended and what became of exports, on its way to Kafka.

-- name: read_outbox
-- Oldest first: a conversation's opening is published before its end.
SELECT outbox_id, topic, record_key, headers, payload FROM log.outbox ORDER BY outbox_id LIMIT $1;

-- name: delete_published
-- Only after Kafka has acknowledged them; a crash in between publishes them twice, which readers must bear.
DELETE FROM log.outbox WHERE outbox_id = ANY ($1::bigint[]);
