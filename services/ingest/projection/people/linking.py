"""Which identifiers are one person (§11): a union of sets, so the order in which links come does not matter."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec
from msgspec import Struct

from services.ingest.projection.people.fold import contact_id_of
from services.ingest.projection.people.state import StoredIdentifier

Scoped = tuple[int, str]
"""Account and scoped identifier."""


class Claim(Struct, frozen=True):
    """Identifiers that one event gives to one person; the first is the thread's own."""

    account_id: int
    accountid: str
    thread_key: str
    identifiers: tuple[StoredIdentifier, ...]


class Person(Struct):
    """What the claims of a batch say of one person: identifiers, and the contacts they belonged to before."""

    account_id: int
    accountid: str
    identifiers: dict[str, StoredIdentifier] = msgspec.field(default_factory=dict)
    former: set[UUID] = msgspec.field(default_factory=set)
    threads: set[str] = msgspec.field(default_factory=set)
    unknown: set[str] = msgspec.field(default_factory=set)

    @property
    def known_already(self) -> bool:
        """Whether all of this was known before: one contact, no new identifier."""
        return len(self.former) == 1 and not self.unknown

    @property
    def provisional_id(self) -> UUID:
        """The id to reserve new identifiers under, before every identifier of the former contacts is known."""
        return min(self.former) if self.former else contact_id_of(self.accountid, self.identifiers)


def join_claims(claims: Iterable[Claim], known: Mapping[Scoped, UUID]) -> list[Person]:
    """Joins claims that share an identifier or a known contact; people in the order they first appear."""
    parents: dict[object, object] = {}
    roots: list[tuple[Claim, object]] = []
    for claim in claims:
        root: object = None
        for identifier in claim.identifiers:
            scoped = (claim.account_id, identifier.identifier)
            root = _union(parents, root, scoped)
            contact_id = known.get(scoped)
            if contact_id is not None:
                root = _union(parents, root, contact_id)
        roots.append((claim, root))
    people: dict[object, Person] = {}
    for claim, token in roots:
        root = _find(parents, token)
        person = people.get(root)
        if person is None:
            person = people[root] = Person(claim.account_id, claim.accountid)
        person.threads.add(claim.thread_key)
        for identifier in claim.identifiers:
            text = identifier.identifier
            person.identifiers[text] = identifier
            contact_id = known.get((claim.account_id, text))
            if contact_id is None:
                person.unknown.add(text)
            else:
                person.former.add(contact_id)
    return list(people.values())


def _find(parents: dict[object, object], token: object) -> object:
    root = token
    while (above := parents.get(root, root)) != root:
        root = above
    while (above := parents.get(token, token)) != root:
        parents[token] = root
        token = above
    return root


def _union(parents: dict[object, object], root: object, token: object) -> object:
    """Joins a token to a group; returns the group's root. Without a group the token's own is taken."""
    other = _find(parents, token)
    if root is None:
        return other
    top = _find(parents, root)
    if top != other:
        parents[other] = top
    return top
