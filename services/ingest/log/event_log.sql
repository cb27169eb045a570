-- The event log and what is written beside it.

-- name: find_logged_ids
-- Which of these events the log has already; asked only while repeats are about, since the unique key finds them anyway.
SELECT account_id, event_id
FROM unnest($1::integer[], $2::uuid[]) AS wanted (account_id, event_id)
JOIN log.event_log USING (account_id, event_id);

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
