"""How far back the waiting messages lie that a batch can move."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from services.ingest.projection.mentions import Mentions
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.working_set import WorkingSet

Since = dict[str, datetime]
"""By thread key: a time."""

_EVER = datetime(1, 1, 1, tzinfo=UTC)


def waiting_since(work: WorkingSet, mentions: Mapping[str, Mentions], window: timedelta) -> Since:
    """From when on the waiting messages of each touched or linked thread matter; of merged contacts all do.

    `window` is the longest prelude window in force. A conversation claims what was sent within the window before its
    opening and after the end before it, so what earlier conversations claimed is out of reach, however many there are
    within the window: a thread that was busy all day costs no more than a quiet one.
    """
    since: Since = {}
    for thread_key, named in mentions.items():
        linked = work.threads[thread_key].linked
        at = _claimed_since(linked, named.since, window)
        for each in linked:
            lower(since, each.thread_key, at)
    for linked in work.merged:
        for each in linked:
            since[each.thread_key] = _EVER
    return since


def lower(times: Since, thread_key: str, at: datetime) -> None:
    """Notes a time for a thread, unless an earlier one is noted."""
    known = times.get(thread_key)
    if known is None or at < known:
        times[thread_key] = at


def _claimed_since(linked: Sequence[ThreadState], since: datetime, window: timedelta) -> datetime:
    """The earliest time that a conversation of linked threads may claim: one that is loaded, or one opened by an event
    from `since` on. The end before such an opening is the thread's last one, or comes with the same events.
    """
    first = since - window
    ends = [each.ended_at for each in linked if each.ended_at is not None]
    if len(ends) == len(linked):
        first = max(first, min(since, *ends))
    for thread in linked:
        for each in thread.conversations.values():
            if not each.imported:
                first = min(first, max(each.started_at - window, each.previous_ended_at or _EVER))
    return first
