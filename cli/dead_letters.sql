-- Refused records, for the people who look after them.

-- name: find_dead_letters
-- Newest first; a reason or a state of '' means any. The value stays out: it may hold what a customer wrote.
SELECT dead_letter_id AS id, c.topic, c.partition,
       d.position - CASE WHEN d.topic_id = c.topic_id THEN c.first_position ELSE 0 END AS offset,
       d.reason, d.detail, d.record_key,
       d.first_seen, d.state, d.attempts
FROM log.dead_letter d JOIN log.checkpoint c USING (stream_id)
WHERE ($1 = '' OR d.reason = $1) AND ($2 = '' OR d.state = $2)
ORDER BY dead_letter_id DESC LIMIT $3;

-- name: read_dead_letters
-- Whole, by number, oldest first: in the order in which they would be sent again.
SELECT dead_letter_id AS id, c.topic, c.partition,
       d.position - CASE WHEN d.topic_id = c.topic_id THEN c.first_position ELSE 0 END AS offset,
       d.reason, d.detail, d.record_key,
       d.record_value, d.headers, d.first_seen, d.state, d.attempts
FROM log.dead_letter d JOIN log.checkpoint c USING (stream_id)
WHERE dead_letter_id = ANY ($1::bigint[]) ORDER BY dead_letter_id;

-- name: open_ids
-- Those that nobody has decided about; a reason of '' means any.
SELECT dead_letter_id FROM log.dead_letter
WHERE state = 'open' AND ($1 = '' OR reason = $1) ORDER BY dead_letter_id LIMIT $2;

-- name: resolve
-- Only open ones: two people who decide at once do not undo each other.
UPDATE log.dead_letter SET state = $2, resolved_at = now(), attempts = attempts + ($2 = 'redriven')::integer
WHERE dead_letter_id = ANY ($1::bigint[]) AND state = 'open' RETURNING dead_letter_id;

-- name: audit
-- Decisions about the log concern the installation and no account of it, hence account 0.
INSERT INTO ops.audit_entry (account_id, actor, role, operation, action, object_kind, object_id, detail)
VALUES (0, $1, 'admin', 'modify', $2, $3, $4, $5::text::jsonb);
