-- name: facets
-- Values with counts of what the filter leaves, from one pass over the newest matches.
-- template
WITH matching AS MATERIALIZED (
    SELECT {columns}
    FROM conversation c WHERE {where}
    ORDER BY c.conv_key DESC LIMIT {limit}
), counted AS (
{counted}
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY facet ORDER BY count DESC, value) AS place FROM counted
)
SELECT facet, value, name, count FROM ranked WHERE place <= {most} ORDER BY facet, place;

-- name: count_of_values
-- One facet: how many of the matches have each value of a field.
-- template
    SELECT '{facet}' AS facet, {value} AS value, {named} AS name, count(*) AS count
      FROM matching{present} GROUP BY {column};

-- name: count_of_listed
-- One facet: how many of the matches have each id in their list.
-- template
    SELECT '{facet}' AS facet, spoke->>'id' AS value, max(spoke->>'name') AS name, count(*) AS count
      FROM matching CROSS JOIN LATERAL jsonb_array_elements({column}) AS spoke
      WHERE spoke->>'id' IS NOT NULL GROUP BY spoke->>'id';

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
