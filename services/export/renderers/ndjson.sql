-- name: lines
-- template
-- What the filter finds, newest start first, each conversation as one object: `names` are the keys of its `cells`, in the
-- order of the places. The fence (OFFSET 0) is that of csv.sql, so that the same rows are read in the same way.
SELECT (SELECT row_to_json(line) FROM (SELECT {cells}) AS line ({names}))
  FROM (
SELECT c.conv_key, {columns}
  FROM conversation c
  LEFT JOIN contact ct ON ct.account_id = c.account_id AND ct.contact_id = c.contact_id
 WHERE {where} OFFSET 0) AS r
 ORDER BY r.conv_key DESC;
