"""What must hold in the projection tables whatever happened (docs/semantics.md), as SQL that counts what breaks it."""

BROKEN = """
SELECT 'two open conversations' AS rule, count(*) FROM
       (SELECT 1 FROM conversation WHERE status = 1 GROUP BY account_id, thread_key HAVING count(*) > 1) x
UNION ALL SELECT 'a message in two conversations', count(*) FROM
       (SELECT 1 FROM message GROUP BY account_id, message_key HAVING count(*) > 1) x
UNION ALL SELECT 'a row where its place is not', count(*) FROM message m
       WHERE NOT EXISTS (SELECT 1 FROM message_place p WHERE p.account_id = m.account_id
             AND p.message_key = m.message_key AND p.conv_key = m.conv_key AND p.sort_at = m.sort_at)
UNION ALL SELECT 'a place without its row', count(*) FROM message_place p
       WHERE p.conv_key IS NOT NULL AND NOT EXISTS
             (SELECT 1 FROM message m WHERE m.account_id = p.account_id AND m.message_key = p.message_key)
UNION ALL SELECT 'interactions that are not those of the messages', count(*) FROM conversation c
       WHERE c.interactions <> (SELECT count(*) FROM message m WHERE m.account_id = c.account_id
             AND m.conv_key = c.conv_key AND m.direction <> 3 AND m.sender_kind <> 'system')
UNION ALL SELECT 'activity that is not that of the messages', count(*) FROM conversation c
       WHERE c.last_activity_at IS DISTINCT FROM (SELECT max(m.occurred_at) FROM message m
             WHERE m.account_id = c.account_id AND m.conv_key = c.conv_key AND m.direction <> 3)
UNION ALL SELECT 'a duration that is not that of the messages', count(*) FROM conversation c
       WHERE (c.first_message_at, c.last_message_at) IS DISTINCT FROM (SELECT (min(m.occurred_at), max(m.occurred_at))
             FROM message m WHERE m.account_id = c.account_id AND m.conv_key = c.conv_key
             AND m.direction <> 3 AND m.kind = 1)
UNION ALL SELECT 'labels that are not those of the annotations', count(*) FROM conversation c
       WHERE c.labels IS DISTINCT FROM (SELECT jsonb_agg(DISTINCT jsonb_build_object('id', a.key)) FROM annotation a
             WHERE a.account_id = c.account_id AND a.conv_key = c.conv_key AND a.kind = 'label' AND a.value IS NOT NULL)
UNION ALL SELECT 'files of deleted messages', count(*) FROM file f JOIN message m USING (account_id, message_key)
       WHERE m.deleted_at IS NOT NULL
UNION ALL SELECT 'a contact nobody is', count(*) FROM conversation c
       WHERE NOT EXISTS (SELECT 1 FROM contact k WHERE k.account_id = c.account_id AND k.contact_id = c.contact_id)
"""
