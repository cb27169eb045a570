-- The first shape of the database. Four schemas:
--   log         what Kafka gave us and how far we are (the source of truth)
--   projection  conversations as folded from the log; can be rebuilt from it at any time
--   search      what is derived behind the projections for text search
--   ops         accounts, people, tokens, export jobs, audit: not derived from events
-- Every key starts with account_id. Projection tables are named without their schema in statements, so that a
-- rebuild can point the same statements at a fresh schema by search_path.

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;

CREATE SCHEMA log;
CREATE SCHEMA projection;
CREATE SCHEMA search;
CREATE SCHEMA ops;

-- Lower case without accents. The dictionary is named with its schema, so the result does not depend on search_path.
CREATE FUNCTION public.fold(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, $1)) $$;

------------------------------------------------------------------------------------------------------------------
-- ops, part 1: who we work for
------------------------------------------------------------------------------------------------------------------

-- The tenant. `slug` is the wire's accountid; every other table uses the integer.
CREATE TABLE ops.account (
    account_id  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug        text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9-]{1,64}$'),
    name        text NOT NULL,
    timezone    text NOT NULL DEFAULT 'America/Sao_Paulo',   -- IANA; the default zone of pages and files
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- One source of events of an account. Rows are made when a connection is first configured; events of an
-- unconfigured connection are accepted with the defaults.
CREATE TABLE ops.connection (
    account_id           integer NOT NULL REFERENCES ops.account,
    connection_id        text NOT NULL CHECK (connection_id ~ '^[a-z0-9-]{1,64}$'),
    kind                 text NOT NULL DEFAULT 'canonical',
    chatbot_id           text,
    environment          smallint CHECK (environment IN (1, 2)),
    idle_timeout_seconds integer CHECK (idle_timeout_seconds >= 0),     -- 0: never; null: the installation's default
    prelude_window_seconds integer CHECK (prelude_window_seconds >= 0), -- null: the installation's default
    created_at           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, connection_id)
);

------------------------------------------------------------------------------------------------------------------
-- log: what happened, and how far we are
------------------------------------------------------------------------------------------------------------------

-- One row a Kafka partition, moved in the same transaction as the rows it accounts for.
CREATE TABLE log.checkpoint (
    stream_id    smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic        text NOT NULL,
    partition    integer NOT NULL,
    topic_id     uuid,                     -- Kafka's id of the topic's incarnation; null until first seen
    next_offset  bigint NOT NULL DEFAULT 0 CHECK (next_offset >= 0),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    -- A halted partition is read by nobody until an operator accepts what was lost.
    halted_reason text CHECK (halted_reason IN ('gap', 'incarnation', 'truncated')),
    halted_from   bigint,
    halted_to     bigint,
    halted_at     timestamptz,
    UNIQUE (topic, partition),
    CHECK ((halted_reason IS NULL) = (halted_at IS NULL))
) WITH (fillfactor = 50);

-- Every accepted event, as it came. Event ids of ours are ordered by time (48 bits of milliseconds first), so a range
-- of ids is a month, the unique key is global in spite of the partitions, and inserts stay local in its index.
-- Ids of other making fall into the default partition.
CREATE TABLE log.event_log (
    account_id    integer NOT NULL,
    event_id      uuid NOT NULL,
    stream_id     smallint NOT NULL,
    stream_offset bigint NOT NULL,
    appended_at   timestamptz NOT NULL,    -- Kafka's append time
    type          text NOT NULL,
    payload       text NOT NULL,           -- the whole CloudEvent as received
    PRIMARY KEY (account_id, event_id)
) PARTITION BY RANGE (event_id);
-- Replay reads in log order.
CREATE INDEX event_log_order ON log.event_log (stream_id, stream_offset);
CREATE TABLE log.event_log_default PARTITION OF log.event_log DEFAULT;

-- Records refused with a reason. A record may be refused again after its topic was made anew, hence topic_id.
CREATE TABLE log.dead_letter (
    dead_letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream_id     smallint NOT NULL,
    topic_id      uuid,
    stream_offset bigint NOT NULL,
    reason        text NOT NULL,
    detail        text NOT NULL,            -- where and why; never the value itself
    record_key    bytea,
    record_value  bytea,
    headers       jsonb NOT NULL DEFAULT '[]',
    appended_at   timestamptz,
    first_seen    timestamptz NOT NULL DEFAULT now(),
    state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'redriven', 'dropped')),
    attempts      integer NOT NULL DEFAULT 0,
    resolved_at   timestamptz,
    UNIQUE NULLS NOT DISTINCT (stream_id, topic_id, stream_offset)
);
CREATE INDEX dead_letter_open ON log.dead_letter (first_seen) WHERE state = 'open';

