-- name: add_token
-- A token of an account; nothing when the account does not exist.
INSERT INTO ops.api_token (account_id, token_hash, role, name, expires_at)
SELECT account_id, $2, $3, $4, $5 FROM ops.account WHERE slug = $1
RETURNING api_token_id;

-- name: find_token
-- The live token of this hash, with its account.
SELECT t.api_token_id, t.account_id, t.role, t.name, t.last_used_at, a.slug, a.timezone
FROM ops.api_token t JOIN ops.account a USING (account_id)
WHERE t.token_hash = $1 AND t.expires_at > $2 AND t.revoked_at IS NULL;

-- name: note_use
-- When a token was last used, moved forward only.
UPDATE ops.api_token SET last_used_at = greatest(last_used_at, $2) WHERE api_token_id = $1;

-- name: revoke_token
-- A token of an account that shall not be used any more.
UPDATE ops.api_token t SET revoked_at = $3
FROM ops.account a
WHERE a.account_id = t.account_id AND a.slug = $1 AND t.api_token_id = $2 AND t.revoked_at IS NULL
RETURNING t.api_token_id;
