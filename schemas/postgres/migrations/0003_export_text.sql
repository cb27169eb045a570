-- Text as exported files show it. The database formats CSV rows itself (COPY), so guard and masks live here; the masks
-- equal those of the pages (services/readmodel/masking.py), held by a test.

-- A cell that a spreadsheet would run as a formula gets an apostrophe, at its start and at the start of each inner line,
-- also behind spaces of any kind. It alters data: phones with a plus sign get one too. Null stays null.
CREATE FUNCTION public.csv_guard(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE WHEN $1 ~ '(^|[\n\r])[ \t\v\f\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]*[=+@＝＋－＠-]' OR $1 ~ '^[\t\r\n]'
                      THEN regexp_replace(
                               CASE WHEN $1 ~ '^[\t\r\n]' THEN '''' || $1 ELSE $1 END,
                               '(^|[\n\r])([ \t\v\f\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]*[=+@＝＋－＠-])', '\1''\2', 'g')
                      ELSE $1 END $$;

-- +5511900001234 becomes +55 ** *****-1234.
CREATE FUNCTION public.mask_phone(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE WHEN length(digits) < 8 THEN repeat('*', greatest(length(digits), 3))
                      ELSE '+' || left(digits, 2) || ' '
                           || CASE WHEN length(digits) <= 8 THEN repeat('*', length(digits) - 6)
                                   ELSE '** ' || repeat('*', length(digits) - 8) END
                           || '-' || right(digits, 4) END
            FROM (SELECT regexp_replace($1, '[^0-9]', '', 'g') AS digits) AS phone $$;

-- ana@company.com becomes a***@c***.com.
CREATE FUNCTION public.mask_email(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE WHEN coalesce(substring($1 FROM '^(.*)@'), '') = '' THEN '***'
                      ELSE left($1, 1) || '***@'
                           || CASE WHEN domain LIKE '%.%'
                                   THEN left(substring(domain FROM '^(.*)\.'), 1) || '***.' || substring(domain FROM '\.([^.]*)$')
                                   ELSE '***' END END
            FROM (SELECT substring($1 FROM '@([^@]*)$') AS domain) AS email $$;
