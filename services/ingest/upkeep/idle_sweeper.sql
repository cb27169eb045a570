-- Conversations that nobody has written in for long.

-- name: find_idle
-- Open conversations whose last message was appended longer ago than their connection, else the installation, allows.
-- Kafka's append time counts and not the source's, which may be wrong by days.
SELECT account.slug AS accountid, conversation.conversation_id, conversation.thread_key, conversation.environment,
       conversation.last_message_event_id, conversation.last_message_appended_at,
       thread.channel, thread.channel_address, thread.contact_kind, thread.contact_value, thread.connection_id,
       coalesce(connection.idle_timeout_seconds, $1::integer) AS idle_seconds
FROM conversation
JOIN thread USING (account_id, thread_key)
JOIN ops.account USING (account_id)
LEFT JOIN ops.connection USING (account_id, connection_id)
WHERE conversation.status = 1 /* open */
  AND conversation.last_message_event_id IS NOT NULL
  AND coalesce(connection.idle_timeout_seconds, $1::integer) > 0
  AND conversation.last_message_appended_at
      < $2::timestamptz - make_interval(secs => coalesce(connection.idle_timeout_seconds, $1::integer))
ORDER BY conversation.last_message_appended_at
LIMIT $3;
