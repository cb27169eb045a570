"""Two conversations of an account that start in the same millisecond may want the same sort key: the newer one moves up."""

from collections.abc import Iterable

from msgspec.structs import replace

from services.chassis.keyed import fetch_keyed
from services.chassis.postgres import Connection
from services.ingest.projection.conversations.load import SQL
from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.evaluations.state import EvaluationState
from services.ingest.projection.messages.place import Place
from services.ingest.projection.messages.rows import MessageRow
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.waiting.state import WaitingMessage
from services.ingest.projection.working_set import WorkingSet


async def free_sort_keys(conn: Connection, work: WorkingSet) -> None:
    """Gives new conversations keys that no stored one has. Expected once in centuries; correct when it comes."""
    new = {each.key: each for each in work.conversations.new()}
    while True:
        taken = await fetch_keyed(conn, SQL["find_taken_keys"], sorted(new))
        if not taken:
            return
        for row in taken:
            key = (row["account_id"], row["conv_key"])
            conversation = new.pop(key)
            _move_up(work, conversation)
            new[conversation.key] = conversation


def _move_up(work: WorkingSet, conversation: Conversation) -> None:
    account_id, former = conversation.key
    now = former + 1
    while (account_id, now) in work.conversations:
        now += 1
    del work.conversations[account_id, former]
    conversation.conv_key = now
    work.conversations[conversation.key] = conversation
    _follow(work, work.threads[conversation.thread_key], former, now)


def _follow(work: WorkingSet, thread: ThreadState, former: int, now: int) -> None:
    """Everything of the batch that names the conversation names its new key."""
    account_id = thread.account_id
    thread.conversations[now] = thread.conversations.pop(former)
    for name in ("open_conv_key", "last_conv_key", "ended_conv_key"):
        if getattr(thread, name) == former:
            setattr(thread, name, now)
    for states in (work.messages, work.places, work.evaluations, work.waiting):
        _rename(states.values(), account_id, former, now)
    for message in work.waiting.values():
        if message.content.fallback == former and message.account_id == account_id:
            message.content = replace(message.content, fallback=now)
    for rows in work.files.values():
        for index, file in list(rows.items()):
            if file.conv_key == former and file.account_id == account_id:
                rows[index] = replace(file, conv_key=now)
    for event_id, transfer in work.transfers.items():
        if transfer.conv_key == former and transfer.account_id == account_id:
            work.transfers[event_id] = replace(transfer, conv_key=now)


def _rename(
    states: Iterable[MessageRow | Place | EvaluationState | WaitingMessage],
    account_id: int,
    former: int,
    now: int,
) -> None:
    for state in states:
        if state.conv_key == former and state.account_id == account_id:
            state.conv_key = now
