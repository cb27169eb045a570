-- name: find_account
-- The number of an account.
SELECT account_id FROM ops.account WHERE slug = $1;

-- name: find_member
-- The first person of an account with a role.
SELECT m.app_user_id FROM ops.membership m JOIN ops.app_user u USING (app_user_id)
WHERE m.account_id = $1 AND m.role = $2 AND u.disabled_at IS NULL
ORDER BY m.app_user_id LIMIT 1;

-- name: add_link_person
-- Somebody who can sign in by link only; the same one every time.
INSERT INTO ops.app_user (email, name) VALUES ($1, $2)
ON CONFLICT (email) DO UPDATE SET disabled_at = NULL
RETURNING app_user_id;

-- name: add_membership
-- A role of a person in an account; a new role replaces the old one.
INSERT INTO ops.membership (account_id, app_user_id, role) VALUES ($1, $2, $3)
ON CONFLICT (account_id, app_user_id) DO UPDATE SET role = excluded.role;

-- name: add_link
-- A link that signs one person in, once.
INSERT INTO ops.sign_in_token (token_hash, purpose, app_user_id, account_id, expires_at)
VALUES ($1, 'link', $2, $3, $4);

-- name: redeem_link
-- Uses a link up; nothing when it cannot be used.
UPDATE ops.sign_in_token t SET used_at = $2
FROM ops.app_user u
WHERE t.token_hash = $1 AND t.purpose = 'link' AND t.used_at IS NULL AND t.expires_at > $2
  AND u.app_user_id = t.app_user_id AND u.disabled_at IS NULL
RETURNING t.app_user_id, t.account_id;

-- name: has_users
-- Whether anybody exists.
SELECT EXISTS (SELECT 1 FROM ops.app_user);

-- name: drop_setup_tokens
-- Only the latest set-up token counts.
DELETE FROM ops.sign_in_token WHERE purpose = 'setup' AND used_at IS NULL;

-- name: add_setup_token
-- A token that makes the first admin.
INSERT INTO ops.sign_in_token (token_hash, purpose, expires_at) VALUES ($1, 'setup', $2);

-- name: has_setup_token
-- Whether a set-up token would be accepted.
SELECT EXISTS (
    SELECT 1 FROM ops.sign_in_token
    WHERE token_hash = $1 AND purpose = 'setup' AND used_at IS NULL AND expires_at > $2
);

-- name: redeem_setup_token
-- Uses the set-up token up, unless somebody exists by now.
UPDATE ops.sign_in_token SET used_at = $2
WHERE token_hash = $1 AND purpose = 'setup' AND used_at IS NULL AND expires_at > $2
  AND NOT EXISTS (SELECT 1 FROM ops.app_user)
RETURNING token_hash;
