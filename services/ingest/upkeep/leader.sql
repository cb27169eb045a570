-- One process at a time for each kind of upkeep.

-- name: try_to_lead
-- Held by the session: a leader that dies gives it up with its connection.
SELECT pg_try_advisory_lock(hashtextextended('bitacora.ingest.' || $1, 0));
