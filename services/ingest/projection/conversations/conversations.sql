-- name: load_conversations
-- These conversations.
SELECT c.account_id, c.conv_key, c.conversation_id, c.thread_key, c.contact_id, c.environment, c.status, c.channel,
       c.channel_address, c.started_at, c.opened_event_id, c.opened_position, c.ended_at, c.ended_recorded_at,
       c.end_reason, c.end_by_kind, c.end_by_id, c.end_by_name, c.last_message_event_id, c.last_message_appended_at,
       c.nps, c.csat, c.has_comment, c.transferred, c.customer_files, c.imported, c.source_id, c.previous_ended_at,
       c.first_message_at, c.last_message_at, c.last_activity_at, c.customer_count, c.assistant_count, c.human_count,
       c.template_count, c.chatbot_id, c.chatbot_name, c.chatbot_version, c.chatbot_named_at, c.chatbot_named_by,
       c.assistants::text AS assistants, c.started_by_template, c.openers, c.own_totals, c.prelude_window_seconds
  FROM unnest($1::integer[], $2::bigint[]) AS wanted (account_id, conv_key)
 CROSS JOIN LATERAL (SELECT * FROM conversation c
                      WHERE c.account_id = wanted.account_id AND c.conv_key = wanted.conv_key OFFSET 0) c;

-- name: change_conversations
-- Conversations of which more than the running totals changed.
UPDATE conversation c
   SET contact_id = now.contact_id, status = now.status, ended_at = now.ended_at,
       ended_recorded_at = now.ended_recorded_at, end_reason = now.end_reason, end_by_kind = now.end_by_kind,
       end_by_id = now.end_by_id, end_by_name = now.end_by_name, last_message_event_id = now.last_message_event_id,
       last_message_appended_at = now.last_message_appended_at, nps = now.nps, csat = now.csat,
       has_comment = now.has_comment, transferred = now.transferred, customer_files = now.customer_files,
       source_id = now.source_id, first_message_at = now.first_message_at, last_message_at = now.last_message_at,
       last_activity_at = now.last_activity_at, customer_count = now.customer_count,
       assistant_count = now.assistant_count, human_count = now.human_count, template_count = now.template_count,
       chatbot_id = now.chatbot_id, chatbot_name = now.chatbot_name, chatbot_version = now.chatbot_version,
       chatbot_named_at = now.chatbot_named_at, chatbot_named_by = now.chatbot_named_by, assistants = now.assistants,
       started_by_template = now.started_by_template, openers = now.openers, own_totals = now.own_totals,
       has_files = now.has_files
  FROM unnest($1::integer[], $2::bigint[], $3::uuid[], $4::smallint[], $5::timestamptz[], $6::timestamptz[],
              $7::text[], $8::text[], $9::text[], $10::text[], $11::uuid[], $12::timestamptz[], $13::numeric[],
              $14::numeric[], $15::boolean[], $16::boolean[], $17::integer[], $18::text[], $19::timestamptz[],
              $20::timestamptz[], $21::timestamptz[], $22::integer[], $23::integer[], $24::integer[], $25::integer[],
              $26::text[], $27::text[], $28::text[], $29::timestamptz[], $30::uuid[], $31::jsonb[], $32::boolean[],
              $33::text[], $34::text[], $35::boolean[])
       AS now (account_id, conv_key, contact_id, status, ended_at, ended_recorded_at, end_reason, end_by_kind,
               end_by_id, end_by_name, last_message_event_id, last_message_appended_at, nps, csat, has_comment,
               transferred, customer_files, source_id, first_message_at, last_message_at, last_activity_at,
               customer_count, assistant_count, human_count, template_count, chatbot_id, chatbot_name,
               chatbot_version, chatbot_named_at, chatbot_named_by, assistants, started_by_template, openers,
               own_totals, has_files)
 WHERE c.account_id = now.account_id AND c.conv_key = now.conv_key;

-- name: write_running_totals
-- What every message changes in its conversation; no index knows these columns, so the rows are updated in place.
UPDATE conversation c
   SET last_message_event_id = now.last_message_event_id, last_message_appended_at = now.last_message_appended_at,
       first_message_at = now.first_message_at, last_message_at = now.last_message_at,
       last_activity_at = now.last_activity_at, customer_count = now.customer_count,
       assistant_count = now.assistant_count, human_count = now.human_count, template_count = now.template_count,
       chatbot_id = now.chatbot_id, chatbot_name = now.chatbot_name, chatbot_version = now.chatbot_version,
       chatbot_named_at = now.chatbot_named_at, chatbot_named_by = now.chatbot_named_by
  FROM unnest($1::integer[], $2::bigint[], $3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
              $7::timestamptz[], $8::integer[], $9::integer[], $10::integer[], $11::integer[], $12::text[], $13::text[],
              $14::text[], $15::timestamptz[], $16::uuid[])
       AS now (account_id, conv_key, last_message_event_id, last_message_appended_at, first_message_at, last_message_at,
               last_activity_at, customer_count, assistant_count, human_count, template_count, chatbot_id, chatbot_name,
               chatbot_version, chatbot_named_at, chatbot_named_by)
 WHERE c.account_id = now.account_id AND c.conv_key = now.conv_key;

-- name: write_activity
-- The narrow rows that lists by activity walk.
INSERT INTO conversation_activity (account_id, conv_key, environment, last_activity_at)
SELECT account_id, conv_key, environment, last_activity_at
  FROM unnest($1::integer[], $2::bigint[], $3::smallint[], $4::timestamptz[])
       AS now (account_id, conv_key, environment, last_activity_at)
    ON CONFLICT (account_id, conv_key) DO UPDATE SET last_activity_at = excluded.last_activity_at
 WHERE conversation_activity.last_activity_at <> excluded.last_activity_at;

-- name: remove_activity
-- A conversation whose only message belongs elsewhere after all shows no activity.
DELETE FROM conversation_activity a
 USING unnest($1::integer[], $2::bigint[]) AS quiet (account_id, conv_key)
 WHERE a.account_id = quiet.account_id AND a.conv_key = quiet.conv_key;

-- name: find_taken_keys
-- Which of these sort keys belong to other conversations already.
SELECT c.account_id, c.conv_key
  FROM unnest($1::integer[], $2::bigint[]) AS wanted (account_id, conv_key)
 CROSS JOIN LATERAL (SELECT * FROM conversation c
                      WHERE c.account_id = wanted.account_id AND c.conv_key = wanted.conv_key OFFSET 0) c;

-- name: find_conversations_near
-- The live conversations of these threads that ended after a time or opened after it; the open one is known by its thread.
SELECT c.account_id, c.conv_key
  FROM unnest($1::integer[], $2::text[], $3::timestamptz[]) AS wanted (account_id, thread_key, since)
 CROSS JOIN LATERAL (SELECT * FROM conversation c
                      WHERE c.account_id = wanted.account_id AND c.thread_key = wanted.thread_key AND NOT c.imported
                        AND GREATEST(c.ended_at, c.started_at) >= wanted.since OFFSET 0) c;

-- name: find_imports
-- The imported conversations of these threads.
SELECT c.account_id, c.conv_key
  FROM unnest($1::integer[], $2::text[]) AS wanted (account_id, thread_key)
 CROSS JOIN LATERAL (SELECT * FROM conversation c
                      WHERE c.account_id = wanted.account_id AND c.thread_key = wanted.thread_key AND c.imported OFFSET 0) c;
