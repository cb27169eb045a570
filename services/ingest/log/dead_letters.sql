-- Refused records.

-- name: add_dead_letters
-- In the transaction that moves the checkpoint past them: a refused record can neither be lost nor refused twice.
INSERT INTO log.dead_letter
    (stream_id, topic_id, position, reason, detail, record_key, record_value, headers, appended_at,
     attempts)
SELECT stream_id, topic_id, position, reason, detail, record_key, record_value, headers::jsonb,
       appended_at, attempts
FROM unnest(
    $1::smallint[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::bytea[], $7::bytea[], $8::text[],
    $9::timestamptz[], $10::integer[]
) AS refused (stream_id, topic_id, position, reason, detail, record_key, record_value, headers, appended_at,
              attempts)
ON CONFLICT DO NOTHING;
