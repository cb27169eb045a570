-- name: load_waiting_since
-- The waiting messages of these threads from a time on.
SELECT l.account_id, l.thread_key, l.message_key, l.occurred_at, l.kind, l.message, l.conv_key, l.stands_as
  FROM unnest($1::integer[], $2::text[], $3::timestamptz[]) AS wanted (account_id, thread_key, since)
 CROSS JOIN LATERAL (SELECT * FROM waiting_message l
                      WHERE l.account_id = wanted.account_id AND l.thread_key = wanted.thread_key
                        AND l.occurred_at >= wanted.since OFFSET 0) l;

-- name: load_waiting_by_key
-- These waiting messages.
SELECT l.account_id, l.thread_key, l.message_key, l.occurred_at, l.kind, l.message, l.conv_key, l.stands_as
  FROM unnest($1::integer[], $2::uuid[]) AS wanted (account_id, message_key)
 CROSS JOIN LATERAL (SELECT * FROM waiting_message l
                      WHERE l.account_id = wanted.account_id AND l.message_key = wanted.message_key OFFSET 0) l;

-- name: load_waiting_of_conversations
-- The waiting messages that stand in these conversations.
SELECT l.account_id, l.thread_key, l.message_key, l.occurred_at, l.kind, l.message, l.conv_key, l.stands_as
  FROM unnest($1::integer[], $2::bigint[]) AS wanted (account_id, conv_key)
 CROSS JOIN LATERAL (SELECT * FROM waiting_message l
                      WHERE l.account_id = wanted.account_id AND l.conv_key = wanted.conv_key OFFSET 0) l;

-- name: write_waiting
-- Waiting messages, and where they stand now.
INSERT INTO waiting_message (account_id, thread_key, message_key, occurred_at, kind, message, conv_key, stands_as)
SELECT account_id, thread_key, message_key, occurred_at, kind, message, conv_key, stands_as
  FROM unnest($1::integer[], $2::text[], $3::uuid[], $4::timestamptz[], $5::smallint[], $6::text[], $7::bigint[],
              $8::smallint[])
       AS now (account_id, thread_key, message_key, occurred_at, kind, message, conv_key, stands_as)
    ON CONFLICT (account_id, message_key) DO UPDATE
   SET conv_key = excluded.conv_key, stands_as = excluded.stands_as;
