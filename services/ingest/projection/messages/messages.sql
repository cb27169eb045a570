-- name: load_places
-- Where these messages stand and what came before them.
SELECT p.account_id, p.message_key, p.conv_key, p.occurred_at, p.sort_at, p.waiting, p.parked, p.awaited, p.evaluation_id,
       p.thread_key, p.message_id
  FROM unnest($1::integer[], $2::uuid[]) AS wanted (account_id, message_key)
 CROSS JOIN LATERAL (SELECT * FROM message_place p
                      WHERE p.account_id = wanted.account_id AND p.message_key = wanted.message_key OFFSET 0) p;

-- name: load_expected_places
-- The messages of these threads that something came before: what a new link must compare.
SELECT p.account_id, p.message_key, p.conv_key, p.occurred_at, p.sort_at, p.waiting, p.parked, p.awaited, p.evaluation_id,
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

-- name: change_places
-- Places that are known and changed.
UPDATE message_place p
   SET conv_key = now.conv_key, occurred_at = now.occurred_at, sort_at = now.sort_at, waiting = now.waiting,
       parked = now.parked, awaited = now.awaited, evaluation_id = now.evaluation_id, thread_key = now.thread_key,
       message_id = now.message_id
  FROM unnest($1::integer[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::boolean[], $7::boolean[],
              $8::boolean[], $9::text[], $10::text[], $11::text[])
       AS now (account_id, message_key, conv_key, occurred_at, sort_at, waiting, parked, awaited, evaluation_id, thread_key,
               message_id)
 WHERE p.account_id = now.account_id AND p.message_key = now.message_key;

-- name: change_messages
-- What can change in a message that stays where it is.
UPDATE message m
   SET kind = now.kind, plain_text = now.plain_text, parts = now.parts, template = now.template, status = now.status,
       edited_at = now.edited_at, deleted_at = now.deleted_at
  FROM unnest($1::integer[], $2::bigint[], $3::timestamptz[], $4::uuid[], $5::smallint[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::timestamptz[], $11::timestamptz[])
       AS now (account_id, conv_key, sort_at, message_key, kind, plain_text, parts, template, status, edited_at, deleted_at)
 WHERE m.account_id = now.account_id AND m.conv_key = now.conv_key AND m.sort_at = now.sort_at
   AND m.message_key = now.message_key;

-- name: remove_messages
-- Messages that belong elsewhere now.
DELETE FROM message m
 USING unnest($1::integer[], $2::bigint[], $3::timestamptz[], $4::uuid[])
       AS former (account_id, conv_key, sort_at, message_key)
 WHERE m.account_id = former.account_id AND m.conv_key = former.conv_key AND m.sort_at = former.sort_at
   AND m.message_key = former.message_key;

-- name: write_statuses
-- Delivery statuses; the same one told twice keeps the smaller event id.
INSERT INTO message_status AS s (account_id, message_key, part_index, status, occurred_at, event_id, errors)
SELECT account_id, message_key, part_index, status, occurred_at, event_id, errors
  FROM unnest($1::integer[], $2::uuid[], $3::smallint[], $4::text[], $5::timestamptz[], $6::uuid[], $7::text[])
       AS new (account_id, message_key, part_index, status, occurred_at, event_id, errors)
    ON CONFLICT (account_id, message_key, part_index, status, occurred_at) DO UPDATE
   SET event_id = excluded.event_id, errors = excluded.errors
 WHERE excluded.event_id < s.event_id;

-- name: write_revisions
-- Edits and deletions, each once.
INSERT INTO message_revision
       (account_id, message_key, occurred_at, event_id, kind, actor_kind, actor_id, actor_name, plain_text, parts)
SELECT account_id, message_key, occurred_at, event_id, kind, actor_kind, actor_id, actor_name, plain_text, parts
  FROM unnest($1::integer[], $2::uuid[], $3::timestamptz[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[])
       AS new (account_id, message_key, occurred_at, event_id, kind, actor_kind, actor_id, actor_name, plain_text, parts)
    ON CONFLICT DO NOTHING;

-- name: write_reactions
-- The last reaction of each actor.
INSERT INTO message_reaction AS r
       (account_id, message_key, actor_kind, actor_id, actor_name, emoji, occurred_at, event_id)
SELECT account_id, message_key, actor_kind, actor_id, actor_name, emoji, occurred_at, event_id
  FROM unnest($1::integer[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::uuid[])
       AS now (account_id, message_key, actor_kind, actor_id, actor_name, emoji, occurred_at, event_id)
    ON CONFLICT (account_id, message_key, actor_kind, actor_id) DO UPDATE
   SET actor_name = excluded.actor_name, emoji = excluded.emoji, occurred_at = excluded.occurred_at,
       event_id = excluded.event_id;