-- Written with a change, published to Kafka afterwards by a relay, then deleted.
CREATE TABLE log.outbox (
    outbox_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic      text NOT NULL,
    record_key text NOT NULL,
    headers    jsonb NOT NULL DEFAULT '{}',
    payload    text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

------------------------------------------------------------------------------------------------------------------
-- projection: conversations as folded from the log
------------------------------------------------------------------------------------------------------------------

-- One person for an account. contact_id follows from the smallest identifier, so it can change when a smaller one is
-- linked; then threads and conversations are moved in the same transaction.
CREATE TABLE projection.contact (
    account_id integer NOT NULL,
    contact_id uuid NOT NULL,
    name       text,
    email      text,
    phone      text,                         -- E.164
    company_id text,
    tax_id     text,
    birth_date text,
    locale     text,
    timezone   text,
    address    jsonb,
    attributes jsonb NOT NULL DEFAULT '{}',
    versions   jsonb NOT NULL DEFAULT '{}',  -- field -> [time, event id] of its latest value; makes merging commute
    search     text NOT NULL DEFAULT '',     -- folded name, e-mail, phone spellings (digits), company id, identifiers; one a line
    PRIMARY KEY (account_id, contact_id)
) WITH (fillfactor = 80);
-- The contact box: substrings of anything in `search`, inside one account.
CREATE INDEX contact_search ON projection.contact USING gin (account_id, search public.gin_trgm_ops);

-- identifier is "kind:value", for source "source:channel:channel_address:value", for username "username:channel:value".
CREATE TABLE projection.contact_identifier (
    account_id integer NOT NULL,
    identifier text NOT NULL,
    kind       text NOT NULL,
    value      text NOT NULL,
    contact_id uuid NOT NULL,
    PRIMARY KEY (account_id, identifier)
);
CREATE INDEX contact_identifier_contact ON projection.contact_identifier (account_id, contact_id);

-- One contact with one chatbot address on one channel and environment.
CREATE TABLE projection.thread (
    account_id      integer NOT NULL,
    thread_key      text NOT NULL,
    environment     smallint NOT NULL CHECK (environment IN (1, 2)),   -- 1 production, 2 testing
    channel         text NOT NULL,
    channel_address text NOT NULL,
    channel_name    text,
    contact_kind    text NOT NULL,
    contact_value   text NOT NULL,
    contact_id      uuid NOT NULL,
    connection_id   text NOT NULL,
    open_conv_key   bigint,                  -- the open conversation, if any
    last_conv_key   bigint,                  -- the latest opened one (imports left out)
    ended_conv_key  bigint,                  -- the latest ended one, with its end: late messages are judged by it
    ended_at        timestamptz,
    ended_recorded_at timestamptz,
    has_loose       boolean NOT NULL DEFAULT false,  -- some message of it stands in `prelude`
    -- Waiting messages, conversations and statuses are looked up over a contact's threads on the same address.
    PRIMARY KEY (account_id, thread_key)
) WITH (fillfactor = 70);
CREATE INDEX thread_contact ON projection.thread (account_id, contact_id);

-- conv_key = start in ms since 2017-07-14T02:40:00Z << 20 | first 20 bits of conversation_id (+1 on collision): newest-first
-- list, keyset cursor, period filter and month partitions are one btree range.
CREATE TABLE projection.conversation (
    account_id          integer NOT NULL,
    conv_key            bigint NOT NULL,
    conversation_id     uuid NOT NULL,
    thread_key          text NOT NULL,
    contact_id          uuid NOT NULL,
    environment         smallint NOT NULL CHECK (environment IN (1, 2)),
    status              smallint NOT NULL CHECK (status IN (1, 2)),    -- 1 open, 2 ended
    channel             text NOT NULL,
    channel_address     text NOT NULL,
    started_at          timestamptz NOT NULL,
    opened_event_id     uuid NOT NULL,
    opened_offset       bigint NOT NULL,     -- log order decides who opened
    ended_at            timestamptz,
    ended_recorded_at   timestamptz,         -- recordedtime of the end: late messages are judged by it
    end_reason          text,
    end_by_kind         text,
    end_by_id           text,
    end_by_name         text,
    first_message_at    timestamptz,         -- first and last public message, preludes left out: the duration
    last_message_at     timestamptz,
    last_activity_at    timestamptz,         -- last public message of any kind; null without one
    last_message_event_id uuid,              -- the last message event seen, in log order: what an idle time-out names
    last_message_appended_at timestamptz,    -- its append time: idle time counts from here
    customer_count      integer NOT NULL DEFAULT 0,
    assistant_count     integer NOT NULL DEFAULT 0,
    human_count         integer NOT NULL DEFAULT 0,
    template_count      integer NOT NULL DEFAULT 0,
    interactions        integer GENERATED ALWAYS AS (customer_count + assistant_count + human_count + template_count) STORED,
    chatbot_id          text,
    chatbot_name        text,
    chatbot_version_at  timestamptz,         -- time and event id of the event that named the chatbot: the latest wins
    chatbot_event_id    uuid,
    assistants          jsonb NOT NULL DEFAULT '[]',   -- [{id, name, at}], by first message
    nps                 numeric,
    csat                numeric,
    has_comment         boolean NOT NULL DEFAULT false,
    transferred         boolean NOT NULL DEFAULT false,
    started_by_template boolean NOT NULL DEFAULT false,
    customer_files      integer NOT NULL DEFAULT 0,
    has_files           boolean NOT NULL DEFAULT false, -- of the customer
    imported            boolean NOT NULL DEFAULT false, -- from a source's history
    source_id           text,                -- the source's own id: an alias
    -- For ingest alone: the first customer messages in transcript order with what they answer (JSON), and the totals
    -- without the loose messages that stand in it (JSON, null when there are none).
    openers             text,
    firm                text,
    previous_ended_at   timestamptz,         -- the end before its opening on the thread: what was sent since may belong here
    PRIMARY KEY (account_id, conv_key),
    UNIQUE (account_id, conversation_id),
    CHECK ((status = 2) = (ended_at IS NOT NULL))
) WITH (fillfactor = 70);                    -- every message updates its row; none of the columns below changes then, so updates stay HOT
CREATE INDEX conversation_contact ON projection.conversation (account_id, contact_id, conv_key);
CREATE INDEX conversation_thread  ON projection.conversation (account_id, thread_key, conv_key);
CREATE INDEX conversation_chatbot ON projection.conversation (account_id, chatbot_id, conv_key);
CREATE INDEX conversation_nps     ON projection.conversation (account_id, nps, conv_key) WHERE nps IS NOT NULL;
CREATE INDEX conversation_csat    ON projection.conversation (account_id, csat, conv_key) WHERE csat IS NOT NULL;
CREATE INDEX conversation_open    ON projection.conversation (account_id, conv_key) WHERE status = 1;
CREATE INDEX conversation_testing ON projection.conversation (account_id, conv_key) WHERE environment = 2;
-- Counts, facets and the histogram without touching the heap.
CREATE INDEX conversation_cover   ON projection.conversation (account_id, conv_key) INCLUDE (chatbot_id, channel, environment);

-- The only index on something that each message changes sits on this narrow row.
CREATE TABLE projection.conversation_activity (
    account_id       integer NOT NULL,
    conv_key         bigint NOT NULL,
    environment      smallint NOT NULL,
    last_activity_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, conv_key)
) WITH (fillfactor = 70);
CREATE INDEX conversation_activity_order ON projection.conversation_activity (account_id, last_activity_at, conv_key);

