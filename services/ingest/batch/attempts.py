"""What to do when the transaction of a batch fails: how often it was tried, and what helps against the error."""

from dataclasses import dataclass
from enum import Enum

import asyncpg

from services.chassis.postgres import DATABASE_ERRORS, is_transient
from services.ingest.batch.isolation import is_data_error

DatabaseError = (*DATABASE_ERRORS, OverflowError, UnicodeEncodeError)
"""What a transaction can raise; the last two by values that asyncpg cannot send."""
MOST_LOOK_UPS = 3
"""A batch that breaks the unique key of the log after so many is a bug, or the key is another."""


class Remedy(Enum):
    """What makes the next attempt another one; the value is its label in the metric of attempts."""

    LOOK_UP = "repeats"  # the log has an event of the batch already: ask for repeats first
    ISOLATE = "isolation"  # the database refuses a value: find the records by savepoints
    WAIT = "transient"  # the database is away or busy: the same again, later


@dataclass(slots=True)
class Attempts:
    """The failed attempts of one batch."""

    isolate: bool = False
    look_ups: int = 0
    waits: int = 0

    def after(self, error: BaseException) -> Remedy | None:
        """What to do next; None when nothing helps, and the error is a bug."""
        if isinstance(error, asyncpg.UniqueViolationError):
            self.look_ups += 1
            return Remedy.LOOK_UP if is_repeat(error) and self.look_ups <= MOST_LOOK_UPS else None
        if is_data_error(error) and not self.isolate:
            self.isolate = True
            return Remedy.ISOLATE
        if is_transient(error):
            self.waits += 1
            return Remedy.WAIT
        return None


def is_repeat(error: asyncpg.UniqueViolationError) -> bool:
    """Whether the log has one of the batch's events already; any other broken key is a bug."""
    return error.schema_name == "log" and (error.table_name or "").startswith("event_log")
