-- name: find_account
-- The number of an account.
SELECT account_id FROM ops.account WHERE slug = $1;

-- name: ensure_account
-- The number of an account, made if it does not exist.
INSERT INTO ops.account (slug, name) VALUES ($1, $1)
ON CONFLICT (slug) DO UPDATE SET slug = excluded.slug
RETURNING account_id;

-- name: add_person
-- A new person; nothing when the e-mail address is taken.
INSERT INTO ops.app_user (email, name, password_hash) VALUES ($1, $2, $3)
ON CONFLICT (email) DO NOTHING
RETURNING app_user_id;

-- name: add_membership
-- A role of a person in an account; a new role replaces the old one.
INSERT INTO ops.membership (account_id, app_user_id, role) VALUES ($1, $2, $3)
ON CONFLICT (account_id, app_user_id) DO UPDATE SET role = excluded.role;

-- name: find_person
-- Somebody by e-mail, with the account they land in.
SELECT u.app_user_id, u.password_hash, m.account_id
FROM ops.app_user u JOIN ops.membership m USING (app_user_id)
WHERE u.email = $1 AND u.disabled_at IS NULL
ORDER BY m.account_id LIMIT 1;

-- name: set_password
-- A new hash of a person's password.
UPDATE ops.app_user SET password_hash = $2 WHERE app_user_id = $1;

-- name: set_language
-- The language that a person chose; null: as the browser asks.
UPDATE ops.app_user SET locale = $2 WHERE app_user_id = $1;
