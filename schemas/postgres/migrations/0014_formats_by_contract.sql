-- Which formats of exports there are is said once, in bitacora_schemas/exports/formats.py; a new one changes no table. Workers
-- claim only jobs of formats that they know, so a row of another waits for a newer worker.
ALTER TABLE ops.export_job DROP CONSTRAINT export_job_format_check;
COMMENT ON COLUMN ops.export_job.format IS 'a format of bitacora_schemas/exports';
COMMENT ON COLUMN ops.export_job.spec IS 'the specification of its format in bitacora_schemas/exports, without the format';
