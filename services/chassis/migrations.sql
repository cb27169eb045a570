-- The migration runner's own bookkeeping. In `public`, because it must exist before the first migration makes a schema.

-- name: create_ledger
-- Made by the runner itself at its first run.
CREATE TABLE IF NOT EXISTS public.schema_migration (
    version    integer     PRIMARY KEY CHECK (version > 0),
    name       text        NOT NULL,
    sha256     text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: ledger_exists
-- A database that was never migrated has no ledger, which is a state and not an error.
SELECT to_regclass('public.schema_migration') IS NOT NULL;

-- name: find_applied
-- What this database has been through, in order.
SELECT version, name, sha256 FROM public.schema_migration ORDER BY version;

-- name: record_applied
-- Written in the transaction of the migration itself, so that neither exists without the other.
INSERT INTO public.schema_migration (version, name, sha256) VALUES ($1, $2, $3);

-- name: try_lock
-- One runner at a time; the caller asks again until its own deadline instead of waiting in the server for ever.
SELECT pg_try_advisory_lock($1);

-- name: unlock
-- Given back before the connection closes, so that the next runner need not wait for the server to notice.
SELECT pg_advisory_unlock($1);

-- name: set_lock_timeout
-- A migration that cannot get its lock soon gives way, or every statement behind it queues up too.
SELECT set_config('lock_timeout', $1, false);
