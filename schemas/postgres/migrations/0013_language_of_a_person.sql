-- A person's language: null until they choose one, and then pages follow the browser. Nobody could choose before, so the
-- default that stands in every row is nobody's choice.
ALTER TABLE ops.app_user ALTER COLUMN locale DROP NOT NULL;
ALTER TABLE ops.app_user ALTER COLUMN locale DROP DEFAULT;
UPDATE ops.app_user SET locale = NULL;
COMMENT ON COLUMN ops.app_user.locale IS 'language of pages and files, as es or pt; null: as the browser asks';
