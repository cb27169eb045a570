-- What a database is made of, as PostgreSQL itself spells it: rows of (kind, name, definition).
-- Objects that belong to extensions are left out, and so is the migration ledger, which is the runner's own.

-- name: schemas
-- Namespaces that are ours.
SELECT 'schema', nspname::text, coalesce(obj_description(oid, 'pg_namespace'), '')
FROM pg_namespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema';

-- name: extensions
-- Name and home of each; versions follow the server.
SELECT 'extension', extname::text, extnamespace::regnamespace::text FROM pg_extension;

-- name: relations
-- Tables, partitions, views and sequences with their storage options, row security and privileges.
SELECT 'relation', c.oid::regclass::text,
       concat_ws(' | ', c.relkind, c.relpersistence, 'options=' || coalesce(c.reloptions::text, ''),
                 'rls=' || c.relrowsecurity || c.relforcerowsecurity,
                 'bound=' || coalesce(pg_get_expr(c.relpartbound, c.oid), ''),
                 'key=' || coalesce(pg_get_partkeydef(c.oid), ''),
                 'grants=' || coalesce(c.relacl::text, ''),
                 'view=' || CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) ELSE '' END,
                 'comment=' || coalesce(obj_description(c.oid, 'pg_class'), ''))
FROM pg_class c
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
  AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
  AND c.oid <> coalesce(to_regclass('public.schema_migration'), 0)
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e');

-- name: columns
-- Order, type, collation, default, generation and comment of every column.
SELECT 'column', c.oid::regclass::text || '.' || lpad(a.attnum::text, 3, '0') || '.' || a.attname,
       concat_ws(' | ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
                 'identity=' || a.attidentity::text, 'generated=' || a.attgenerated::text,
                 'default=' || coalesce(pg_get_expr(d.adbin, d.adrelid), ''),
                 'collation=' || a.attcollation::regcollation::text, 'storage=' || a.attstorage::text,
                 'compression=' || a.attcompression::text,
                 'comment=' || coalesce(col_description(c.oid, a.attnum), ''))
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
  AND c.oid <> coalesce(to_regclass('public.schema_migration'), 0);

-- name: constraints
-- Keys, checks, references and whether they were validated.
SELECT 'constraint', conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid) || ' valid=' || convalidated
FROM pg_constraint
WHERE conrelid <> 0
  AND connamespace::regnamespace::text !~ '^(pg_|information_schema)'
  AND conrelid <> coalesce(to_regclass('public.schema_migration'), 0);

-- name: indexes
-- Definition, options, whether each is valid, and what it is for.
SELECT 'index', i.indexrelid::regclass::text,
       concat_ws(' ', pg_get_indexdef(i.indexrelid), 'valid=' || i.indisvalid, obj_description(i.indexrelid, 'pg_class'))
FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
  AND c.oid <> coalesce(to_regclass('public.schema_migration'), 0);

-- name: functions
-- Bodies and attributes of functions and procedures, with their privileges.
SELECT 'function', p.oid::regprocedure::text,
       CASE WHEN p.prokind = 'a' THEN 'aggregate' ELSE pg_get_functiondef(p.oid) END
           || ' grants=' || coalesce(p.proacl::text, '')
FROM pg_proc p
WHERE p.pronamespace::regnamespace::text !~ '^(pg_|information_schema)'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e');

-- name: triggers
-- Those of ours; the ones behind foreign keys come with the constraint.
SELECT 'trigger', tgrelid::regclass::text || '.' || tgname, pg_get_triggerdef(oid) || ' enabled=' || tgenabled::text
FROM pg_trigger
WHERE NOT tgisinternal;

-- name: policies
-- Row-level security.
SELECT 'policy', schemaname || '.' || tablename || '.' || policyname,
       concat_ws(' | ', permissive, roles::text, cmd, qual, with_check)
FROM pg_policies;

-- name: types
-- Enumerations with their values in order, and domains.
SELECT 'type', t.oid::regtype::text,
       t.typtype::text || coalesce((SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)
                                    FROM pg_enum e WHERE e.enumtypid = t.oid), '')
           || CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) ELSE '' END
FROM pg_type t
WHERE t.typtype IN ('e', 'd')
  AND t.typnamespace::regnamespace::text !~ '^(pg_|information_schema)';

-- name: text_search
-- Configurations with the dictionaries that each kind of token goes through.
SELECT 'text search', c.oid::regconfig::text || '.' || m.maptokentype || '.' || m.mapseqno, m.mapdict::regdictionary::text
FROM pg_ts_config c
JOIN pg_ts_config_map m ON m.mapcfg = c.oid
WHERE c.cfgnamespace::regnamespace::text !~ '^(pg_|information_schema)';

-- name: statistics
-- Extended statistics.
SELECT 'statistics', stxname::text, pg_get_statisticsobjdef(oid) FROM pg_statistic_ext;

-- name: seeded_rows
-- Rows that migrations put into a table; counted, since none of our tables is expected to start full.
SELECT 'rows', c.oid::regclass::text,
       (xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM ' || c.oid::regclass, false, true, '')))[1]::text
FROM pg_class c
WHERE c.relkind = 'r'
  AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
  AND c.oid <> coalesce(to_regclass('public.schema_migration'), 0);
