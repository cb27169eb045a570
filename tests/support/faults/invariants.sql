-- What must never be in the database, whatever happened: each statement counts its cases.

-- name: threads_with_two_open_conversations
SELECT count(*) FROM (
    SELECT 1 FROM projection.conversation WHERE status = 1 GROUP BY account_id, thread_key HAVING count(*) > 1
) AS doubled;

-- name: threads_that_point_at_no_open_conversation
-- The pointer and the open conversation are two sides of one fact.
SELECT count(*) FROM projection.thread t
FULL JOIN (SELECT account_id, thread_key, conv_key FROM projection.conversation WHERE status = 1) c
    USING (account_id, thread_key)
WHERE t.open_conv_key IS DISTINCT FROM c.conv_key;

-- name: messages_of_no_conversation
SELECT count(*) FROM projection.message m
WHERE NOT EXISTS (
    SELECT 1 FROM projection.conversation c WHERE (c.account_id, c.conv_key) = (m.account_id, m.conv_key)
);

-- name: messages_in_two_places
SELECT count(*) FROM (
    SELECT 1 FROM projection.message GROUP BY account_id, message_key HAVING count(*) > 1
) AS doubled;

-- name: messages_that_stand_elsewhere_than_their_place_says
-- A message is in exactly the conversation that its place names, or in none.
SELECT count(*) FROM (SELECT * FROM projection.message_place WHERE conv_key IS NOT NULL) p
FULL JOIN projection.message m USING (account_id, message_key)
WHERE (p.conv_key, p.sort_at) IS DISTINCT FROM (m.conv_key, m.sort_at);

-- name: waiting_messages_without_a_place
SELECT count(*) FROM projection.waiting_message l
FULL JOIN (SELECT * FROM projection.message_place WHERE waiting) p USING (account_id, message_key)
WHERE l.message_key IS NULL OR p.message_key IS NULL;

-- name: totals_that_differ_from_their_messages
SELECT count(*) FROM projection.conversation c
LEFT JOIN (
    SELECT account_id, conv_key,
        count(*) FILTER (WHERE template IS NOT NULL) AS templates,
        count(*) FILTER (WHERE template IS NULL AND sender_kind = 'customer') AS customers,
        count(*) FILTER (WHERE template IS NULL AND sender_kind = 'human') AS humans,
        count(*) FILTER (WHERE template IS NULL AND sender_kind NOT IN ('customer', 'human', 'system')) AS assistants
    FROM projection.message WHERE direction <> 3 GROUP BY account_id, conv_key
) m USING (account_id, conv_key)
WHERE (c.template_count, c.customer_count, c.human_count, c.assistant_count)
    <> (coalesce(m.templates, 0), coalesce(m.customers, 0), coalesce(m.humans, 0), coalesce(m.assistants, 0));

-- name: durations_that_differ_from_their_messages
SELECT count(*) FROM projection.conversation c
LEFT JOIN (
    SELECT account_id, conv_key, min(occurred_at) AS first, max(occurred_at) AS last
    FROM projection.message WHERE direction <> 3 AND kind = 1 GROUP BY account_id, conv_key
) m USING (account_id, conv_key)
WHERE (c.first_message_at, c.last_message_at) IS DISTINCT FROM (m.first, m.last);

-- name: places_logged_twice
SELECT count(*) FROM (
    SELECT 1 FROM log.event_log GROUP BY stream_id, position HAVING count(*) > 1
) AS doubled;

-- name: places_logged_and_refused
SELECT count(*) FROM log.event_log JOIN log.dead_letter USING (stream_id, position);

-- name: places_beyond_their_checkpoint
-- Rows and checkpoint move in one transaction.
SELECT count(*) FROM log.checkpoint c
JOIN (
    SELECT stream_id, position FROM log.event_log UNION ALL SELECT stream_id, position FROM log.dead_letter
) r USING (stream_id)
WHERE r.position >= c.first_position + c.next_offset;

-- name: partitions_halted
SELECT count(*) FROM log.checkpoint WHERE halted_at IS NOT NULL;
