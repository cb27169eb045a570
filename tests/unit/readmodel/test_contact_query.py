"""What is typed into the contact box against what ingest stores for it: any way to write a phone finds it."""

from __future__ import annotations

import pytest

from services.analysis.contact_text import contact_text
from services.analysis.phone_queries import similar_spelling, typed_phone, typed_spellings
from services.readmodel.search import ContactQuery, query_problem, read_contact_query

WAYS = {
    "+5511900001234": [
        "+55 11 90000-1234", "5511900001234", "11 90000 1234", "(11) 90000-1234", "0055 11 90000 1234",
        "011 90000-1234", "+55 11 0000-1234", "11 0000 1234", "90000-1234", "1234", "55.11.90000.1234",
    ],
    "+5491145671234": [
        "+54 9 11 4567-1234", "+54 11 4567 1234", "011 4567-1234", "0 11 15 4567 1234", "11 15 4567-1234",
        "4567-1234", "00549 11 45671234", "1145671234", "1234",
    ],
    "+525512345678": ["+52 1 55 1234 5678", "+52 55 1234 5678", "55 1234 5678", "1234-5678", "0052 5512345678"],
}  # fmt: skip


def finds(query: ContactQuery, stored: str) -> bool:
    """What the condition of the filter compiler says, in Python."""
    return all(word in stored for word in query.words) and (
        not query.spellings or any(spelling in stored for spelling in query.spellings)
    )


@pytest.mark.parametrize(("phone", "typed"), [(phone, way) for phone, ways in WAYS.items() for way in ways])
def test_every_way_to_type_a_phone_finds_it(phone: str, typed: str) -> None:
    stored = contact_text(name="Ana", email=None, phone=phone, company_id=None, identifiers=())
    assert finds(read_contact_query(typed), stored)


def test_another_number_is_found_by_its_end_only_as_a_similar_one() -> None:
    stored = contact_text(name="Ana", email=None, phone="+5511900001234", company_id=None, identifiers=())
    query = read_contact_query("+54 9 351 0000-1234")
    assert not finds(query, stored)
    assert query.similar == "00001234"
    assert finds(ContactQuery(spellings=(query.similar,)), stored)


@pytest.mark.parametrize(
    ("typed", "stored_name"),
    [("josé", "Jose Pérez"), ("PEREZ jose", "José Pérez"), ("ñandú", "Nandu"), ("o'neil", "O'Neil")],
)
def test_names_are_found_without_accents_and_in_any_order(typed: str, stored_name: str) -> None:
    stored = contact_text(name=stored_name, email=None, phone=None, company_id=None, identifiers=())
    assert finds(read_contact_query(typed), stored)


@pytest.mark.parametrize("typed", ["12.345-6", "123456", "ACME-77", "acme"])
def test_company_ids_are_found_with_their_signs_and_without(typed: str) -> None:
    for company in ("12.345-6", "ACME-77"):
        stored = contact_text(name=None, email=None, phone=None, company_id=company, identifiers=())
        expected = typed.lower() in stored.split("\n") or any(
            typed.lower() in line for line in stored.split("\n")
        )
        assert finds(read_contact_query(typed), stored) == expected


def test_customers_without_a_phone_are_found_by_their_identifier() -> None:
    stored = contact_text(
        name=None, email=None, phone=None, company_id=None, identifiers=[("bsuid", "BR.1234567890"), ("username", "ana.m")]
    )  # fmt: skip
    assert finds(read_contact_query("BR.1234567890"), stored)
    assert finds(read_contact_query("ana.m"), stored)


@pytest.mark.parametrize(("typed", "fine"), [("ab", False), ("a b", False), ("12", False), ("+1", False),
                                             ("abc", True), ("123", True), ("ab cde", True), ("王芳", True)])  # fmt: skip
def test_what_no_index_can_find_is_refused(typed: str, *, fine: bool) -> None:
    assert (query_problem(typed) is None) == fine


def test_only_texts_of_digits_and_signs_are_phones() -> None:
    assert typed_phone("+55 (11) 9") == "55119"
    assert typed_phone("ana 11") is None
    assert typed_spellings("0055119")[:2] == ("0055119", "55119")
    assert similar_spelling("12345678") is None
