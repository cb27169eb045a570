-- A rebuild counts positions (0006), so its column says so. Code of before does not know this name: a rebuild that runs
-- while this is applied fails, and the next one goes on where it was.
ALTER TABLE log.rebuild_progress RENAME COLUMN next_offset TO next_position;
