-- name: mark_dirty
-- Says that these conversations have words their document lacks; part of the transaction that writes the messages.
INSERT INTO search.dirty AS d (account_id, conv_key, ended)
SELECT account_id, conv_key, ended
  FROM unnest($1::integer[], $2::bigint[], $3::boolean[]) AS touched (account_id, conv_key, ended)
 ORDER BY account_id, conv_key
    ON CONFLICT (account_id, conv_key) DO UPDATE
   SET generation = d.generation + 1, ended = excluded.ended, touched_at = now();

-- name: take_due
-- Conversations that ended, have been quiet for $1, or have waited for $2. No lock: ingest must not wait for us.
SELECT account_id, conv_key, generation
  FROM search.dirty
 WHERE ended OR touched_at < now() - $1::interval OR first_at < now() - $2::interval
 ORDER BY account_id, conv_key
 LIMIT $3;

-- name: read_texts
-- What was said in these conversations, as it reads now; deleted messages have nothing left to find.
SELECT m.account_id, m.conv_key, m.plain_text
  FROM unnest($1::integer[], $2::bigint[]) AS due (account_id, conv_key)
  JOIN message m ON m.account_id = due.account_id AND m.conv_key = due.conv_key
 WHERE m.deleted_at IS NULL AND m.plain_text <> '';

-- name: write_documents
-- The whole document each time: safe to repeat, and right after edits and deletions.
INSERT INTO search.conversation_document (account_id, conv_key, lexemes, analyser, truncated)
SELECT account_id, conv_key, array_to_tsvector(string_to_array(words, ' ')), $5, truncated
  FROM unnest($1::integer[], $2::bigint[], $3::text[], $4::boolean[]) AS made (account_id, conv_key, words, truncated)
    ON CONFLICT (account_id, conv_key) DO UPDATE
   SET lexemes = excluded.lexemes, analyser = excluded.analyser, truncated = excluded.truncated;

-- name: clear_dirty
-- A message that came meanwhile has raised the generation and keeps its conversation in the queue.
DELETE FROM search.dirty d
 USING unnest($1::integer[], $2::bigint[], $3::integer[]) AS made (account_id, conv_key, generation)
 WHERE d.account_id = made.account_id AND d.conv_key = made.conv_key AND d.generation = made.generation;
