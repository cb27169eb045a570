"""A phone is found however people of Brazil, Argentina and Mexico write it (search.md, the eleven ways)."""

import pytest

from services.analysis.contact_text import contact_text
from services.analysis.phone_queries import typed_phone, typed_spellings
from services.analysis.phone_spellings import phone_spellings


@pytest.mark.parametrize(
    ("phone", "spellings"),
    [
        ("+55 11 90000-0000", ("5511900000000", "551100000000")),
        ("551100000000", ("551100000000", "5511900000000")),
        ("+54 9 11 0000-0000", ("5491100000000", "541100000000")),
        ("541100000000", ("541100000000", "5491100000000")),
        ("+52 1 55 0000 0000", ("5215500000000", "525500000000")),
        ("525500000000", ("525500000000", "5215500000000")),
        ("+56 9 0000 0000", ("56900000000",)),
        ("none", ()),
    ],
)
def test_a_phone_is_stored_in_both_national_forms(phone: str, spellings: tuple[str, ...]) -> None:
    assert phone_spellings(phone) == spellings


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("+5511900000000", way)
        for way in (
            "+55 11 90000-0000", "5511900000000", "0055 11 90000 0000", "55 11 0000-0000", "(11) 90000-0000",
            "011 90000-0000", "11 0000 0000", "0000",
        )
    ]
    + [
        ("5491112345678", way)
        for way in (
            "+54 9 11 1234-5678", "54 11 1234 5678", "011 15 1234-5678", "11 15 1234 5678", "11 1234-5678", "5678",
        )
    ]
    + [("525512345678", way) for way in ("+52 1 55 1234 5678", "52 55 1234 5678", "55 1234 5678", "0052 55 1234-5678")],
)  # fmt: skip
def test_however_it_is_typed_it_is_a_piece_of_what_is_stored(stored: str, typed: str) -> None:
    text = contact_text(name=None, email=None, phone=stored, company_id=None, identifiers=())
    digits = typed_phone(typed)
    assert digits is not None
    assert any(spelling in text for spelling in typed_spellings(digits))


def test_a_customer_without_a_phone_is_found_by_the_channels_own_id() -> None:
    text = contact_text(
        name="Ana",
        email=None,
        phone=None,
        company_id=None,
        identifiers=[("bsuid", "BR.123"), ("username", "Ana_G")],
    )
    assert text.split("\n") == ["ana", "br.123", "ana_g"]
