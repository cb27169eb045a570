-- name: assistants_by_name
-- template
-- The bots that spoke, by first message.
CASE WHEN c.assistants <> '[]' THEN
    (SELECT string_agg(coalesce(a->>'name', a->>'id'), ', ') FROM jsonb_array_elements(c.assistants) a)
END;

-- name: comments
-- template
-- What the customer wrote in surveys, one after another; asked only where the row says that there is some.
CASE WHEN c.has_comment THEN
    (SELECT string_agg(e.comment, ' · ' ORDER BY e.answered_at, e.evaluation_id) FROM evaluation e
      WHERE e.account_id = c.account_id AND e.conv_key = c.conv_key AND e.comment <> '')
END;

-- name: duration_seconds
-- template
-- From the first public message to the last, in whole seconds.
greatest(coalesce(floor(extract(epoch FROM c.last_message_at - c.first_message_at)), 0), 0)::bigint;
