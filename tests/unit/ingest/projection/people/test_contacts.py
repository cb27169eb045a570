"""docs/semantics.md §11 and §12: one contact for any set of linked identifiers, each field the latest."""

from itertools import permutations

from bitacora_schemas.events.blocks import Address, Contact, Identifier
from bitacora_schemas.ids import ContactIdentifier, contact_id

from services.ingest.projection.people.fold import refresh_search, take_latest
from tests.support.memory import told
from tests.support.scenarios import Line


def test_linked_identifiers_are_one_contact_under_the_smallest() -> None:
    web, phone, other = (
        Line("v-1", kind="source", channel="webchat", address="site"),
        Line("551190", kind="phone"),
        Line("9"),
    )
    web.customer("a", 0, contact=Contact(ids=(Identifier(kind="external", value="c-9"),)))
    phone.customer("b", 0)
    phone.linked(1, ("external", "c-9"))
    other.customer("c", 0)
    expected = contact_id(
        "acme",
        [
            ContactIdentifier("external", "c-9"),
            ContactIdentifier("phone", "551190"),
            ContactIdentifier("source", "v-1", "webchat", "site"),
        ],
    )
    for lines in permutations((web, phone, other)):
        story = told(*lines)
        assert len(story.work.contacts) == 2
        assert {story.work.threads[line.key].contact_id for line in (web, phone)} == {expected}
        assert len(story.work.contacts[1, expected].identifiers) == 3


def test_a_source_is_unique_per_address_and_a_username_per_channel() -> None:
    one = Line("7", kind="source", channel="webchat", address="site")
    two = Line("7", kind="source", channel="webchat", address="shop")
    three = Line("ana", kind="username", channel="telegram", address="bot-1")
    four = Line("ana", kind="username", channel="telegram", address="bot-2")
    for number, line in enumerate((one, two, three, four)):
        line.customer(f"m{number}", 0)
    assert len(told(one, two, three, four).work.contacts) == 3


def test_one_phone_with_two_accounts_is_two_contacts() -> None:
    acme, other = Line(), Line(account_id=2, accountid="other")
    acme.customer("m1", 0)
    other.customer("m1", 0)
    assert len(told(acme, other).work.contacts) == 2


def test_each_field_is_the_latest_by_time_and_what_is_left_out_says_nothing() -> None:
    steps = (
        (1, Contact(name="Ana", email="ana@example.com")),
        (2, Contact(first_name="Ana", last_name="Gómez", address=Address(city="Rosario", street="Mitre"))),
        (3, Contact(address=Address(city="Lima"), attributes={"plan": "gold"})),
        (4, Contact(attributes={"seats": 3})),
    )
    for order in permutations(steps):
        line = Line()
        for number, (at, contact) in enumerate(order):
            line.customer(f"m{number}", at, contact=contact)
        (state,) = told(line).work.contacts.values()
        take_latest(state)
        assert state.fields == {
            "name": "Ana Gómez",
            "email": "ana@example.com",
            "address": {"city": "Lima"},
            "attributes.plan": "gold",
            "attributes.seats": 3,
        }


def test_a_field_named_as_changed_and_left_out_was_emptied() -> None:
    line = Line()
    line.customer("m1", 0, contact=Contact(name="Ana", email="ana@example.com"))
    line.updated(1, Contact(name="Ana"), changed=("email",))
    (state,) = told(line).work.contacts.values()
    take_latest(state)
    assert (state.fields["name"], state.fields["email"]) == ("Ana", None)


def test_the_search_text_holds_names_folded_and_phones_in_every_spelling() -> None:
    line = Line("5511900000000")
    line.customer("m1", 0, contact=Contact(name="Núñez", email="Ana@Example.com", company_id="12.345-6"))
    (state,) = told(line).work.contacts.values()
    take_latest(state)
    refresh_search(state)
    assert state.search.split("\n") == [
        "nunez",
        "ana@example.com",
        "12.345-6",
        "123456",
        "5511900000000",
        "551100000000",
    ]
