"""How an attempt at a job can end, and what follows from a failure: pure decisions."""

from datetime import timedelta
from typing import Any

from bitacora_schemas.exports.error_codes import ErrorCode, PassingCode, PermanentCode
from msgspec import Struct

from services.chassis.postgres import is_transient

RETRY_AFTER = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
)
"""The pause after the first, second, ... failed attempt; each is shortened by up to a quarter, so that jobs spread."""

MOST_ATTEMPTS = len(RETRY_AFTER) + 1
_JITTER = 0.25


class PermanentFailure(Exception):  # noqa: N818 - a refusal, named as one
    """Trying again would fail again. `code` is stable and translated by pages; `detail` is for logs."""

    def __init__(self, code: PermanentCode, detail: str = "") -> None:
        self.code = code
        self.detail = detail
        super().__init__(f"{code}: {detail}")


class TransientFailure(Exception):  # noqa: N818 - the same
    """The same work may succeed later."""

    def __init__(self, code: PassingCode, detail: str = "") -> None:
        self.code = code
        self.detail = detail
        super().__init__(f"{code}: {detail}")


class Rendered(Struct, frozen=True, kw_only=True):
    """A file that is complete and stored under `object_key`. `rows` are CSV rows or transcript messages."""

    object_key: str
    file_name: str
    media_type: str
    bytes: int
    rows: int
    sha256: str
    manifest: dict[str, Any]


class Empty(Struct, frozen=True, kw_only=True):
    """Nothing matched: there is no file."""

    manifest: dict[str, Any]


class Retry(Struct, frozen=True):
    """Queue the job again after `pause`."""

    code: PassingCode
    pause: timedelta


class GiveUp(Struct, frozen=True):
    """The job has failed for good."""

    code: ErrorCode


def after_failure(error: BaseException, *, attempt: int, chance: float) -> Retry | GiveUp:
    """What to do after attempt number `attempt` (1, 2, ...) failed; `chance` in [0, 1) spreads the retries."""
    if isinstance(error, PermanentFailure):
        return GiveUp(error.code)
    code: PassingCode
    if isinstance(error, TransientFailure):
        code = error.code
    elif is_transient(error):
        code = "store_unavailable" if type(error) is OSError else "database_unavailable"
    elif isinstance(error, OSError):
        code = "store_unavailable"
    else:
        return GiveUp("internal")
    if attempt >= MOST_ATTEMPTS:
        return GiveUp(code)
    return Retry(code, RETRY_AFTER[attempt - 1] * (1 - _JITTER * chance))
