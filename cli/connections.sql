-- Connections as they are configured.

-- name: find_account
-- The number of an account; no row when there is none of this name.
SELECT account_id FROM ops.account WHERE slug = $1;

-- name: set_connection
-- What is null stays as it was; -1 for a number takes a connection's own setting away.
INSERT INTO ops.connection AS c
       (account_id, connection_id, kind, chatbot_id, environment, idle_timeout_seconds, prelude_window_seconds)
VALUES ($1, $2, coalesce($3, 'canonical'), $4, $5, nullif($6::integer, -1), nullif($7::integer, -1))
ON CONFLICT (account_id, connection_id) DO UPDATE
   SET kind = coalesce($3, c.kind), chatbot_id = coalesce($4, c.chatbot_id), environment = coalesce($5, c.environment),
       idle_timeout_seconds = CASE WHEN $6 IS NULL THEN c.idle_timeout_seconds ELSE nullif($6, -1) END,
       prelude_window_seconds = CASE WHEN $7 IS NULL THEN c.prelude_window_seconds ELSE nullif($7, -1) END
RETURNING connection_id, kind, chatbot_id, environment, idle_timeout_seconds, prelude_window_seconds;

-- name: list_connections
-- Those of an account by name; connections that nobody configured have no row.
SELECT connection_id, kind, chatbot_id, environment, idle_timeout_seconds, prelude_window_seconds
FROM ops.connection WHERE account_id = $1 ORDER BY connection_id;

-- name: audit
-- In the transaction of the change.
INSERT INTO ops.audit_entry (account_id, actor, role, operation, action, object_kind, object_id, detail)
VALUES ($1, $2, 'admin', 'modify', 'connection.set', 'connection', $3, $4);
