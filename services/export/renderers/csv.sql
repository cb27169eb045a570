-- name: rows
-- template
-- What the filter finds, newest start first: the order is the column's, not its text's. `columns` are the fields' own
-- values, `cells` are those values as the profile writes them.
-- The values are computed inside a fence (OFFSET 0): outside it the guard is applied to plain columns, so that the planner
-- writes it out in place instead of calling it eight times a row, which took three quarters of the time.
SELECT {cells}
  FROM (
SELECT c.conv_key, {columns}
  FROM conversation c
  LEFT JOIN contact ct ON ct.account_id = c.account_id AND ct.contact_id = c.contact_id
 WHERE {where} OFFSET 0) AS r
 ORDER BY r.conv_key DESC;
