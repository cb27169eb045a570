"""All broken builds, each with the checks that must catch it and what they must find."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from tests.support.canaries import of_the_reading, of_the_transaction, stock_take
from tests.support.checks import clients, fetches, writing
from tests.support.checks.findings import Check, Findings


@dataclass(frozen=True, slots=True)
class Canary:
    """A broken build: `findings` are the names that the check must report on it, among others perhaps."""

    name: str
    build: Callable[[], AbstractContextManager[None]]
    caught_by: str
    check: Check
    findings: frozenset[str]

    def is_caught(self, found: Findings) -> bool:
        """Whether the check found what is broken."""
        return self.findings <= found.keys()


def _canary(
    build: Callable[[], AbstractContextManager[None]],
    check: Callable[..., object],
    *findings: str,
    client: str | None = None,
    **arguments: object,
) -> Canary:
    name = build.__name__.replace("_", " ")
    caught_by = check.__name__.replace("_", " ")
    if client is not None:
        arguments["client"] = client
        name, caught_by = f"{name}, {client}", f"{caught_by}, {client}"
    bound: Check = partial(check, **arguments)  # type: ignore[assignment]  # its keywords differ from check to check
    return Canary(name, build, caught_by, bound, frozenset(findings))


FLOCK = (
    _canary(of_the_transaction.acknowledge_before_commit, writing.passing_errors, "lost"),
    _canary(of_the_transaction.no_fence, writing.strays, "lost", "went back"),
    _canary(of_the_transaction.one_sided_fence, writing.strays, "lost"),
    _canary(of_the_transaction.no_unique_key, writing.repeats, "doubled"),
    _canary(of_the_transaction.swallowed_database_error, writing.passing_errors, "lost"),
    _canary(of_the_transaction.ids_known_before_commit, writing.passing_errors, "lost"),
    _canary(of_the_transaction.ids_known_for_ever, writing.restored_database, "lost"),
    _canary(of_the_transaction.dead_letters_after_commit, writing.lost_answers, "dead letters missing"),
    _canary(of_the_transaction.no_refusal_limits, writing.flood, "not stopped", "dead letters too many"),
    _canary(of_the_reading.no_topic_id, writing.topic_made_anew, "lost", "not halted"),
    _canary(stock_take.take, clients.errors_while_reading, "lost", client="faust"),
    _canary(of_the_reading.no_un_read, fetches.fetch_in_hand, "refused", client="faust"),
    _canary(of_the_reading.no_un_read, fetches.fetch_in_hand, "refused", client="aiokafka"),
    _canary(of_the_reading.no_hole_rule, fetches.lost_read, "lost", client="faust"),
    _canary(of_the_reading.no_hole_rule, fetches.lost_read, "lost", client="aiokafka"),
    _canary(
        of_the_reading.every_hole_accepted,
        fetches.deleted_unread,
        "not halted",
        client="aiokafka",
        amid_reading=False,
    ),
    _canary(of_the_reading.read_uncommitted, clients.aborted_transaction, "unwanted", client="faust"),
    _canary(of_the_reading.read_uncommitted, clients.aborted_transaction, "unwanted", client="aiokafka"),
    _canary(of_the_reading.kafka_commit_for_no_row, clients.emptied_database, "lost", client="aiokafka"),
)

BUILDS = {canary.build.__name__: canary.build for canary in FLOCK}
"""Every broken build by the name of its function."""
