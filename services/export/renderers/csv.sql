-- name: spreadsheet_rows
-- template
-- For people: local times, Spanish words, no cell that could become a formula. The order is the column's, not its text's.
-- The texts are computed inside a fence (OFFSET 0): outside it the guard is applied to plain columns, so that the planner
-- writes it out in place instead of calling it eight times a row, which took three quarters of the time.
SELECT r.conversation_id::text,
       {site}::text || '/conversations/' || r.conversation_id,
       CASE r.status WHEN 1 THEN 'abierta' ELSE 'finalizada' END,
       CASE r.environment WHEN 1 THEN 'producción' ELSE 'pruebas' END,
       public.csv_guard(r.channel), public.csv_guard(r.chatbot), public.csv_guard(r.assistants),
       public.csv_guard(r.name), public.csv_guard(r.email), public.csv_guard(r.phone), public.csv_guard(r.company_id),
       to_char(r.started_at AT TIME ZONE {zone}::text, 'YYYY-MM-DD HH24:MI:SS'),
       to_char(r.ended_at AT TIME ZONE {zone}::text, 'YYYY-MM-DD HH24:MI:SS'),
       to_char(r.last_activity_at AT TIME ZONE {zone}::text, 'YYYY-MM-DD HH24:MI:SS'),
       r.duration, r.interactions, r.customer_count, r.assistant_count, r.human_count, r.template_count, r.nps, r.csat,
       public.csv_guard(r.comment),
       CASE WHEN r.transferred THEN 'sí' ELSE 'no' END,
       CASE WHEN r.started_by_template THEN 'sí' ELSE 'no' END,
       CASE WHEN r.has_files THEN 'sí' ELSE 'no' END,
       CASE r.end_reason WHEN 'customer' THEN 'cliente' WHEN 'assistant' THEN 'asistente' WHEN 'operator' THEN 'operador'
            WHEN 'timeout' THEN 'inactividad' WHEN 'system' THEN 'sistema' WHEN 'replaced' THEN 'reemplazada'
            WHEN 'imported' THEN 'importada' ELSE public.csv_guard(r.end_reason) END,
       coalesce(public.csv_guard(r.ended_by),
                CASE r.end_by_kind WHEN 'customer' THEN 'cliente' WHEN 'bot' THEN 'asistente' WHEN 'human' THEN 'persona'
                     WHEN 'campaign' THEN 'campaña' WHEN 'system' THEN 'sistema' ELSE public.csv_guard(r.end_by_kind) END)
  FROM ({rows} OFFSET 0) AS r
 ORDER BY r.conv_key DESC;

-- name: data_rows
-- template
-- For programs: UTC, the wire's own words, nothing altered.
SELECT r.conversation_id::text,
       {site}::text || '/conversations/' || r.conversation_id,
       CASE r.status WHEN 1 THEN 'open' ELSE 'ended' END,
       CASE r.environment WHEN 1 THEN 'production' ELSE 'testing' END,
       r.channel, r.chatbot, r.assistants, r.name, r.email, r.phone, r.company_id,
       to_char(r.started_at AT TIME ZONE {zone}::text, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       to_char(r.ended_at AT TIME ZONE {zone}::text, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       to_char(r.last_activity_at AT TIME ZONE {zone}::text, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       r.duration, r.interactions, r.customer_count, r.assistant_count, r.human_count, r.template_count, r.nps, r.csat,
       r.comment, r.transferred, r.started_by_template, r.has_files, r.end_reason, coalesce(r.ended_by, r.end_by_kind)
  FROM ({rows} OFFSET 0) AS r
 ORDER BY r.conv_key DESC;

-- name: rows
-- template
-- What both files show of the conversations that the filter finds, before either formats it.
SELECT c.conv_key, c.conversation_id, c.status, c.environment, c.channel, coalesce(c.chatbot_name, c.chatbot_id) AS chatbot,
       CASE WHEN c.assistants <> '[]' THEN
           (SELECT string_agg(coalesce(a->>'name', a->>'id'), ', ') FROM jsonb_array_elements(c.assistants) a)
       END AS assistants,
       ct.name, ct.company_id,
       CASE WHEN {masked}::boolean THEN public.mask_email(ct.email) ELSE ct.email END AS email,
       CASE WHEN {masked}::boolean THEN public.mask_phone(ct.phone) ELSE ct.phone END AS phone,
       c.started_at, c.ended_at, c.last_activity_at,
       greatest(coalesce(floor(extract(epoch FROM c.last_message_at - c.first_message_at)), 0), 0)::bigint AS duration,
       c.interactions, c.customer_count, c.assistant_count, c.human_count, c.template_count, c.nps, c.csat,
       CASE WHEN c.has_comment THEN
           (SELECT string_agg(e.comment, ' · ' ORDER BY e.answered_at, e.evaluation_id) FROM evaluation e
             WHERE e.account_id = c.account_id AND e.conv_key = c.conv_key AND e.comment <> '')
       END AS comment,
       c.transferred, c.started_by_template, c.has_files, c.end_reason,
       coalesce(c.end_by_name, c.end_by_id) AS ended_by, c.end_by_kind
  FROM conversation c
  LEFT JOIN contact ct ON ct.account_id = c.account_id AND ct.contact_id = c.contact_id
 WHERE {where};
