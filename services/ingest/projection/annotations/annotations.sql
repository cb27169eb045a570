-- name: write_annotations
-- The latest event of an item says what it is; the first that found a conversation says where it belongs.
INSERT INTO annotation
       (account_id, thread_key, annotation_id, conv_key, kind, key, value, message_id, by_kind, by_id, by_name, occurred_at,
        event_id)
SELECT account_id, thread_key, annotation_id, conv_key, kind, key, value, message_id, by_kind, by_id, by_name, occurred_at,
       event_id
  FROM unnest($1::integer[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::uuid[])
       AS now (account_id, thread_key, annotation_id, conv_key, kind, key, value, message_id, by_kind, by_id, by_name,
               occurred_at, event_id)
    ON CONFLICT (account_id, thread_key, annotation_id) DO UPDATE
   SET conv_key = coalesce(annotation.conv_key, excluded.conv_key),
       (kind, key, value, message_id, by_kind, by_id, by_name, occurred_at, event_id) =
       (SELECT told.*
          FROM (VALUES (annotation.kind, annotation.key, annotation.value, annotation.message_id, annotation.by_kind,
                        annotation.by_id, annotation.by_name, annotation.occurred_at, annotation.event_id),
                       (excluded.kind, excluded.key, excluded.value, excluded.message_id, excluded.by_kind,
                        excluded.by_id, excluded.by_name, excluded.occurred_at, excluded.event_id))
               AS told (kind, key, value, message_id, by_kind, by_id, by_name, occurred_at, event_id)
         ORDER BY told.occurred_at DESC, told.event_id DESC LIMIT 1);

-- name: write_labels
-- What the filter asks of a conversation: the keys of the labels that stand on it, null where there are none.
UPDATE conversation c
   SET labels = standing.labels
  FROM (SELECT DISTINCT item.account_id, item.conv_key
          FROM unnest($1::integer[], $2::text[], $3::text[]) AS now (account_id, thread_key, annotation_id)
         CROSS JOIN LATERAL (SELECT a.account_id, a.conv_key FROM annotation a
                              WHERE a.account_id = now.account_id AND a.thread_key = now.thread_key
                                AND a.annotation_id = now.annotation_id OFFSET 0) item
         WHERE item.conv_key IS NOT NULL) touched
 CROSS JOIN LATERAL (SELECT jsonb_agg(DISTINCT jsonb_build_object('id', a.key)) AS labels FROM annotation a
                      WHERE a.account_id = touched.account_id AND a.conv_key = touched.conv_key
                        AND a.kind = 'label' AND a.value IS NOT NULL) standing
 WHERE c.account_id = touched.account_id AND c.conv_key = touched.conv_key
   AND c.labels IS DISTINCT FROM standing.labels;
