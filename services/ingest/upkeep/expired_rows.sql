-- Rows of `ops` whose time is over. Each statement deletes at most $2 rows older than $1, so that no lock is held long.

-- name: delete_search_terms
-- They may hold a name or a phone number; the addresses that carry their ids stop working.
DELETE FROM ops.search_term WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ops.search_term WHERE created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
));

-- name: delete_idempotency_keys
-- A repeat that comes later than this is taken for a new request.
DELETE FROM ops.idempotency_key WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ops.idempotency_key WHERE created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
));

-- name: delete_sign_in_tokens
-- Links that were used or have run out; the set-up token is replaced by query itself.
DELETE FROM ops.sign_in_token WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ops.sign_in_token WHERE purpose = 'link' AND expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
));
