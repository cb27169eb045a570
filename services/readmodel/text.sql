-- name: find_documents
-- Keys of conversations whose document holds all terms, newest first: account, terms, before, from, limit.
SELECT key FROM search.find_documents($1, $2::text[], $3, $4, $5) AS key ORDER BY key DESC;

-- name: read_tail
-- Messages of the newest conversations that have no up-to-date document yet.
SELECT m.conv_key, m.plain_text
  FROM (SELECT d.account_id, d.conv_key FROM search.dirty d
         WHERE d.account_id = $1 AND d.conv_key >= $2 AND d.conv_key < $3
         ORDER BY d.conv_key DESC LIMIT $4) waiting
  JOIN message m ON m.account_id = waiting.account_id AND m.conv_key = waiting.conv_key
 WHERE m.deleted_at IS NULL AND m.plain_text <> '';
