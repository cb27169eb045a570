-- Monthly partitions, made ahead of the events that fall into them.

-- name: set_lock_timeout
-- A partition waits for a moment without writers; better to try again later than to make every writer queue behind it.
-- The default partition is looked through under that lock, so a large one (ids of other making) is given up as well.
SELECT set_config('lock_timeout', '2s', true), set_config('statement_timeout', '5s', true);

-- name: find_partitions
-- What a partitioned table has already, in the schema that it lives in.
SELECT child.relname FROM pg_inherits
JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = $1::text::regclass;

-- name: create_partition
-- template
-- Parent, name and bounds are made of our own constants and of months.
CREATE TABLE {name} PARTITION OF {parent} FOR VALUES FROM ({lower}) TO ({upper}) WITH (fillfactor = {fillfactor});
