"""Edits, deletions and reactions (5.8)."""

from bitacora_schemas.events.message import MessageDeleted, MessageEdited, MessageReacted

from services.ingest.projection.messages.content import store_parts
from services.ingest.projection.messages.facts import DELETED, EDITED
from services.ingest.projection.messages.rows import ReactionRow, RevisionRow
from services.ingest.projection.messages.spreading import spread
from services.ingest.projection.rules import Rules
from services.ingest.projection.working_set import Occurrence, World


def on_edited(world: World, seen: Occurrence, data: MessageEdited, rules: Rules) -> None:
    """Keeps the new content; the latest edit by time and id is what the message reads."""
    place = world.place(seen.thread, data.message_id)
    row = RevisionRow(
        account_id=place.account_id,
        message_key=place.message_key,
        occurred_at=seen.at,
        event_id=seen.event_id,
        kind=EDITED,
        actor_kind=data.actor.kind,
        actor_id=data.actor.id,
        actor_name=data.actor.name,
        plain_text=data.plain_text,
        parts=store_parts(data.parts, data.plain_text).parts,
    )
    if world.facts_of(place.message_key).put_revision(row):
        spread(world, seen, data.message_id, place)


def on_deleted(world: World, seen: Occurrence, data: MessageDeleted, rules: Rules) -> None:
    """Leaves a tombstone without files; a deletion on the actor's own device changes nothing shown."""
    if data.scope != "everyone":
        world.count("kept_in_log_only")
        return
    place = world.place(seen.thread, data.message_id)
    row = RevisionRow(
        account_id=place.account_id,
        message_key=place.message_key,
        occurred_at=seen.at,
        event_id=seen.event_id,
        kind=DELETED,
        actor_kind=data.actor.kind,
        actor_id=data.actor.id,
        actor_name=data.actor.name,
        plain_text=None,
        parts=None,
    )
    if world.facts_of(place.message_key).put_revision(row):
        spread(world, seen, data.message_id, place)


def on_reacted(world: World, seen: Occurrence, data: MessageReacted, rules: Rules) -> None:
    """Keeps the last reaction of each actor; one without an emoji takes it back."""
    place = world.place(seen.thread, data.message_id)
    row = ReactionRow(
        account_id=place.account_id,
        message_key=place.message_key,
        actor_kind=data.actor.kind,
        actor_id=data.actor.id or "",
        actor_name=data.actor.name,
        emoji=data.emoji,
        occurred_at=seen.at,
        event_id=seen.event_id,
    )
    if world.facts_of(place.message_key).put_reaction(row):
        spread(world, seen, data.message_id, place)
