-- The event log and what is written beside it.

-- name: find_logged_ids
-- Which of these events the log has already; asked only while repeats are about, since the unique key finds them anyway.
SELECT account_id, event_id
FROM unnest($1::integer[], $2::uuid[]) AS wanted (account_id, event_id)
JOIN log.event_log USING (account_id, event_id);

-- name: add_dead_letters
-- In the transaction that moves the checkpoint past them: a refused record can neither be lost nor refused twice.
INSERT INTO log.dead_letter
    (stream_id, topic_id, stream_offset, reason, detail, record_key, record_value, headers, appended_at,
     attempts)
SELECT stream_id, topic_id, stream_offset, reason, detail, record_key, record_value, headers::jsonb,
       appended_at, attempts
FROM unnest(
    $1::smallint[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::bytea[], $7::bytea[], $8::text[],
    $9::timestamptz[], $10::integer[]
) AS refused (stream_id, topic_id, stream_offset, reason, detail, record_key, record_value, headers, appended_at,
              attempts)
ON CONFLICT DO NOTHING;

-- name: add_to_outbox
-- What ingest decided, for the relay to publish once this transaction is committed.
INSERT INTO log.outbox (topic, record_key, headers, payload)
SELECT $1, record_key, headers, payload
FROM unnest($2::text[], $3::jsonb[], $4::text[]) WITH ORDINALITY AS decided (record_key, headers, payload, place)
ORDER BY place;
