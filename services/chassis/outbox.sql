-- name: add_record
-- Tells Kafka of a change, in the change's transaction; the relay is woken when that commits.
WITH added AS (
    INSERT INTO log.outbox (topic, record_key, headers, payload) VALUES ($1, $2, $3, $4) RETURNING outbox_id)
SELECT pg_notify('outbox', '') FROM added;
