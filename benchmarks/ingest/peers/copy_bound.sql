-- What a finished run left, to be copied again into tables of the same making.

-- name: find_tables
-- Every table that a run has filled, by its root; checkpoints and accounts are not rows of events.
SELECT space.nspname AS schema_name, class.relname AS table_name,
       (SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns
FROM pg_class class JOIN pg_namespace space ON space.oid = class.relnamespace
WHERE space.nspname IN ('log', 'projection', 'search') AND class.relkind IN ('r', 'p') AND NOT class.relispartition
  AND (space.nspname, class.relname) <> ('log', 'checkpoint')
ORDER BY 1, 2;

-- name: read_table
-- template
-- In the order in which the rows lie, which is about the order in which they came.
SELECT {columns} FROM {schema_name}.{table_name};
