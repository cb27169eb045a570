-- name: page_by_start
-- Newest start first. The limit stands inside, the joins outside: only one page of rows is ever joined.
-- template
WITH c AS MATERIALIZED (
    SELECT c.* FROM conversation c
    WHERE {where}
    ORDER BY c.conv_key DESC
    LIMIT {limit}
)
SELECT c.*, {contact}
FROM c LEFT JOIN contact ct ON ct.account_id = c.account_id AND ct.contact_id = c.contact_id
ORDER BY c.conv_key DESC;

-- name: page_by_activity
-- Latest public message first; the narrow activity rows are walked in the order of their index.
-- template
WITH c AS MATERIALIZED (
    SELECT c.*, v.last_activity_at AS sorted_at
    FROM conversation_activity v JOIN conversation c USING (account_id, conv_key)
    WHERE v.account_id = $1 AND {where}
    ORDER BY v.last_activity_at DESC, v.conv_key DESC
    LIMIT {limit}
)
SELECT c.*, {contact}
FROM c LEFT JOIN contact ct ON ct.account_id = c.account_id AND ct.contact_id = c.contact_id
ORDER BY c.sorted_at DESC, c.conv_key DESC;

-- name: contact_columns
-- What a list row says of its contact.
-- template
ct.name AS contact_name, ct.email AS contact_email, ct.phone AS contact_phone, ct.company_id AS contact_company_id,
(SELECT jsonb_agg(jsonb_build_object('kind', i.kind, 'value', i.value) ORDER BY i.identifier)
   FROM contact_identifier i
  WHERE i.account_id = c.account_id AND i.contact_id = c.contact_id) AS contact_ids;

-- name: count_matching
-- Counts up to the cap plus one, so that the cap can be told from an exact hit.
-- template
SELECT count(*) FROM (SELECT 1 FROM conversation c WHERE {where} LIMIT {limit}) AS matching;

-- name: find_conversation
-- One conversation with its contact in full.
SELECT c.*, ct.name AS contact_name, ct.email AS contact_email, ct.phone AS contact_phone,
       ct.company_id AS contact_company_id, ct.address AS contact_address, ct.tax_id AS contact_tax_id,
       ct.locale AS contact_locale, ct.attributes AS contact_attributes,
       (SELECT jsonb_agg(jsonb_build_object('kind', i.kind, 'value', i.value) ORDER BY i.identifier)
          FROM contact_identifier i
         WHERE i.account_id = c.account_id AND i.contact_id = c.contact_id) AS contact_ids
FROM conversation c LEFT JOIN contact ct ON ct.account_id = c.account_id AND ct.contact_id = c.contact_id
WHERE c.account_id = $1 AND c.conversation_id = $2;

-- name: find_key
-- The sort key of a conversation: what messages, files and transfers are looked up by.
SELECT conv_key FROM conversation WHERE account_id = $1 AND conversation_id = $2;

-- name: list_evaluations
-- The surveys of a conversation, oldest first.
SELECT evaluation_id, metric, question, scale, score, valid, raw_answer, comment, asked_at, answered_at
FROM evaluation
WHERE account_id = $1 AND conv_key = $2
ORDER BY coalesce(asked_at, answered_at), evaluation_id;

-- name: list_transfers
-- The hand-overs of a conversation, oldest first.
SELECT occurred_at, position, event_id, from_kind, from_id, from_name, to_kind, to_id, to_name, reason
FROM transfer
WHERE account_id = $1 AND conv_key = $2
ORDER BY occurred_at, position, event_id;

-- name: list_annotations
-- What stands on a conversation, oldest first; what was taken back does not.
SELECT annotation_id, kind, key, value, message_id, by_kind, by_id, by_name, occurred_at
FROM annotation
WHERE account_id = $1 AND conv_key = $2 AND value IS NOT NULL
ORDER BY occurred_at, event_id;
