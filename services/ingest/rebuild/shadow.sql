-- The second schema, `rebuild`: the tables of `projection` as the catalogue has them now, empty.

-- name: try_lock
-- One rebuild at a time; held by the session, so a rebuild that is killed gives it up.
SELECT pg_try_advisory_lock(hashtextextended('bitacora.rebuild', 0));

-- name: find_fingerprint
-- What the schema under way was made by; null when there is none.
SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'rebuild';

-- name: count_migrations
-- A table's shape may have changed since a rebuild began.
SELECT count(*) FROM public.schema_migration;

-- name: drop_shadow
-- All of it, whether or not it is there.
DROP SCHEMA IF EXISTS rebuild CASCADE;

-- name: clear_progress
-- Belongs to the schema that was dropped or has become the live one.
DELETE FROM log.rebuild_progress;

-- name: create_shadow
-- Its tables follow.
CREATE SCHEMA rebuild;

-- name: describe_shadow
-- The statements that make the tables with their keys, indexes and grants, under the names that the live ones have: after
-- the swap nobody can tell the two apart.
WITH live AS (
    SELECT c.oid, c.relname, c.relkind, c.reloptions, c.relacl, c.relowner
      FROM pg_class c
     WHERE c.relnamespace = 'projection'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
)
SELECT statement FROM (
    SELECT 1 AS step, relname AS name,
           format('CREATE TABLE rebuild.%1$I (LIKE projection.%1$I INCLUDING ALL EXCLUDING INDEXES)%2$s%3$s', relname,
                  CASE relkind WHEN 'p' THEN ' PARTITION BY ' || pg_get_partkeydef(oid) END,
                  ' WITH (' || array_to_string(reloptions, ', ') || ')') AS statement
      FROM live
    UNION ALL
    SELECT 2, conname,
           format('ALTER TABLE rebuild.%I ADD CONSTRAINT %I %s', relname, conname, pg_get_constraintdef(c.oid))
      FROM live JOIN pg_constraint c ON c.conrelid = live.oid AND c.contype IN ('p', 'u')
    UNION ALL
    SELECT 3, i.indexrelid::regclass::text,
           regexp_replace(pg_get_indexdef(i.indexrelid), ' ON (ONLY )?projection\.', ' ON rebuild.')
      FROM live JOIN pg_index i ON i.indrelid = live.oid
     WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
    UNION ALL
    SELECT 4, relname, format('GRANT %s ON rebuild.%I TO %s', acl.privilege_type, relname,
                              CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END)
      FROM live, aclexplode(live.relacl) acl
     WHERE acl.grantee <> live.relowner
    UNION ALL
    SELECT 5, '', format('GRANT %s ON SCHEMA rebuild TO %s', acl.privilege_type,
                         CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END)
      FROM pg_namespace n, aclexplode(n.nspacl) acl
     WHERE n.nspname = 'projection' AND acl.grantee <> n.nspowner
    UNION ALL
    SELECT 6, index.relname, format('COMMENT ON INDEX rebuild.%I IS %L', index.relname, described)
      FROM live JOIN pg_index i ON i.indrelid = live.oid JOIN pg_class index ON index.oid = i.indexrelid
           CROSS JOIN obj_description(i.indexrelid, 'pg_class') AS described
     WHERE described IS NOT NULL
) AS steps
ORDER BY step, name;

-- name: describe_partitions
-- The statements for the partitions that the live tables have and those of the rebuild lack; months go on while it runs.
SELECT format('CREATE TABLE rebuild.%I PARTITION OF rebuild.%I %s%s', c.relname, parent.relname,
              pg_get_expr(c.relpartbound, c.oid), ' WITH (' || array_to_string(c.reloptions, ', ') || ')') AS statement
  FROM pg_class c
  JOIN pg_inherits i ON i.inhrelid = c.oid
  JOIN pg_class parent ON parent.oid = i.inhparent
 WHERE c.relnamespace = 'projection'::regnamespace AND c.relkind = 'r'
   AND NOT EXISTS (SELECT FROM pg_class made JOIN pg_namespace n ON n.oid = made.relnamespace
                    WHERE n.nspname = 'rebuild' AND made.relname = c.relname)
 ORDER BY c.relname;

-- name: mark_shadow
-- template
-- COMMENT takes no parameters; the text is made of numbers of ours.
COMMENT ON SCHEMA rebuild IS '{fingerprint}';

-- name: find_tables
-- The projection tables by name, partitions left out.
SELECT relname FROM pg_class
WHERE relnamespace = 'projection'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
ORDER BY relname;

-- name: vacuum_table
-- template
-- Plans and index-only scans are to be as good right after the swap as they were before.
VACUUM (ANALYZE) rebuild.{table};
