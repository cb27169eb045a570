-- Partitions that wait for a decision.

-- name: find_halt
-- What is lost, and since when.
SELECT halted_reason, halted_from, halted_to, next_offset FROM log.checkpoint
WHERE topic = $1 AND partition = $2 AND halted_at IS NOT NULL;

-- name: accept_gap
-- Go on behind what is lost: after a gap at the first record that Kafka still has, after a truncation at the log's end.
-- Offsets behind a truncation come a second time, their positions must not.
UPDATE log.checkpoint
SET next_offset = CASE halted_reason WHEN 'gap' THEN halted_to ELSE halted_from END,
    first_position = first_position + CASE halted_reason WHEN 'gap' THEN 0 ELSE next_offset - halted_from END,
    halted_reason = NULL, halted_from = NULL, halted_to = NULL, halted_at = NULL, updated_at = now()
WHERE topic = $1 AND partition = $2 AND halted_reason IN ('gap', 'truncated')
RETURNING next_offset;

-- name: accept_incarnation
-- The topic was made anew: read it from its start, and log it behind its predecessor. What we have of it already is known
-- by its event ids.
UPDATE log.checkpoint
SET next_offset = $3, topic_id = $4, first_position = first_position + next_offset,
    halted_reason = NULL, halted_from = NULL, halted_to = NULL, halted_at = NULL, updated_at = now()
WHERE topic = $1 AND partition = $2 AND halted_reason = 'incarnation'
RETURNING next_offset;
