"""What the export process counts."""

from services.chassis.metrics import counter, gauge, histogram

JOBS = counter(
    "bitacora_export_jobs_total",
    "Attempts at jobs that ended, by format and outcome.",
    labels=("format", "outcome"),
)
JOB_SECONDS = histogram("bitacora_export_job_seconds", "Seconds from claim to outcome.", labels=("format",))
RUNNING = gauge("bitacora_export_running", "Jobs that this process runs now.")
QUEUE_AGE = gauge(
    "bitacora_export_queue_age_seconds", "Age of the oldest job that is due and waits; 0 when none does."
)
BYTES = counter("bitacora_export_bytes_total", "Bytes of published files, by format.", labels=("format",))
LEASES_LOST = counter(
    "bitacora_export_leases_lost_total", "Jobs given up because another process had taken them over."
)
SWEPT = counter("bitacora_export_swept_files_total", "Files removed, by reason.", labels=("reason",))
REPLACED_GLYPHS = counter(
    "bitacora_export_replaced_glyphs_total", "Characters of transcripts that no font could draw."
)
