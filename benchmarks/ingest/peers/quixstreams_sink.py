"""Peer: Quix Streams with its own PostgreSQLSink. Runs in a virtual environment of its own; raw rows into one table.

The envelope's attributes become columns and `data` a jsonb column, as the sink's manual has it: JSON values, a table
without keys, which is the cheapest for the sink.
"""

import sys
from typing import Any
from urllib.parse import unquote, urlsplit

from quixstreams import Application  # type: ignore[import-not-found]  # installed in an environment of its own
from quixstreams.sinks.community.postgresql import PostgreSQLSink  # type: ignore[import-not-found]  # the same

from benchmarks.ingest.peers.task import Progress, Task


class CountingSink(PostgreSQLSink):  # type: ignore[misc]  # untyped, and installed elsewhere
    """The sink, with a count of what it has committed."""

    def __init__(self, progress: Progress, **settings: Any) -> None:
        super().__init__(**settings)
        self._progress = progress

    def write(self, batch: Any) -> None:
        """Writes one partition's batch in one transaction."""
        super().write(batch)
        self._progress.add(batch.size)


def main(task: Task) -> None:
    """Reads and writes until it is stopped."""
    app = Application(
        broker_address=task.bootstrap,
        consumer_group=task.group,
        auto_offset_reset="earliest",
        commit_every=task.batch,
        commit_interval=1.0,
        state_dir=task.folder,
        auto_create_topics=False,
        use_changelog_topics=False,
        loglevel="WARNING",
        consumer_extra_config={"session.timeout.ms": 80_000},
    )
    dsn = urlsplit(task.dsn)
    sink = CountingSink(
        Progress(task.progress),
        host=dsn.hostname or "",
        port=dsn.port or 5432,
        dbname=dsn.path.lstrip("/"),
        user=unquote(dsn.username or ""),
        password=unquote(dsn.password or ""),
        table_name="raw_events",
    )
    app.dataframe(app.topic(task.topic, value_deserializer="json", key_deserializer="str")).sink(sink)
    app.run()


if __name__ == "__main__":
    main(Task.read(sys.argv[1]))
