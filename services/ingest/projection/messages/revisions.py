"""Edits, deletions and reactions (§8)."""

from bitacora_schemas.events.file import FileStored, FileUnavailable
from bitacora_schemas.events.message import MessageDeleted, MessageEdited, MessageReacted

from services.ingest.projection.mentions import Mentions
from services.ingest.projection.messages.content import store_parts
from services.ingest.projection.messages.rows import DELETED, EDITED, ReactionRow, RevisionRow
from services.ingest.projection.messages.updates import park, put_reaction, put_revision
from services.ingest.projection.rules import Rules
from services.ingest.projection.working_set import Occurrence, WorkingSet


def on_edited(work: WorkingSet, seen: Occurrence, data: MessageEdited, rules: Rules) -> None:
    """Keeps the new content; the latest edit by time and id is what the message reads."""
    place = work.place(seen.thread, data.message_id)
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
    put_revision(work.revisions.of(place.message_key), row)
    park(place, seen, data.message_id)


def on_deleted(work: WorkingSet, seen: Occurrence, data: MessageDeleted, rules: Rules) -> None:
    """Leaves a tombstone without files; a deletion on the actor's own device changes nothing shown."""
    if data.scope != "everyone":
        work.count("kept_in_log_only")
        return
    place = work.place(seen.thread, data.message_id)
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
    put_revision(work.revisions.of(place.message_key), row)
    park(place, seen, data.message_id)


def on_reacted(work: WorkingSet, seen: Occurrence, data: MessageReacted, rules: Rules) -> None:
    """Keeps the last reaction of each actor; one without an emoji takes it back."""
    place = work.place(seen.thread, data.message_id)
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
    put_reaction(work.reactions.of(place.message_key), row)
    park(place, seen, data.message_id)


def mention_update(
    named: Mentions, data: MessageEdited | MessageDeleted | MessageReacted | FileStored | FileUnavailable
) -> None:
    """Everything that ever happened to the message is needed."""
    named.message_ids.add(data.message_id)
    named.update_ids.add(data.message_id)
