"""What to look for when somebody types a phone: the stored spellings are digits only, whole and national.

A contact's stored text holds every national variant (Brazil's ninth digit, Argentina's 9, Mexico's 1), so most
ways of typing a number are a piece of one of them once signs and prefixes are gone.
"""

import re

FEWEST_DIGITS = 3
"""Fewer digits have no trigram, so an index cannot find them."""

SIMILAR_DIGITS = 8
"""Two numbers that agree in their last eight digits are similar: perhaps the same, never surely."""

_TYPED = re.compile(r"\+?[\d\s().\-/]+\Z")
_MOBILE_PREFIX = "15"
_AREA_DIGITS = (2, 3, 4)
_ARGENTINE_NATIONAL = 10


def typed_phone(text: str) -> str | None:
    """The digits of a text that can be a phone (digits and signs only, at least three digits), else None."""
    if not _TYPED.match(text.strip()):
        return None
    digits = "".join(character for character in text if character.isdigit() and character.isascii())
    return digits if len(digits) >= FEWEST_DIGITS else None


def typed_spellings(digits: str) -> tuple[str, ...]:
    """The digit strings under which a typed number may be stored, as typed first; each at least 3 digits."""
    spellings = [digits]
    stripped = digits.lstrip("0")  # the 00 of an international call, the 0 of a long-distance one
    spellings.append(stripped)
    for base in (stripped, stripped.removeprefix("549"), stripped.removeprefix("54")):
        spellings.extend(_without_argentine_15(base))
    return tuple(dict.fromkeys(spelling for spelling in spellings if len(spelling) >= FEWEST_DIGITS))


def similar_spelling(digits: str) -> str | None:
    """The last eight digits of a typed number, None when it has no more than that."""
    return digits[-SIMILAR_DIGITS:] if len(digits) > SIMILAR_DIGITS else None


def _without_argentine_15(digits: str) -> list[str]:
    """`11 15 1234-5678` is dialled for the mobile `11 1234-5678`: area code, 15, subscriber; ten without the 15."""
    local = digits.removeprefix("0")
    if len(local) != _ARGENTINE_NATIONAL + len(_MOBILE_PREFIX):
        return []
    return [
        local[:area] + local[area + len(_MOBILE_PREFIX) :]
        for area in _AREA_DIGITS
        if local[area:].startswith(_MOBILE_PREFIX)
    ]
