-- name: load_threads
-- Every thread of these contacts: those the batch names, and those linked with them.
SELECT t.account_id, t.thread_key, t.environment, t.channel, t.channel_address, t.channel_name, t.contact_kind,
       t.contact_value, t.contact_id, t.connection_id, t.open_conv_key, t.last_conv_key, t.ended_conv_key, t.ended_at,
       t.ended_recorded_at, t.has_waiting
  FROM unnest($1::integer[], $2::uuid[]) AS wanted (account_id, contact_id)
 CROSS JOIN LATERAL (SELECT * FROM thread t
                      WHERE t.account_id = wanted.account_id AND t.contact_id = wanted.contact_id OFFSET 0) t;

-- name: change_threads
-- Threads that are known and changed.
UPDATE thread t
   SET channel_name = now.channel_name, contact_id = now.contact_id, connection_id = now.connection_id,
       open_conv_key = now.open_conv_key, last_conv_key = now.last_conv_key, ended_conv_key = now.ended_conv_key,
       ended_at = now.ended_at, ended_recorded_at = now.ended_recorded_at, has_waiting = now.has_waiting
  FROM unnest($1::integer[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
              $9::timestamptz[], $10::timestamptz[], $11::boolean[])
       AS now (account_id, thread_key, channel_name, contact_id, connection_id, open_conv_key, last_conv_key,
               ended_conv_key, ended_at, ended_recorded_at, has_waiting)
 WHERE t.account_id = now.account_id AND t.thread_key = now.thread_key;
