-- name: find_id_of_term
-- The id under which a person already keeps a term. Account, person, term. An old one is left to run out: terms are
-- deleted after 30 days, and an address handed out today should work for a while.
SELECT search_term_id FROM ops.search_term
 WHERE account_id = $1 AND app_user_id = $2 AND term = $3 AND created_at > now() - interval '15 days'
 ORDER BY created_at DESC LIMIT 1;

-- name: add_term
-- Keeps a term. Account, id, person, term.
INSERT INTO ops.search_term (account_id, search_term_id, app_user_id, term) VALUES ($1, $2, $3, $4);

-- name: find_term
-- The term of an id. Account, id.
SELECT term FROM ops.search_term WHERE account_id = $1 AND search_term_id = $2;
