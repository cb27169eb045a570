"""Two conversations of an account that start in the same millisecond may want the same sort key: the newer one moves up."""

from collections.abc import Iterable

from msgspec.structs import replace

from services.chassis.keyed import fetch_keyed
from services.chassis.postgres import Connection
from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.conversations.write import SQL
from services.ingest.projection.evaluations.state import EvaluationState
from services.ingest.projection.messages.place import Place
from services.ingest.projection.messages.rows import MessageRow
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.waiting.state import LooseMessage
from services.ingest.projection.working_set import World


async def free_sort_keys(conn: Connection, world: World) -> None:
    """Gives new conversations keys that no stored one has. Expected once in centuries; correct when it comes."""
    new = {key: each for key, each in world.changed_conversations.items() if each.is_new}
    while True:
        taken = await fetch_keyed(conn, SQL["find_taken_keys"], sorted(new))
        if not taken:
            return
        for row in taken:
            key = (row["account_id"], row["conv_key"])
            conversation = new.pop(key)
            _move_up(world, conversation)
            new[conversation.key] = conversation


def _move_up(world: World, conversation: Conversation) -> None:
    account_id, former = conversation.key
    now = former + 1
    while (account_id, now) in world.conversations:
        now += 1
    del world.conversations[account_id, former]
    world.changed_conversations.pop((account_id, former), None)
    conversation.conv_key = now
    world.conversations[conversation.key] = conversation
    world.changed_conversations[conversation.key] = conversation
    _follow(world, world.threads[conversation.thread_key], former, now)


def _follow(world: World, thread: ThreadState, former: int, now: int) -> None:
    """Everything of the batch that names the conversation names its new key."""
    account_id = thread.account_id
    thread.conversations[now] = thread.conversations.pop(former)
    for name in ("open_conv_key", "last_conv_key", "ended_conv_key"):
        if getattr(thread, name) == former:
            setattr(thread, name, now)
    for states in (world.messages, world.places, world.evaluations, world.loose):
        _rename(states.values(), account_id, former, now)
    for message in world.loose.values():
        if message.content.fallback == former and message.account_id == account_id:
            message.content = replace(message.content, fallback=now)
    for key, facts in world.facts.items():
        if facts.files and world.places[key].conv_key == now and world.places[key].account_id == account_id:
            facts.place_files(world.places[key])
            world.changed_facts.add(key)
    world.new_transfers[:] = [
        replace(each, conv_key=now) if each.conv_key == former and each.account_id == account_id else each
        for each in world.new_transfers
    ]


def _rename(
    states: Iterable[MessageRow | Place | EvaluationState | LooseMessage],
    account_id: int,
    former: int,
    now: int,
) -> None:
    for state in states:
        if state.conv_key == former and state.account_id == account_id:
            state.conv_key = now
