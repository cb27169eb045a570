-- name: create_account
-- Safe to repeat: an account that exists stays as it is and answers no row.
INSERT INTO ops.account (slug, name, timezone) VALUES ($1, $2, $3)
ON CONFLICT (slug) DO NOTHING
RETURNING account_id, slug, name, timezone, created_at;

-- name: find_account
-- The account that was there before.
SELECT account_id, slug, name, timezone, created_at FROM ops.account WHERE slug = $1;

-- name: list_accounts
-- Everyone we work for, by the id that events carry.
SELECT account_id, slug, name, timezone, created_at FROM ops.account ORDER BY slug;
