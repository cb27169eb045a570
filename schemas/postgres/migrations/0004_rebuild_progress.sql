-- How far `bitacora rebuild` has folded the log into schema `rebuild`, moved in the transaction of the rows it accounts for,
-- so that a rebuild that was killed goes on where it was. Empty while none is under way.
CREATE TABLE log.rebuild_progress (
    stream_id   smallint PRIMARY KEY,
    topic_id    uuid,                        -- the incarnation at the start: another one calls for a new start
    next_offset bigint NOT NULL DEFAULT 0,
    events      bigint NOT NULL DEFAULT 0    -- how many were read so far
) WITH (fillfactor = 50);