-- message_key = first 8 bytes of the thread key, then first 8 of sha256(message id): a thread's messages lie together in
-- the index at 16 bytes each, while sources' ids take up to a hundred.

-- Where each message of a thread stands. Not partitioned: its key is what makes a message id unique on its thread for
-- ever, and one look here tells whether a message is known, where, and whether something came before it.
CREATE TABLE projection.message_place (
    account_id    integer NOT NULL,
    message_key   uuid NOT NULL,
    conv_key      bigint,                    -- null: not in a conversation (waits, or is kept in the log only)
    occurred_at   timestamptz,               -- null: the message has not come yet
    sort_at       timestamptz,               -- with conv_key, the key of its row; null: not in a conversation
    loose         boolean NOT NULL DEFAULT false, -- it stands in `prelude` and may change its place
    parked        boolean NOT NULL DEFAULT false, -- statuses, revisions, reactions or files came before it
    awaited       boolean NOT NULL DEFAULT false, -- replies came before it, see `reply_pending`
    evaluation_id text,                      -- an answer named it before it came
    thread_key    text,                      -- only where something came before the message: what links look for
    message_id    text,
    PRIMARY KEY (account_id, message_key)
);
CREATE INDEX message_place_expected ON projection.message_place (account_id, thread_key) WHERE thread_key IS NOT NULL;

