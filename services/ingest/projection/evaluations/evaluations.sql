-- name: load_evaluations
-- These surveys.
SELECT e.account_id, e.thread_key, e.evaluation_id, e.conv_key, e.metric, e.question, e.scale, e.asked_at,
       e.asked_event_id, e.answers
  FROM unnest($1::integer[], $2::text[], $3::text[]) AS wanted (account_id, thread_key, evaluation_id)
 CROSS JOIN LATERAL (SELECT * FROM evaluation e
                      WHERE e.account_id = wanted.account_id AND e.thread_key = wanted.thread_key
                        AND e.evaluation_id = wanted.evaluation_id OFFSET 0) e;

-- name: load_evaluations_of_conversations
-- Every survey of these conversations: their scores are worked out from all of them.
SELECT e.account_id, e.thread_key, e.evaluation_id, e.conv_key, e.metric, e.question, e.scale, e.asked_at,
       e.asked_event_id, e.answers
  FROM unnest($1::integer[], $2::bigint[]) AS wanted (account_id, conv_key)
 CROSS JOIN LATERAL (SELECT * FROM evaluation e
                      WHERE e.account_id = wanted.account_id AND e.conv_key = wanted.conv_key OFFSET 0) e;

-- name: write_evaluations
-- Surveys with all their answers.
INSERT INTO evaluation
       (account_id, thread_key, evaluation_id, conv_key, metric, question, scale, asked_at, asked_event_id, answered_at,
        score, valid, raw_answer, comment, answers)
SELECT account_id, thread_key, evaluation_id, conv_key, metric, question, scale, asked_at, asked_event_id, answered_at,
       score, valid, raw_answer, comment, answers
  FROM unnest($1::integer[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
              $9::uuid[], $10::timestamptz[], $11::numeric[], $12::boolean[], $13::text[], $14::text[], $15::text[])
       AS now (account_id, thread_key, evaluation_id, conv_key, metric, question, scale, asked_at, asked_event_id,
               answered_at, score, valid, raw_answer, comment, answers)
    ON CONFLICT (account_id, thread_key, evaluation_id) DO UPDATE
   SET conv_key = excluded.conv_key, metric = excluded.metric, question = excluded.question, scale = excluded.scale,
       asked_at = excluded.asked_at, asked_event_id = excluded.asked_event_id, answered_at = excluded.answered_at,
       score = excluded.score, valid = excluded.valid, raw_answer = excluded.raw_answer, comment = excluded.comment,
       answers = excluded.answers;
