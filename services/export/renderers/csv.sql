-- name: spreadsheet_rows
-- template
-- For people: local times, Spanish words, no cell that could become a formula. The order is the column's, not its text's.
SELECT c.conversation_id::text,
       {site}::text || '/conversations/' || c.conversation_id,
       CASE c.status WHEN 1 THEN 'abierta' ELSE 'finalizada' END,
       CASE c.environment WHEN 1 THEN 'producción' ELSE 'pruebas' END,
       public.csv_guard(c.channel),
       public.csv_guard(coalesce(c.chatbot_name, c.chatbot_id)),
       public.csv_guard(CASE WHEN c.assistants <> '[]' THEN
           (SELECT string_agg(coalesce(a->>'name', a->>'id'), ', ') FROM jsonb_array_elements(c.assistants) a) END),
       public.csv_guard(ct.name),
       public.csv_guard(CASE WHEN {masked}::boolean THEN public.mask_email(ct.email) ELSE ct.email END),
       public.csv_guard(CASE WHEN {masked}::boolean THEN public.mask_phone(ct.phone) ELSE ct.phone END),
       public.csv_guard(ct.company_id),
       to_char(c.started_at AT TIME ZONE {zone}::text, 'YYYY-MM-DD HH24:MI:SS'),
       to_char(c.ended_at AT TIME ZONE {zone}::text, 'YYYY-MM-DD HH24:MI:SS'),
       to_char(c.last_activity_at AT TIME ZONE {zone}::text, 'YYYY-MM-DD HH24:MI:SS'),
       greatest(coalesce(floor(extract(epoch FROM c.last_message_at - c.first_message_at)), 0), 0)::bigint,
       c.interactions, c.customer_count, c.assistant_count, c.human_count, c.template_count,
       c.nps, c.csat,
       public.csv_guard(CASE WHEN c.has_comment THEN (SELECT string_agg(e.comment, ' · ' ORDER BY e.answered_at, e.evaluation_id) FROM evaluation e
         WHERE e.account_id = c.account_id AND e.conv_key = c.conv_key AND e.comment <> '') END),
       CASE WHEN c.transferred THEN 'sí' ELSE 'no' END,
       CASE WHEN c.started_by_template THEN 'sí' ELSE 'no' END,
       CASE WHEN c.has_files THEN 'sí' ELSE 'no' END,
       CASE c.end_reason WHEN 'customer' THEN 'cliente' WHEN 'assistant' THEN 'asistente' WHEN 'operator' THEN 'operador'
            WHEN 'timeout' THEN 'inactividad' WHEN 'system' THEN 'sistema' WHEN 'replaced' THEN 'reemplazada'
            WHEN 'imported' THEN 'importada' ELSE public.csv_guard(c.end_reason) END,
       coalesce(public.csv_guard(coalesce(c.end_by_name, c.end_by_id)),
                CASE c.end_by_kind WHEN 'customer' THEN 'cliente' WHEN 'bot' THEN 'asistente' WHEN 'human' THEN 'persona'
                     WHEN 'campaign' THEN 'campaña' WHEN 'system' THEN 'sistema' ELSE public.csv_guard(c.end_by_kind) END)
  FROM conversation c
  LEFT JOIN contact ct ON ct.account_id = c.account_id AND ct.contact_id = c.contact_id
 WHERE {where}
 ORDER BY c.conv_key DESC;

-- name: data_rows
-- template
-- For programs: UTC, the wire's own words, nothing altered.
SELECT c.conversation_id::text,
       {site}::text || '/conversations/' || c.conversation_id,
       CASE c.status WHEN 1 THEN 'open' ELSE 'ended' END,
       CASE c.environment WHEN 1 THEN 'production' ELSE 'testing' END,
       c.channel,
       coalesce(c.chatbot_name, c.chatbot_id),
       CASE WHEN c.assistants <> '[]' THEN
           (SELECT string_agg(coalesce(a->>'name', a->>'id'), ', ') FROM jsonb_array_elements(c.assistants) a) END,
       ct.name,
       CASE WHEN {masked}::boolean THEN public.mask_email(ct.email) ELSE ct.email END,
       CASE WHEN {masked}::boolean THEN public.mask_phone(ct.phone) ELSE ct.phone END,
       ct.company_id,
       to_char(c.started_at AT TIME ZONE {zone}::text, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       to_char(c.ended_at AT TIME ZONE {zone}::text, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       to_char(c.last_activity_at AT TIME ZONE {zone}::text, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       greatest(coalesce(floor(extract(epoch FROM c.last_message_at - c.first_message_at)), 0), 0)::bigint,
       c.interactions, c.customer_count, c.assistant_count, c.human_count, c.template_count,
       c.nps, c.csat,
       CASE WHEN c.has_comment THEN (SELECT string_agg(e.comment, ' · ' ORDER BY e.answered_at, e.evaluation_id) FROM evaluation e
         WHERE e.account_id = c.account_id AND e.conv_key = c.conv_key AND e.comment <> '') END,
       c.transferred, c.started_by_template, c.has_files,
       c.end_reason,
       coalesce(c.end_by_name, c.end_by_id, c.end_by_kind)
  FROM conversation c
  LEFT JOIN contact ct ON ct.account_id = c.account_id AND ct.contact_id = c.contact_id
 WHERE {where}
 ORDER BY c.conv_key DESC;
