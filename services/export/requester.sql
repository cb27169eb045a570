-- name: find_user
-- The person who asked, and the role that person has in the account now; null: none any more.
SELECT u.name, m.role
  FROM ops.app_user u
  LEFT JOIN ops.membership m ON m.app_user_id = u.app_user_id AND m.account_id = $1 AND u.disabled_at IS NULL
 WHERE u.app_user_id = $2;

-- name: find_token
-- The API token that asked, and its role; null once it is revoked or over.
SELECT t.name, CASE WHEN t.revoked_at IS NULL AND t.expires_at > clock_timestamp() THEN t.role END AS role
  FROM ops.api_token t
 WHERE t.account_id = $1 AND t.api_token_id = $2;
