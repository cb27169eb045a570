-- How far each partition of Kafka is applied.

-- name: find_checkpoints
-- Read without a lock, to know where to start reading.
SELECT topic, partition, stream_id, topic_id, next_offset, halted_at IS NOT NULL AS halted, first_position
FROM log.checkpoint
JOIN unnest($1::text[], $2::integer[]) AS wanted (topic, partition) USING (topic, partition);

-- name: lock_checkpoints
-- Held to the end of the batch: whoever waits here finds the row moved and skips what was applied meanwhile. Always in
-- the same order, so two workers that hold a partition each can never wait for each other.
SELECT topic, partition, stream_id, topic_id, next_offset, halted_at IS NOT NULL AS halted, first_position
FROM log.checkpoint
JOIN unnest($1::text[], $2::integer[]) AS wanted (topic, partition) USING (topic, partition)
ORDER BY stream_id
FOR UPDATE OF checkpoint;

-- name: create_checkpoint
-- The first sight of a partition; another worker may have been first.
INSERT INTO log.checkpoint (topic, partition, topic_id, next_offset) VALUES ($1, $2, $3, $4)
ON CONFLICT (topic, partition) DO NOTHING;

-- name: adopt_topic_id
-- A row made by hand or by a restore may not know its topic's id.
UPDATE log.checkpoint SET topic_id = $3 WHERE topic = $1 AND partition = $2 AND topic_id IS NULL;

-- name: move_checkpoints
-- In the transaction of the rows they account for; by position.
UPDATE log.checkpoint SET next_offset = moved.next_position - first_position, updated_at = now()
FROM unnest($1::smallint[], $2::bigint[]) AS moved (stream_id, next_position)
WHERE checkpoint.stream_id = moved.stream_id;

-- name: halt_checkpoint
-- Only while the row is as it was when the halt was decided: another worker may have gone on meanwhile, and then the decision was wrong.
UPDATE log.checkpoint
SET halted_reason = $4, halted_from = $5, halted_to = $6, halted_at = now(), updated_at = now()
WHERE topic = $1 AND partition = $2 AND next_offset = $3 AND halted_at IS NULL;

-- name: find_refused_lately
-- The breaker's memory: which of the last offsets before the checkpoint were refused, so that a restart does not let it
-- begin to count anew.
SELECT d.position - c.first_position AS refused_offset FROM log.dead_letter d
JOIN log.checkpoint c USING (stream_id)
WHERE c.topic = $1 AND c.partition = $2
  AND d.position >= c.first_position + greatest(c.next_offset - $3, 0)
  AND d.position < c.first_position + c.next_offset;
