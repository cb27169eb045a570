-- Full text over all messages: one document a conversation, made behind ingest. Words are cut and folded in Python
-- (services/analysis), so the document holds lexemes without positions; each is prefixed with its account, so a frequent
-- word of one account costs another nothing.

CREATE TABLE search.conversation_document (
    account_id integer NOT NULL,
    conv_key   bigint NOT NULL,
    lexemes    tsvector NOT NULL,
    analyser   smallint NOT NULL,            -- version of the analyser that made it
    truncated  boolean NOT NULL DEFAULT false,  -- too long: not every word is in
    PRIMARY KEY (account_id, conv_key)
) PARTITION BY RANGE (conv_key);
CREATE INDEX conversation_document_words ON search.conversation_document USING gin (lexemes) WITH (gin_pending_list_limit = 16384);
CREATE TABLE search.conversation_document_default PARTITION OF search.conversation_document DEFAULT;

-- Conversations whose document is older than their messages. `generation` tells whether more came while a document was made.
CREATE TABLE search.dirty (
    account_id integer NOT NULL,
    conv_key   bigint NOT NULL,
    generation integer NOT NULL DEFAULT 1,
    ended      boolean NOT NULL DEFAULT false,
    first_at   timestamptz NOT NULL DEFAULT now(),
    touched_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, conv_key)
) WITH (fillfactor = 50);

-- quote_literal may answer E'...', which tsquery does not read.
CREATE FUNCTION search.tsquery_literal(term text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT '''' || replace(replace(term, '\', '\\'), '''', '''''') || '''' $$;

-- The conversations of an account whose document holds all terms (`word`, or `word*` for a beginning), newest first:
-- keys in [p_from, p_before), at most p_limit. Frequent words are found by walking the newest documents; what is left is
-- collected through the index in windows of 1, 2, 4, 8 ... months, since ORDER BY with LIMIT on top of @@ would read either
-- every match or every document.
CREATE FUNCTION search.find_documents(
    p_account integer, p_terms text[], p_before bigint, p_from bigint, p_limit integer, p_walk integer DEFAULT 300
) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan
AS $f$
DECLARE
    query    tsquery;
    found    bigint[];
    taken    integer := 0;
    new_rows integer;
    lowest   bigint;
    hi       bigint;
    lo       bigint;
    span     bigint := 2814749767106560;     -- 31 days in conv_key units
BEGIN
    IF coalesce(cardinality(p_terms), 0) NOT BETWEEN 1 AND 16 OR p_limit < 1
       OR EXISTS (SELECT FROM unnest(p_terms) t WHERE t IS NULL OR length(t) > 80 OR t IN ('', '*')) THEN
        RETURN;
    END IF;
    SELECT string_agg(
               CASE WHEN right(t, 1) = '*' THEN search.tsquery_literal(p_account || ':' || left(t, -1)) || ':*'
                    ELSE search.tsquery_literal(p_account || ':' || t) END, ' & ')::tsquery
      INTO query FROM unnest(p_terms) t;

    SELECT array_agg(key ORDER BY key DESC) INTO found FROM (
        SELECT newest.key FROM (
            SELECT d.conv_key AS key, d.lexemes FROM search.conversation_document d
             WHERE d.account_id = p_account AND d.conv_key < p_before AND d.conv_key >= p_from
             ORDER BY d.conv_key DESC LIMIT p_walk) newest
         WHERE newest.lexemes @@ query ORDER BY newest.key DESC LIMIT p_limit) hits;
    IF coalesce(cardinality(found), 0) >= p_limit THEN
        RETURN QUERY SELECT unnest(found);
        RETURN;
    END IF;

    SELECT d.conv_key INTO lowest FROM search.conversation_document d
     WHERE d.account_id = p_account AND d.conv_key >= p_from ORDER BY d.conv_key LIMIT 1;
    SELECT d.conv_key + 1 INTO hi FROM search.conversation_document d
     WHERE d.account_id = p_account AND d.conv_key < p_before ORDER BY d.conv_key DESC LIMIT 1;
    WHILE hi > lowest AND taken < p_limit LOOP
        lo := greatest(lowest, hi - span);
        span := least(span * 2, 4611686018427387904 / 4);
        RETURN QUERY
            WITH hits AS MATERIALIZED (
                -- account_id + 0 keeps the planner from mixing in the primary key: the prefixed words imply the account
                SELECT d.conv_key FROM search.conversation_document d
                 WHERE d.account_id + 0 = p_account AND d.lexemes @@ query AND d.conv_key >= lo AND d.conv_key < hi)
            SELECT hits.conv_key FROM hits ORDER BY hits.conv_key DESC LIMIT p_limit - taken;
        GET DIAGNOSTICS new_rows = ROW_COUNT;
        taken := taken + new_rows;
        hi := lo;
    END LOOP;
END $f$;
