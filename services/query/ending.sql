-- name: find_thread_of
-- What the end event must say of the conversation's thread; locks nothing, ingest decides in log order.
SELECT c.status, c.started_at, t.thread_key, t.connection_id, t.environment, t.channel, t.channel_address,
       t.channel_name, t.contact_kind, t.contact_value
FROM conversation c JOIN thread t USING (account_id, thread_key)
WHERE c.account_id = $1 AND c.conversation_id = $2;
