"""The fold: events of a batch, in log order per thread, into the working set. Pure: no I/O, no clock."""

from collections.abc import Iterable

from bitacora_schemas.events.blocks import EventData

from services.ingest.log.logged_event import LoggedEvent
from services.ingest.projection.clocks import clamp
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.messages.showing import show_updates
from services.ingest.projection.messages.updates import share_parked
from services.ingest.projection.people.fold import identifiers_of, note_profile_only
from services.ingest.projection.people.linking import Claim
from services.ingest.projection.registry import EVENTS
from services.ingest.projection.rules import Rules
from services.ingest.projection.waiting.placing import place_waiting
from services.ingest.projection.working_set import Occurrence, WorkingSet


def collect(events: Iterable[LoggedEvent]) -> tuple[dict[str, Mentions], list[Claim]]:
    """What each thread's events name, by thread key; and which identifiers they say are one person, each claim once."""
    mentions: dict[str, Mentions] = {}
    claims: list[Claim] = []
    claimed: set[object] = set()
    for logged in events:
        attributes = logged.event.attributes
        data = logged.event.data
        subject = attributes.subject
        earliest = min(attributes.time, attributes.recordedtime)
        named = mentions.get(subject)
        if named is None:
            named = mentions[subject] = Mentions(logged.account_id, attributes.accountid, logged, earliest)
        elif earliest < named.since:
            named.since = earliest
        handling = EVENTS.get(type(data))
        if handling is not None and handling.mentions is not None:
            handling.mentions(named, data)
        claim = _claim_key(subject, data)
        if claim not in claimed:
            claimed.add(claim)
            claims.append(
                Claim(logged.account_id, attributes.accountid, subject, tuple(identifiers_of(data)))
            )
    return mentions, claims


def _claim_key(subject: str, data: EventData) -> object:
    link = getattr(data, "link", None)
    contact = data.contact
    if link is None:
        return subject if contact is None else (subject, contact.ids)
    return subject, None if contact is None else contact.ids, link, getattr(data, "replaces", None)


def reduce(work: WorkingSet, events: Iterable[LoggedEvent], rules: Rules) -> None:
    """Folds events into a working set that holds everything they need. Once: counts of files are added up at the end.

    Handlers only note what an event says. What follows from everything together is worked out afterwards, whatever came
    first: what linked threads share (§7), where waiting messages belong (§4, §6), how messages read (§7, §8).
    """
    threads = work.threads
    for logged in events:
        event = logged.event
        data = event.data
        attributes = event.attributes
        handling = EVENTS.get(type(data))
        fold = note_profile_only if handling is None else handling.fold
        at, skew_ms = clamp(attributes, data.skew_ms, rules.clock_tolerance)
        thread = threads[attributes.subject]
        channel_name = data.thread.channel_name
        if channel_name is not None and channel_name != thread.channel_name:
            thread.channel_name = channel_name
        seen = Occurrence(thread, attributes, attributes.id, at, skew_ms, logged.position, logged.appended_at)
        fold(work, seen, data, rules)
    share_parked(work)
    place_waiting(work, rules)
    show_updates(work)
