-- name: facets
-- Values with counts of what the filter leaves, from one pass over the newest matches.
-- template
WITH matching AS MATERIALIZED (
    SELECT c.chatbot_id, c.chatbot_name, c.channel, c.environment, c.status, c.end_reason, c.assistants
    FROM conversation c WHERE {where}
    ORDER BY c.conv_key DESC LIMIT {limit}
), counted AS (
    SELECT 'chatbots' AS facet, chatbot_id AS value, max(chatbot_name) AS name, count(*) AS count
      FROM matching WHERE chatbot_id IS NOT NULL GROUP BY chatbot_id
    UNION ALL
    SELECT 'channels', channel, NULL, count(*) FROM matching GROUP BY channel
    UNION ALL
    SELECT 'environments', CASE environment WHEN 1 THEN 'production' ELSE 'testing' END, NULL, count(*)
      FROM matching GROUP BY environment
    UNION ALL
    SELECT 'statuses', CASE status WHEN 1 THEN 'open' ELSE 'ended' END, NULL, count(*)
      FROM matching GROUP BY status
    UNION ALL
    SELECT 'end_reasons', end_reason, NULL, count(*) FROM matching WHERE end_reason IS NOT NULL GROUP BY end_reason
    UNION ALL
    SELECT 'assistants', spoke->>'id', max(spoke->>'name'), count(*)
      FROM matching CROSS JOIN LATERAL jsonb_array_elements(assistants) AS spoke
      WHERE spoke->>'id' IS NOT NULL GROUP BY spoke->>'id'
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY facet ORDER BY count DESC, value) AS place FROM counted
)
SELECT facet, value, name, count FROM ranked WHERE place <= {most} ORDER BY facet, place;

-- name: bounds
-- The first and last start of what the filter leaves: the range of a histogram without a period.
-- template
SELECT (SELECT c.started_at FROM conversation c WHERE {where} ORDER BY c.conv_key LIMIT 1) AS first,
       (SELECT c.started_at FROM conversation c WHERE {where} ORDER BY c.conv_key DESC LIMIT 1) AS last;

-- name: histogram
-- Conversations by bucket, given the buckets' edges as keys; from the covering index where the filter allows.
-- template
SELECT width_bucket(c.conv_key, {edges}::bigint[]) AS place, count(*) AS count
FROM conversation c WHERE {where} AND c.conv_key >= {first}::bigint AND c.conv_key < {last}::bigint
GROUP BY place;
