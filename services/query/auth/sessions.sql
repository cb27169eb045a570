-- name: add_session
-- A new session; only the cookie's hash is kept.
INSERT INTO ops.session (session_hash, app_user_id, account_id, csrf_token, created_at, last_seen_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $5, $6);

-- name: find_session
-- A live session with its person, provided that person is still a member of the account.
SELECT s.app_user_id, s.account_id, s.csrf_token, s.last_seen_at, m.role, u.name, u.email, u.locale,
       coalesce(u.timezone, a.timezone) AS timezone, a.slug
FROM ops.session s
JOIN ops.app_user u USING (app_user_id)
JOIN ops.membership m USING (app_user_id, account_id)
JOIN ops.account a USING (account_id)
WHERE s.session_hash = $1 AND s.expires_at > $2 AND s.last_seen_at > $3 AND u.disabled_at IS NULL;

-- name: touch_session
-- The session was used.
UPDATE ops.session SET last_seen_at = greatest(last_seen_at, $2) WHERE session_hash = $1;

-- name: drop_session
-- Ends a session.
DELETE FROM ops.session WHERE session_hash = $1;

-- name: drop_finished
-- Clears sessions that are over by age ($1) or by idleness ($2).
DELETE FROM ops.session WHERE expires_at <= $1 OR last_seen_at <= $2;
