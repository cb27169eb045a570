-- name: list_windows
-- Every window that any connection ever had: a handful, and a rebuild needs the old ones.
SELECT account_id, connection_id, since, seconds FROM ops.prelude_window ORDER BY account_id, connection_id, since;
