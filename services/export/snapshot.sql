-- name: snapshot_time
-- When the transaction's snapshot was taken, by the database's clock.
SELECT now();
