"""Evaluations in the database: those that a batch names, and all of each conversation whose scores may change."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import asyncpg
import msgspec
from bitacora_schemas.events.evaluation import Scale

from services.chassis.keyed import fetch_keyed
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.evaluations.state import Answer, EvaluationState
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.working_set import WorkingSet

SQL = load_statements(Path(__file__).with_name("evaluations.sql"))

_SCALE = msgspec.json.Decoder(Scale)
_ANSWERS = msgspec.json.Decoder(tuple[Answer, ...])


async def load_evaluations(conn: Connection, work: WorkingSet, mentions: Mapping[str, Mentions]) -> None:
    """Loads them; places of messages and the threads are loaded before."""
    named_ids = {
        (named.account_id, thread_key, evaluation_id)
        for thread_key, named in mentions.items()
        if not work.threads.is_new(thread_key)
        for evaluation_id in named.evaluation_ids
    }
    named_ids |= {
        (place.account_id, place.thread_key, place.evaluation_id)
        for place in work.places.values()
        if place.evaluation_id is not None and place.thread_key is not None
    }
    _take(work, await fetch_keyed(conn, SQL["load_evaluations"], sorted(named_ids)))
    scored = {
        (named.account_id, conv_key)
        for thread_key, named in mentions.items()
        if named.evaluation_ids
        for conv_key in (work.threads[thread_key].last_conv_key, work.threads[thread_key].open_conv_key)
        if conv_key is not None
    }
    scored |= {
        (item.account_id, item.conv_key) for item in work.evaluations.values() if item.conv_key is not None
    }
    _take(work, await fetch_keyed(conn, SQL["load_evaluations_of_conversations"], sorted(scored)))


def _take(work: WorkingSet, rows: Iterable[asyncpg.Record]) -> None:
    for item in map(_read, rows):
        key = (item.thread_key, item.evaluation_id)
        thread = work.threads.get(item.thread_key)
        if thread is not None and key not in work.evaluations:
            work.evaluations.load(key, item)
            thread.surveys.append(item)


def _read(row: asyncpg.Record) -> EvaluationState:
    values = dict(row)
    values["scale"] = None if row["scale"] is None else _SCALE.decode(row["scale"])
    values["answers"] = _ANSWERS.decode(row["answers"])
    return EvaluationState(**values)