-- Replies that came before their target on the same thread: their sort_at, or their place, follows from it.
CREATE TABLE projection.reply_pending (
    account_id  integer NOT NULL,
    target_key  uuid NOT NULL,
    message_key uuid NOT NULL,
    PRIMARY KEY (account_id, target_key, message_key)
);

-- Partitioned by month like the conversations. The key is the order of a transcript; it also names a row whose place is
-- known, so there is no second index.
CREATE TABLE projection.message (
    account_id    integer NOT NULL,
    conv_key      bigint NOT NULL,
    message_key   uuid NOT NULL,
    message_id    text NOT NULL,             -- the source's
    event_id      uuid NOT NULL,
    occurred_at   timestamptz NOT NULL,      -- by the source, clamped
    sort_at       timestamptz NOT NULL,      -- a reply stands no earlier than what it answers
    sequence      text,
    stream_offset bigint NOT NULL,           -- transcript order: sort_at, sequence (absent first), stream_offset
    kind          smallint NOT NULL CHECK (kind IN (1, 2, 3)),  -- 1 message, 2 attached prelude (HSM), 3 attached greeting
    direction     smallint NOT NULL CHECK (direction IN (1, 2, 3)),  -- 1 in, 2 out, 3 internal
    sender_kind   text NOT NULL,
    sender_id     text,
    sender_name   text,
    plain_text    text NOT NULL,             -- as it reads now: edits applied; '' once deleted
    parts         text,                      -- JSON list, only when there is more than one text part; null otherwise
    reply_to      text,                      -- JSON {message_id, part_index}
    evaluation_id text,                      -- this message answers that survey
    template      text,                      -- JSON template block of an HSM
    status        text,                      -- the lowest displayed status of its parts
    edited_at     timestamptz,
    deleted_at    timestamptz,
    late          boolean NOT NULL DEFAULT false,
    skew_ms       integer,
    PRIMARY KEY (account_id, conv_key, sort_at, message_key)
) PARTITION BY RANGE (conv_key);
CREATE TABLE projection.message_default PARTITION OF projection.message DEFAULT;

-- Loose messages: HSMs, greetings that waited, answers to what is not known yet. Where they belong is judged on times and
-- from both sides, so it can change; conv_key says where the message row stands now.
CREATE TABLE projection.prelude (
    account_id   integer NOT NULL,
    thread_key   text NOT NULL,
    message_key  uuid NOT NULL,
    occurred_at  timestamptz NOT NULL,
    kind         smallint NOT NULL CHECK (kind IN (1, 2, 3)), -- 1 answer without target, 2 HSM, 3 greeting
    message      text NOT NULL,              -- JSON of the message as it came
    conv_key     bigint,
    stands_as    smallint NOT NULL DEFAULT 0, -- kind of its message row there; 0 without one
    PRIMARY KEY (account_id, message_key)
);
CREATE INDEX prelude_thread ON projection.prelude (account_id, thread_key, occurred_at);
CREATE INDEX prelude_conversation ON projection.prelude (account_id, conv_key) WHERE conv_key IS NOT NULL;

-- Every delivery status with its time, whether or not the message has come. part_index -1: all parts.
CREATE TABLE projection.message_status (
    account_id  integer NOT NULL,
    message_key uuid NOT NULL,
    part_index  smallint NOT NULL DEFAULT -1,
    status      text NOT NULL,
    occurred_at timestamptz NOT NULL,
    event_id    uuid NOT NULL,
    errors      text,                        -- JSON [{code, title, detail}]
    PRIMARY KEY (account_id, message_key, part_index, status, occurred_at)
);

-- Edits and deletions, all kept; parked like a status when the message is not known yet.
CREATE TABLE projection.message_revision (
    account_id  integer NOT NULL,
    message_key uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    event_id    uuid NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('edited', 'deleted')),
    actor_kind  text NOT NULL,
    actor_id    text,
    actor_name  text,
    plain_text  text,                        -- the new text of an edit
    parts       text,
    PRIMARY KEY (account_id, message_key, occurred_at, event_id)
);

