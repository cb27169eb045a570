-- What retention took away (docs/decisions/0014): a rebuild refuses to fold a log whose head is gone without being told so.
CREATE TABLE log.dropped_month (
    dropped_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent     text NOT NULL CHECK (parent IN ('log.event_log', 'message')),
    partition  text NOT NULL,                -- its name; the default partition loses rows, not itself
    before     timestamptz NOT NULL,         -- everything up to here was taken
    rows       bigint NOT NULL,              -- of the default partition exactly, else as the planner knew it
    bytes      bigint NOT NULL,
    dropped_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON INDEX log.dropped_month_pkey IS 'in the order of dropping';
