-- name: has_contact
-- Whether a contact fits; decides if a phone search falls back to the number's end. All hits are taken from the
-- index first: looking for only one, the planner would rather read the table.
-- template
WITH found AS MATERIALIZED (SELECT 1 FROM contact ct WHERE {where})
SELECT EXISTS (SELECT 1 FROM found);

-- name: has_conversation
-- Whether a pasted id is a conversation of the account.
SELECT EXISTS (SELECT 1 FROM conversation WHERE account_id = $1 AND conversation_id = $2);
