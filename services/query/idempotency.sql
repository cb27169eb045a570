-- name: lock_key
-- Makes requests with the same key wait for each other until the end of the transaction.
SELECT pg_advisory_xact_lock(hashtextextended($1, 0));

-- name: find_answer
-- The answer given before.
SELECT request_hash, status, response FROM ops.idempotency_key
WHERE account_id = $1 AND actor = $2 AND key = $3;

-- name: store_answer
-- Keeps an answer for repeats of its request.
INSERT INTO ops.idempotency_key (account_id, actor, key, request_hash, status, response)
VALUES ($1, $2, $3, $4, $5, $6);
