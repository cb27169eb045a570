-- name: load_files
-- Every file under these keys.
SELECT f.account_id, f.message_key, f.part_index, f.conv_key, f.file_id, f.kind, f.mime_type, f.name, f.caption,
       f.size_bytes, f.sha256, f.state, f.unavailable_reason, f.stored_uri, f.source, f.from_customer, f.occurred_at,
       f.version_at, f.version_event_id, f.reported
  FROM unnest($1::integer[], $2::uuid[]) AS wanted (account_id, message_key)
 CROSS JOIN LATERAL (SELECT * FROM file f
                      WHERE f.account_id = wanted.account_id AND f.message_key = wanted.message_key OFFSET 0) f;

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
