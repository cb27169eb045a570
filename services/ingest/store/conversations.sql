-- name: load_conversations
-- These conversations.
SELECT c.account_id, c.conv_key, c.conversation_id, c.thread_key, c.contact_id, c.environment, c.status, c.channel,
       c.channel_address, c.started_at, c.opened_event_id, c.opened_offset, c.ended_at, c.ended_recorded_at,
       c.end_reason, c.end_by_kind, c.end_by_id, c.end_by_name, c.last_message_event_id, c.last_message_appended_at,
       c.nps, c.csat, c.has_comment, c.transferred, c.customer_files, c.imported, c.source_id, c.previous_ended_at,
       c.first_message_at, c.last_message_at, c.last_activity_at, c.customer_count, c.assistant_count, c.human_count,
       c.template_count, c.chatbot_id, c.chatbot_name, c.chatbot_version_at, c.chatbot_event_id, c.assistants,
       c.started_by_template, c.openers, c.firm, c.prelude_window_seconds
  FROM unnest($1::integer[], $2::bigint[]) AS wanted (account_id, conv_key)
  JOIN conversation c ON c.account_id = wanted.account_id AND c.conv_key = wanted.conv_key;

-- name: write_conversations
-- Changed conversations, whole: what the working set holds is what they are.
INSERT INTO conversation
       (account_id, conv_key, conversation_id, thread_key, contact_id, environment, status, channel,
       channel_address, started_at, opened_event_id, opened_offset, ended_at, ended_recorded_at, end_reason,
       end_by_kind, end_by_id, end_by_name, last_message_event_id, last_message_appended_at, nps, csat,
       has_comment, transferred, customer_files, imported, source_id, previous_ended_at, first_message_at, last_message_at,
       last_activity_at, customer_count, assistant_count, human_count, template_count, chatbot_id, chatbot_name,
       chatbot_version_at, chatbot_event_id, assistants, started_by_template, openers, firm, has_files)
SELECT
       account_id, conv_key, conversation_id, thread_key, contact_id, environment, status, channel,
       channel_address, started_at, opened_event_id, opened_offset, ended_at, ended_recorded_at, end_reason,
       end_by_kind, end_by_id, end_by_name, last_message_event_id, last_message_appended_at, nps, csat,
       has_comment, transferred, customer_files, imported, source_id, previous_ended_at, first_message_at, last_message_at,
       last_activity_at, customer_count, assistant_count, human_count, template_count, chatbot_id, chatbot_name,
       chatbot_version_at, chatbot_event_id, assistants::jsonb, started_by_template, openers, firm, has_files
  FROM unnest(
       $1::integer[], $2::bigint[], $3::uuid[], $4::text[], $5::uuid[], $6::smallint[], $7::smallint[],
       $8::text[], $9::text[], $10::timestamptz[], $11::uuid[], $12::bigint[], $13::timestamptz[],
       $14::timestamptz[], $15::text[], $16::text[], $17::text[], $18::text[], $19::uuid[], $20::timestamptz[],
       $21::numeric[], $22::numeric[], $23::boolean[], $24::boolean[], $25::integer[], $26::boolean[],
       $27::text[], $28::timestamptz[], $29::timestamptz[], $30::timestamptz[], $31::timestamptz[],
       $32::integer[], $33::integer[], $34::integer[], $35::integer[], $36::text[], $37::text[],
       $38::timestamptz[], $39::uuid[], $40::text[], $41::boolean[], $42::text[], $43::text[], $44::boolean[])
       AS now
       (account_id, conv_key, conversation_id, thread_key, contact_id, environment, status, channel,
       channel_address, started_at, opened_event_id, opened_offset, ended_at, ended_recorded_at, end_reason,
       end_by_kind, end_by_id, end_by_name, last_message_event_id, last_message_appended_at, nps, csat,
       has_comment, transferred, customer_files, imported, source_id, previous_ended_at, first_message_at, last_message_at,
       last_activity_at, customer_count, assistant_count, human_count, template_count, chatbot_id, chatbot_name,
       chatbot_version_at, chatbot_event_id, assistants, started_by_template, openers, firm, has_files)
    ON CONFLICT (account_id, conv_key) DO UPDATE SET
       contact_id = excluded.contact_id, status = excluded.status, ended_at = excluded.ended_at,
       ended_recorded_at = excluded.ended_recorded_at, end_reason = excluded.end_reason, end_by_kind =
       excluded.end_by_kind, end_by_id = excluded.end_by_id, end_by_name = excluded.end_by_name,
       last_message_event_id = excluded.last_message_event_id, last_message_appended_at =
       excluded.last_message_appended_at, nps = excluded.nps, csat = excluded.csat, has_comment =
       excluded.has_comment, transferred = excluded.transferred, customer_files = excluded.customer_files,
       source_id = excluded.source_id, first_message_at = excluded.first_message_at, last_message_at =
       excluded.last_message_at, last_activity_at = excluded.last_activity_at, customer_count =
       excluded.customer_count, assistant_count = excluded.assistant_count, human_count = excluded.human_count,
       template_count = excluded.template_count, chatbot_id = excluded.chatbot_id, chatbot_name =
       excluded.chatbot_name, chatbot_version_at = excluded.chatbot_version_at, chatbot_event_id =
       excluded.chatbot_event_id, assistants = excluded.assistants, started_by_template =
       excluded.started_by_template, openers = excluded.openers, firm = excluded.firm, has_files =
       excluded.has_files;

-- name: write_running_totals
-- What every message changes in its conversation; no index knows these columns, so the rows are updated in place.
UPDATE conversation c
   SET last_message_event_id = now.last_message_event_id, last_message_appended_at = now.last_message_appended_at,
       first_message_at = now.first_message_at, last_message_at = now.last_message_at,
       last_activity_at = now.last_activity_at, customer_count = now.customer_count,
       assistant_count = now.assistant_count, human_count = now.human_count, template_count = now.template_count,
       chatbot_id = now.chatbot_id, chatbot_name = now.chatbot_name, chatbot_version_at = now.chatbot_version_at,
       chatbot_event_id = now.chatbot_event_id
  FROM unnest($1::integer[], $2::bigint[], $3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
              $7::timestamptz[], $8::integer[], $9::integer[], $10::integer[], $11::integer[], $12::text[], $13::text[],
              $14::timestamptz[], $15::uuid[])
       AS now (account_id, conv_key, last_message_event_id, last_message_appended_at, first_message_at, last_message_at,
               last_activity_at, customer_count, assistant_count, human_count, template_count, chatbot_id, chatbot_name,
               chatbot_version_at, chatbot_event_id)
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
  JOIN conversation c ON c.account_id = wanted.account_id AND c.conv_key = wanted.conv_key;
