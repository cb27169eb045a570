"""What the ingest worker counts."""

from services.chassis.metrics import SIZE_BUCKETS, counter, gauge, histogram

EVENTS = counter(
    "bitacora_ingest_events_total",
    "Records settled, by result: applied, unknown_type (logged, projected by nobody), repeated, refused.",
    labels=("result",),
)
REFUSALS = counter(
    "bitacora_ingest_refusals_total", "Records refused into the dead letters.", labels=("reason",)
)
BATCHES = counter("bitacora_ingest_batches_total", "Transactions committed.")
BATCH_RECORDS = histogram(
    "bitacora_ingest_batch_records", "Records in a committed transaction.", buckets=SIZE_BUCKETS
)
DECODE_SECONDS = histogram("bitacora_ingest_decode_seconds", "Time to decode a batch.")
TRANSACTION_SECONDS = histogram("bitacora_ingest_transaction_seconds", "Time of a batch in the database.")
FRESHNESS_SECONDS = histogram(
    "bitacora_ingest_freshness_seconds", "From Kafka's append to our commit, of the newest record of a batch."
)
FENCE = counter(
    "bitacora_ingest_fence_total",
    "What the checkpoint row kept out: skipped (records already applied), refused (batches that start above the row), "
    "halted (batches of a halted partition).",
    labels=("result",),
)
HOLES = counter(
    "bitacora_ingest_holes_total",
    "Fetches that did not go on where the last one ended: read_again, accept (the log has a hole), stop (halted).",
    labels=("result",),
)
UNREADS = counter("bitacora_ingest_unreads_total", "Fetches put back because a rebalance came between.")
REDO = counter(
    "bitacora_ingest_redo_total",
    "Batches written again, by cause: repeats (an event id was there already), isolation (a record the database "
    "refuses), transient (a database error that passes).",
    labels=("cause",),
)
REBALANCES = counter("bitacora_ingest_rebalances_total", "Changes of the partitions of this worker.")
REBALANCE_SECONDS = histogram(
    "bitacora_ingest_rebalance_seconds", "From losing partitions to reading those given instead."
)
PARTITIONS = gauge("bitacora_ingest_partitions", "Partitions this worker reads.")
LAG_RECORDS = gauge(
    "bitacora_ingest_lag_records",
    "Records between the checkpoint row and the end of the log.",
    labels=("topic", "partition"),
)
LAG_SECONDS = gauge(
    "bitacora_ingest_lag_seconds",
    "How long the oldest record behind the checkpoint row has waited, at most; 0 without lag.",
    labels=("topic", "partition"),
)
STALLED_SECONDS = gauge(
    "bitacora_ingest_stalled_seconds",
    "How long there has been lag without any commit; the worker ends itself at BITACORA_INGEST_STALL_SECONDS.",
)
HALTED = gauge(
    "bitacora_ingest_halted",
    "1 while a partition waits for an operator's decision.",
    labels=("topic", "partition"),
)
LAST_COMMIT = gauge("bitacora_ingest_last_commit_timestamp_seconds", "Unix time of the last committed batch.")
DEAD_LETTERS_OPEN = gauge(
    "bitacora_ingest_dead_letters_open",
    "Refused records that nobody has decided about; counted up to 100,000.",
)
OUTBOX_SECONDS = gauge(
    "bitacora_ingest_outbox_seconds",
    "How long the oldest decision has waited to be published; 0 when none does.",
)
UPKEEP_ROUNDS = counter(
    "bitacora_ingest_upkeep_rounds_total",
    "Rounds of what runs behind the log, in the worker that leads it, by result: done, waits (an error that passes), "
    "failed.",
    labels=("upkeep", "result"),
)
SWEPT_ROWS = counter(
    "bitacora_ingest_swept_rows_total",
    "Rows deleted because their time was over, by table.",
    labels=("table",),
)
RETENTION_HELD = gauge(
    "bitacora_ingest_retention_held_partitions",
    "Monthly partitions older than the policy that something is in the way of.",
)
RETENTION_DROPPED_BYTES = counter(
    "bitacora_ingest_retention_dropped_bytes_total", "Bytes of the monthly partitions that were dropped."
)
QUEUE_RECORDS = gauge("bitacora_ingest_queue_records", "Records fetched and not yet written.")
OUTBOX_PUBLISHED = counter("bitacora_ingest_outbox_published_total", "Outbox rows acknowledged by Kafka.")
TIMEOUTS_PUBLISHED = counter(
    "bitacora_ingest_timeouts_published_total", "Ends of idle conversations published to the events topic."
)
