-- A topic that is made anew begins again at offset 0, and so does a log that lost its end. What is logged keeps counting: the
-- position of a record is its offset plus first_position, which moves on when an operator accepts such a thing. So the
-- positions of a stream never come twice, and their order is the order in which the events were lived.
ALTER TABLE log.checkpoint ADD COLUMN first_position bigint NOT NULL DEFAULT 0 CHECK (first_position >= 0);

COMMENT ON COLUMN log.checkpoint.first_position IS 'position of Kafka''s offset 0 of the present incarnation';
COMMENT ON COLUMN log.checkpoint.next_offset IS 'the next offset not yet applied, as Kafka counts';
COMMENT ON COLUMN log.event_log.stream_offset IS 'position in the stream: offset plus first_position';
COMMENT ON COLUMN log.dead_letter.stream_offset IS 'position in the stream: offset plus first_position';

-- A rebuild counts positions, so it goes on across a topic that is made anew.
ALTER TABLE log.rebuild_progress DROP COLUMN topic_id;
COMMENT ON COLUMN log.rebuild_progress.next_offset IS 'the next position not yet folded';
