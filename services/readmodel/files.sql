-- name: list_files
-- The customer's files of a conversation, oldest first, with the source's id of their message.
SELECT f.*, m.message_id
FROM file f
LEFT JOIN message m ON m.account_id = f.account_id AND m.message_key = f.message_key AND m.conv_key = f.conv_key
WHERE f.account_id = $1 AND f.conv_key = $2 AND f.from_customer
ORDER BY f.occurred_at, f.message_key, f.part_index;

-- name: find_file
-- Every file of one conversation, the assistant's too; the caller picks by id.
SELECT f.*
FROM conversation c
JOIN file f ON f.account_id = c.account_id AND f.conv_key = c.conv_key
WHERE c.account_id = $1 AND c.conversation_id = $2
ORDER BY f.occurred_at, f.message_key, f.part_index;
