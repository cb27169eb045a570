-- name: messages_after
-- The next messages of a transcript from a place on, in transcript order.
SELECT m.*, coalesce(m.sequence, '') AS order_sequence
FROM message m
WHERE m.account_id = $1 AND m.conv_key = $2 AND m.sort_at >= $3::timestamptz
  AND (m.sort_at, coalesce(m.sequence, '') COLLATE "C", m.position, m.message_key)
    > ($3::timestamptz, $4::text COLLATE "C", $5::bigint, $6::uuid)
ORDER BY m.sort_at, coalesce(m.sequence, '') COLLATE "C", m.position, m.message_key
LIMIT $7;

-- name: messages_before
-- The messages before a place, nearest first.
SELECT m.*, coalesce(m.sequence, '') AS order_sequence
FROM message m
WHERE m.account_id = $1 AND m.conv_key = $2 AND m.sort_at <= $3::timestamptz
  AND (m.sort_at, coalesce(m.sequence, '') COLLATE "C", m.position, m.message_key)
    < ($3::timestamptz, $4::text COLLATE "C", $5::bigint, $6::uuid)
ORDER BY m.sort_at DESC, coalesce(m.sequence, '') COLLATE "C" DESC, m.position DESC, m.message_key DESC
LIMIT $7;

-- name: list_statuses
-- Every delivery status of some messages, in the order they happened.
SELECT message_key, part_index, status, occurred_at, errors
FROM message_status
WHERE account_id = $1 AND message_key = ANY($2::uuid[])
ORDER BY occurred_at, event_id;

-- name: list_reactions
-- The reactions that stand on some messages.
SELECT message_key, actor_kind, nullif(actor_id, '') AS actor_id, actor_name, emoji
FROM message_reaction
WHERE account_id = $1 AND message_key = ANY($2::uuid[]) AND emoji IS NOT NULL
ORDER BY occurred_at, event_id;

-- name: list_message_files
-- The state of the files that travel with some messages.
SELECT message_key, part_index, file_id, kind, mime_type, name, caption, size_bytes, state, unavailable_reason, stored_uri
FROM file
WHERE account_id = $1 AND message_key = ANY($2::uuid[])
ORDER BY message_key, part_index;

-- name: find_frame
-- When a conversation started, and when, why and by whom it ended. Counted messages that are not there any more went by
-- retention, which takes whole conversations; nothing else deletes the row of a message.
SELECT conv_key, started_at, status, ended_at, end_reason, end_by_kind, end_by_id, end_by_name,
       customer_count + assistant_count + human_count + template_count > 0
       AND NOT EXISTS (SELECT FROM message m WHERE m.account_id = c.account_id AND m.conv_key = c.conv_key) AS expired
FROM conversation c
WHERE account_id = $1 AND conversation_id = $2;
