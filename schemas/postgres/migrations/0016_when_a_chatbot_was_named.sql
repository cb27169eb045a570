-- These two tell which event named the chatbot, as `named_at` and `named_by` do for assistants; a version is something a chatbot
-- has. Code of before does not know these names: stop the services, migrate, start the new ones.
ALTER TABLE projection.conversation RENAME COLUMN chatbot_version_at TO chatbot_named_at;
ALTER TABLE projection.conversation RENAME COLUMN chatbot_event_id TO chatbot_named_by;
-- The same names stand in the totals that are kept as JSON. A quotation mark inside a text is escaped there.
UPDATE projection.conversation
   SET own_totals = replace(replace(own_totals, '"chatbot_version_at":', '"chatbot_named_at":'),
                            '"chatbot_event_id":', '"chatbot_named_by":')
 WHERE own_totals IS NOT NULL;
