"""Threads in the database: those of a batch's contacts, so that the linked ones come with those it names."""

from collections.abc import Mapping
from pathlib import Path

from services.chassis.keyed import fetch_keyed
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.people.merging import Identities
from services.ingest.projection.statements import reader
from services.ingest.projection.threads.joining import join_threads
from services.ingest.projection.threads.state import THREAD, ThreadState
from services.ingest.projection.working_set import WorkingSet

SQL = load_statements(Path(__file__).with_name("threads.sql"))

_read = reader(ThreadState, THREAD.columns)


async def load_threads(
    conn: Connection, work: WorkingSet, mentions: Mapping[str, Mentions], identities: Identities
) -> None:
    """Loads every thread of the contacts that are known, and makes the new ones."""
    contacts = {key for key in work.contacts if not work.contacts.is_new(key)}
    contacts |= identities.replaced.keys()
    rows = await fetch_keyed(conn, SQL["load_threads"], sorted(contacts))
    join_threads(work, map(_read, rows), mentions, identities)
