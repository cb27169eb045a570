-- name: load_threads
-- Every thread of these contacts: those the batch names, and those linked with them.
SELECT t.account_id, t.thread_key, t.environment, t.channel, t.channel_address, t.channel_name, t.contact_kind,
       t.contact_value, t.contact_id, t.connection_id, t.open_conv_key, t.last_conv_key, t.ended_conv_key, t.ended_at,
       t.ended_recorded_at, t.has_loose
  FROM unnest($1::integer[], $2::uuid[]) AS wanted (account_id, contact_id)
 CROSS JOIN LATERAL (SELECT * FROM thread t
                      WHERE t.account_id = wanted.account_id AND t.contact_id = wanted.contact_id OFFSET 0) t;

-- name: load_places
-- Where these messages stand and what came before them.
SELECT p.account_id, p.message_key, p.conv_key, p.occurred_at, p.sort_at, p.loose, p.parked, p.awaited, p.evaluation_id,
       p.thread_key, p.message_id
  FROM unnest($1::integer[], $2::uuid[]) AS wanted (account_id, message_key)
 CROSS JOIN LATERAL (SELECT * FROM message_place p
                      WHERE p.account_id = wanted.account_id AND p.message_key = wanted.message_key OFFSET 0) p;

-- name: load_expected_places
-- The messages of these threads that something came before: what a new link must compare.
SELECT p.account_id, p.message_key, p.conv_key, p.occurred_at, p.sort_at, p.loose, p.parked, p.awaited, p.evaluation_id,
       p.thread_key, p.message_id
  FROM unnest($1::integer[], $2::text[]) AS wanted (account_id, thread_key)
 CROSS JOIN LATERAL (SELECT * FROM message_place p
                      WHERE p.account_id = wanted.account_id AND p.thread_key = wanted.thread_key OFFSET 0) p;

-- name: load_pending
-- The replies that wait for these messages.
SELECT r.target_key, r.message_key
  FROM unnest($1::integer[], $2::uuid[]) AS wanted (account_id, target_key)
 CROSS JOIN LATERAL (SELECT * FROM reply_pending r
                      WHERE r.account_id = wanted.account_id AND r.target_key = wanted.target_key OFFSET 0) r;

-- name: load_evaluations
-- These surveys.
SELECT e.account_id, e.thread_key, e.evaluation_id, e.conv_key, e.metric, e.question, e.scale, e.asked_at,
       e.asked_event_id, e.answers
  FROM unnest($1::integer[], $2::text[], $3::text[]) AS wanted (account_id, thread_key, evaluation_id)
 CROSS JOIN LATERAL (SELECT * FROM evaluation e
                      WHERE e.account_id = wanted.account_id AND e.thread_key = wanted.thread_key
                        AND e.evaluation_id = wanted.evaluation_id OFFSET 0) e;

-- name: load_evaluations_of_conversations
-- Every survey of these conversations: their scores are worked out from all of them.
SELECT e.account_id, e.thread_key, e.evaluation_id, e.conv_key, e.metric, e.question, e.scale, e.asked_at,
       e.asked_event_id, e.answers
  FROM unnest($1::integer[], $2::bigint[]) AS wanted (account_id, conv_key)
 CROSS JOIN LATERAL (SELECT * FROM evaluation e
                      WHERE e.account_id = wanted.account_id AND e.conv_key = wanted.conv_key OFFSET 0) e;

-- name: load_loose_since
-- The loose messages of these threads from a time on.
SELECT l.account_id, l.thread_key, l.message_key, l.occurred_at, l.kind, l.message, l.conv_key, l.stands_as
  FROM unnest($1::integer[], $2::text[], $3::timestamptz[]) AS wanted (account_id, thread_key, since)
 CROSS JOIN LATERAL (SELECT * FROM prelude l
                      WHERE l.account_id = wanted.account_id AND l.thread_key = wanted.thread_key
                        AND l.occurred_at >= wanted.since OFFSET 0) l;

-- name: load_loose_by_key
-- These loose messages.
SELECT l.account_id, l.thread_key, l.message_key, l.occurred_at, l.kind, l.message, l.conv_key, l.stands_as
  FROM unnest($1::integer[], $2::uuid[]) AS wanted (account_id, message_key)
 CROSS JOIN LATERAL (SELECT * FROM prelude l
                      WHERE l.account_id = wanted.account_id AND l.message_key = wanted.message_key OFFSET 0) l;

-- name: load_loose_of_conversations
-- The loose messages that stand in these conversations.
SELECT l.account_id, l.thread_key, l.message_key, l.occurred_at, l.kind, l.message, l.conv_key, l.stands_as
  FROM unnest($1::integer[], $2::bigint[]) AS wanted (account_id, conv_key)
 CROSS JOIN LATERAL (SELECT * FROM prelude l
                      WHERE l.account_id = wanted.account_id AND l.conv_key = wanted.conv_key OFFSET 0) l;

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

-- name: load_messages
-- The rows of messages whose place is known.
SELECT m.*
  FROM unnest($1::integer[], $2::bigint[], $3::timestamptz[], $4::uuid[])
       AS wanted (account_id, conv_key, sort_at, message_key)
 CROSS JOIN LATERAL (SELECT * FROM message m
                      WHERE m.account_id = wanted.account_id AND m.conv_key = wanted.conv_key
                        AND m.sort_at = wanted.sort_at AND m.message_key = wanted.message_key OFFSET 0) m;

-- name: load_statuses
-- Every status under these keys.
SELECT s.account_id, s.message_key, s.part_index, s.status, s.occurred_at, s.event_id, s.errors
  FROM unnest($1::integer[], $2::uuid[]) AS wanted (account_id, message_key)
 CROSS JOIN LATERAL (SELECT * FROM message_status s
                      WHERE s.account_id = wanted.account_id AND s.message_key = wanted.message_key OFFSET 0) s;

-- name: load_revisions
-- Every edit and deletion under these keys.
SELECT r.account_id, r.message_key, r.occurred_at, r.event_id, r.kind, r.actor_kind, r.actor_id, r.actor_name,
       r.plain_text, r.parts
  FROM unnest($1::integer[], $2::uuid[]) AS wanted (account_id, message_key)
 CROSS JOIN LATERAL (SELECT * FROM message_revision r
                      WHERE r.account_id = wanted.account_id AND r.message_key = wanted.message_key OFFSET 0) r;

-- name: load_reactions
-- Every reaction under these keys.
SELECT r.account_id, r.message_key, r.actor_kind, r.actor_id, r.actor_name, r.emoji, r.occurred_at, r.event_id
  FROM unnest($1::integer[], $2::uuid[]) AS wanted (account_id, message_key)
 CROSS JOIN LATERAL (SELECT * FROM message_reaction r
                      WHERE r.account_id = wanted.account_id AND r.message_key = wanted.message_key OFFSET 0) r;

-- name: load_files
-- Every file under these keys.
SELECT f.account_id, f.message_key, f.part_index, f.conv_key, f.file_id, f.kind, f.mime_type, f.name, f.caption,
       f.size_bytes, f.sha256, f.state, f.unavailable_reason, f.stored_uri, f.source, f.from_customer, f.occurred_at,
       f.version_at, f.version_event_id, f.reported
  FROM unnest($1::integer[], $2::uuid[]) AS wanted (account_id, message_key)
 CROSS JOIN LATERAL (SELECT * FROM file f
                      WHERE f.account_id = wanted.account_id AND f.message_key = wanted.message_key OFFSET 0) f;
