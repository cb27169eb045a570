-- An offset is Kafka's number of a record in a partition; a position is ours of an event in the log. They differ once a topic
-- was made anew (0006), so the columns that hold positions say so. Code of before does not know these names: stop the
-- services, migrate, start the new ones.
ALTER TABLE log.event_log RENAME COLUMN stream_offset TO position;
ALTER TABLE log.dead_letter RENAME COLUMN stream_offset TO position;
ALTER TABLE log.dead_letter RENAME CONSTRAINT dead_letter_stream_id_topic_id_stream_offset_key
    TO dead_letter_stream_id_topic_id_position_key;
ALTER TABLE projection.conversation RENAME COLUMN opened_offset TO opened_position;
ALTER TABLE projection.message RENAME COLUMN stream_offset TO position;
ALTER TABLE projection.transfer RENAME COLUMN stream_offset TO position;
-- A quotation mark inside a text is escaped in JSON, so only the key itself reads like this.
UPDATE projection.prelude SET message = replace(message, '"stream_offset":', '"position":');
