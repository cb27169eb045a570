-- Whose events are accepted.

-- name: find_accounts
-- All of them: there are few, and a batch of two thousand events would otherwise ask two thousand times.
SELECT slug, account_id FROM ops.account;
