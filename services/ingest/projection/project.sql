-- name: prepare_planner
-- Statements of this transaction look rows up by key in tables that grow under cached plans: a plan made while they were
-- small would scan them until the next ANALYZE. Ends with the transaction.
SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
       set_config('enable_seqscan', 'off', true);