-- The last reaction of each actor; emoji null: withdrawn.
CREATE TABLE projection.message_reaction (
    account_id  integer NOT NULL,
    message_key uuid NOT NULL,
    actor_kind  text NOT NULL,
    actor_id    text NOT NULL DEFAULT '',
    actor_name  text,
    emoji       text,
    occurred_at timestamptz NOT NULL,
    event_id    uuid NOT NULL,
    PRIMARY KEY (account_id, message_key, actor_kind, actor_id)
);

CREATE TABLE projection.file (
    account_id  integer NOT NULL,
    message_key uuid NOT NULL,
    part_index  smallint NOT NULL,
    conv_key    bigint,                      -- null: the message has not come yet
    file_id     text,
    kind        text,
    mime_type   text,
    name        text,
    caption     text,
    size_bytes  bigint,
    sha256      text,
    state       text NOT NULL CHECK (state IN ('pending', 'stored', 'unavailable')),
    unavailable_reason text,
    stored_uri  text,
    source      text,                        -- JSON of the vendor's address: never shown
    from_customer boolean NOT NULL DEFAULT false,
    occurred_at timestamptz NOT NULL,
    version_at  timestamptz NOT NULL,        -- time and id of the event that gave the state: the latest wins
    version_event_id uuid NOT NULL,
    reported    boolean NOT NULL DEFAULT false, -- a file event gave the state, not the message
    PRIMARY KEY (account_id, message_key, part_index)
);
CREATE INDEX file_conversation ON projection.file (account_id, conv_key);

CREATE TABLE projection.transfer (
    account_id  integer NOT NULL,
    conv_key    bigint NOT NULL,
    event_id    uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    stream_offset bigint NOT NULL,
    from_kind   text,
    from_id     text,
    from_name   text,
    to_kind     text NOT NULL,
    to_id       text,
    to_name     text,
    reason      text,
    PRIMARY KEY (account_id, conv_key, event_id)
);

-- One item per evaluation of a thread; all answers are kept, the last valid one shows.
CREATE TABLE projection.evaluation (
    account_id    integer NOT NULL,
    thread_key    text NOT NULL,
    evaluation_id text NOT NULL,
    conv_key      bigint,                    -- null: answered too late or nothing to belong to
    metric        text NOT NULL,
    question      text,
    scale         text,                      -- JSON {min, max, step, labels}
    asked_at      timestamptz,
    asked_event_id uuid,
    answered_at   timestamptz,
    score         numeric,                   -- of the winning answer; null while unanswered or not a valid number
    valid         boolean,                   -- null while unanswered
    raw_answer    text,
    comment       text,
    answers       text NOT NULL DEFAULT '[]', -- JSON of every answer: [{event_id, at, score, valid, raw_answer, comment, message_id}]
    PRIMARY KEY (account_id, thread_key, evaluation_id)
);
CREATE INDEX evaluation_conversation ON projection.evaluation (account_id, conv_key);

------------------------------------------------------------------------------------------------------------------
-- ops, part 2: people, tokens, jobs, audit
------------------------------------------------------------------------------------------------------------------

CREATE TABLE ops.app_user (
    app_user_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email         text NOT NULL UNIQUE,      -- folded to lower case
    name          text NOT NULL,
    password_hash text,                      -- argon2id; null: signs in by link only
    locale        text NOT NULL DEFAULT 'es',
    timezone      text,                      -- null: the account's
    created_at    timestamptz NOT NULL DEFAULT now(),
    disabled_at   timestamptz
);

-- A role an account: a person may be an operator here and an admin there.
CREATE TABLE ops.membership (
    account_id  integer NOT NULL REFERENCES ops.account,
    app_user_id bigint NOT NULL REFERENCES ops.app_user ON DELETE CASCADE,
    role        text NOT NULL CHECK (role IN ('operator', 'admin')),
    PRIMARY KEY (account_id, app_user_id)
);
CREATE INDEX membership_user ON ops.membership (app_user_id);

CREATE TABLE ops.session (
    session_hash bytea PRIMARY KEY,          -- sha256 of the cookie's value
    app_user_id  bigint NOT NULL REFERENCES ops.app_user ON DELETE CASCADE,
    account_id   integer NOT NULL REFERENCES ops.account,
    csrf_token   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL
);
CREATE INDEX session_of_user ON ops.session (app_user_id);

