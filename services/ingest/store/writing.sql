-- name: change_threads
-- Threads that are known and changed.
UPDATE thread t
   SET channel_name = now.channel_name, contact_id = now.contact_id, connection_id = now.connection_id,
       open_conv_key = now.open_conv_key, last_conv_key = now.last_conv_key, ended_conv_key = now.ended_conv_key,
       ended_at = now.ended_at, ended_recorded_at = now.ended_recorded_at, has_loose = now.has_loose
  FROM unnest($1::integer[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
              $9::timestamptz[], $10::timestamptz[], $11::boolean[])
       AS now (account_id, thread_key, channel_name, contact_id, connection_id, open_conv_key, last_conv_key,
               ended_conv_key, ended_at, ended_recorded_at, has_loose)
 WHERE t.account_id = now.account_id AND t.thread_key = now.thread_key;

-- name: change_places
-- Places that are known and changed.
UPDATE message_place p
   SET conv_key = now.conv_key, occurred_at = now.occurred_at, sort_at = now.sort_at, loose = now.loose,
       parked = now.parked, awaited = now.awaited, evaluation_id = now.evaluation_id, thread_key = now.thread_key,
       message_id = now.message_id
  FROM unnest($1::integer[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::boolean[], $7::boolean[],
              $8::boolean[], $9::text[], $10::text[], $11::text[])
       AS now (account_id, message_key, conv_key, occurred_at, sort_at, loose, parked, awaited, evaluation_id, thread_key,
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

-- name: write_files
-- Files as they are known now.
INSERT INTO file
       (account_id, message_key, part_index, conv_key, file_id, kind, mime_type, name, caption, size_bytes, sha256, state,
        unavailable_reason, stored_uri, source, from_customer, occurred_at, version_at, version_event_id, reported)
SELECT account_id, message_key, part_index, conv_key, file_id, kind, mime_type, name, caption, size_bytes, sha256, state,
       unavailable_reason, stored_uri, source, from_customer, occurred_at, version_at, version_event_id, reported
  FROM unnest($1::integer[], $2::uuid[], $3::smallint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::bigint[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::boolean[],
              $17::timestamptz[], $18::timestamptz[], $19::uuid[], $20::boolean[])
       AS now (account_id, message_key, part_index, conv_key, file_id, kind, mime_type, name, caption, size_bytes, sha256,
               state, unavailable_reason, stored_uri, source, from_customer, occurred_at, version_at, version_event_id,
               reported)
    ON CONFLICT (account_id, message_key, part_index) DO UPDATE
   SET conv_key = excluded.conv_key, file_id = excluded.file_id, kind = excluded.kind, mime_type = excluded.mime_type,
       name = excluded.name, caption = excluded.caption, size_bytes = excluded.size_bytes, sha256 = excluded.sha256,
       state = excluded.state, unavailable_reason = excluded.unavailable_reason, stored_uri = excluded.stored_uri,
       source = excluded.source, from_customer = excluded.from_customer, occurred_at = excluded.occurred_at,
       version_at = excluded.version_at, version_event_id = excluded.version_event_id, reported = excluded.reported;

-- name: remove_files
-- The files of deleted messages.
DELETE FROM file f
 USING unnest($1::integer[], $2::uuid[], $3::smallint[]) AS gone (account_id, message_key, part_index)
 WHERE f.account_id = gone.account_id AND f.message_key = gone.message_key AND f.part_index = gone.part_index;

-- name: write_evaluations
-- Surveys with all their answers.
INSERT INTO evaluation
       (account_id, thread_key, evaluation_id, conv_key, metric, question, scale, asked_at, asked_event_id, answered_at,
        score, valid, raw_answer, comment, answers)
SELECT account_id, thread_key, evaluation_id, conv_key, metric, question, scale, asked_at, asked_event_id, answered_at,
       score, valid, raw_answer, comment, answers
  FROM unnest($1::integer[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
              $9::uuid[], $10::timestamptz[], $11::numeric[], $12::boolean[], $13::text[], $14::text[], $15::text[])
       AS now (account_id, thread_key, evaluation_id, conv_key, metric, question, scale, asked_at, asked_event_id,
               answered_at, score, valid, raw_answer, comment, answers)
    ON CONFLICT (account_id, thread_key, evaluation_id) DO UPDATE
   SET conv_key = excluded.conv_key, metric = excluded.metric, question = excluded.question, scale = excluded.scale,
       asked_at = excluded.asked_at, asked_event_id = excluded.asked_event_id, answered_at = excluded.answered_at,
       score = excluded.score, valid = excluded.valid, raw_answer = excluded.raw_answer, comment = excluded.comment,
       answers = excluded.answers;

-- name: write_loose
-- Loose messages, and where they stand now.
INSERT INTO prelude (account_id, thread_key, message_key, occurred_at, kind, message, conv_key, stands_as)
SELECT account_id, thread_key, message_key, occurred_at, kind, message, conv_key, stands_as
  FROM unnest($1::integer[], $2::text[], $3::uuid[], $4::timestamptz[], $5::smallint[], $6::text[], $7::bigint[],
              $8::smallint[])
       AS now (account_id, thread_key, message_key, occurred_at, kind, message, conv_key, stands_as)
    ON CONFLICT (account_id, message_key) DO UPDATE
   SET conv_key = excluded.conv_key, stands_as = excluded.stands_as;