-- Single-use tokens: `setup` makes the first admin of an installation, `link` signs one user in.
CREATE TABLE ops.sign_in_token (
    token_hash  bytea PRIMARY KEY,           -- sha256
    purpose     text NOT NULL CHECK (purpose IN ('setup', 'link')),
    app_user_id bigint REFERENCES ops.app_user ON DELETE CASCADE,
    account_id  integer REFERENCES ops.account,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    CHECK ((purpose = 'link') = (app_user_id IS NOT NULL))
);

CREATE TABLE ops.api_token (
    api_token_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id   integer NOT NULL REFERENCES ops.account,
    token_hash   bytea NOT NULL UNIQUE,      -- sha256; the token itself is shown once
    role         text NOT NULL CHECK (role IN ('operator', 'admin')),
    name         text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at   timestamptz
);

-- A search for personal data is kept here, so that its address holds an opaque id and no name or phone.
CREATE TABLE ops.search_term (
    account_id     integer NOT NULL REFERENCES ops.account,
    search_term_id text NOT NULL,
    app_user_id    bigint NOT NULL REFERENCES ops.app_user ON DELETE CASCADE,
    term           text NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, search_term_id)
);

-- The answer given to a request that carried an Idempotency-Key.
CREATE TABLE ops.idempotency_key (
    account_id   integer NOT NULL REFERENCES ops.account,
    actor        text NOT NULL,
    key          text NOT NULL,
    request_hash bytea NOT NULL,
    status       smallint NOT NULL,
    response     jsonb NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, actor, key)
);

-- States: queued -> running -> succeeded | empty | failed | cancelled; succeeded -> expired. `attempt` is the fence of
-- every later write.
CREATE TABLE ops.export_job (
    account_id    integer NOT NULL REFERENCES ops.account,
    export_id     uuid NOT NULL,
    request_key   text NOT NULL,
    requested_by  text NOT NULL,             -- user:<id> | token:<id>
    role          text NOT NULL CHECK (role IN ('operator', 'admin')),
    format        text NOT NULL CHECK (format IN ('csv', 'pdf')),
    spec          jsonb NOT NULL,            -- {filter, profile, timezone, ...} or {conversation_id, timezone, locale}
    state         text NOT NULL DEFAULT 'queued'
                  CHECK (state IN ('queued', 'running', 'succeeded', 'empty', 'failed', 'cancelled', 'expired')),
    attempt       integer NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL DEFAULT now(),
    due_at        timestamptz NOT NULL DEFAULT now(),
    started_at    timestamptz,
    lease_until   timestamptz,
    cancel_requested boolean NOT NULL DEFAULT false,
    finished_at   timestamptz,
    progress_rows bigint,
    rows          bigint,
    bytes         bigint,
    sha256        text,
    object_key    text,
    file_name     text,
    media_type    text,
    manifest      jsonb,
    error_code    text,
    expires_at    timestamptz,
    PRIMARY KEY (account_id, export_id),
    UNIQUE (account_id, request_key),
    CHECK ((state = 'running') = (lease_until IS NOT NULL)),
    CHECK (state <> 'succeeded' OR (object_key IS NOT NULL AND sha256 IS NOT NULL AND expires_at IS NOT NULL)),
    CHECK (state <> 'failed' OR error_code IS NOT NULL)
);
CREATE INDEX export_job_due     ON ops.export_job (due_at) WHERE state = 'queued';
CREATE INDEX export_job_leased  ON ops.export_job (lease_until) WHERE state = 'running';
CREATE INDEX export_job_newest  ON ops.export_job (account_id, created_at DESC);
CREATE INDEX export_job_expires ON ops.export_job (expires_at) WHERE state = 'succeeded';

-- Who saw or did what; written in the transaction of the action, never changed.
CREATE TABLE ops.audit_entry (
    account_id  integer NOT NULL,
    audit_id    bigint GENERATED ALWAYS AS IDENTITY,
    at          timestamptz NOT NULL DEFAULT now(),
    actor       text NOT NULL,               -- user:<id> | token:<id> | system
    role        text NOT NULL,
    operation   text NOT NULL,               -- access | create | modify | remove | export | authentication
    action      text NOT NULL,               -- conversation.view, export.create, conversation.end, ...
    object_kind text NOT NULL,
    object_id   text,
    detail      jsonb NOT NULL DEFAULT '{}', -- no personal data
    request_id  text,
    PRIMARY KEY (account_id, audit_id)
);
