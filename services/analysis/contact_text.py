"""The text in which the contact box looks for a person: one line a piece, folded as queries are."""

from collections.abc import Iterable

from services.analysis.phone_spellings import phone_spellings
from services.analysis.words import fold_word

_PHONE_KINDS = frozenset({"phone", "wa_id"})


def contact_text(
    *,
    name: str | None,
    email: str | None,
    phone: str | None,
    company_id: str | None,
    identifiers: Iterable[tuple[str, str]],
) -> str:
    """Name, e-mail, company id and identifiers folded, phones as digits in every national spelling; no line twice.

    Identifiers come as (kind, value). A pasted company id is found with its signs and without.
    """
    lines: list[str] = [fold_word(each) for each in (name, email) if each]
    if phone:
        lines.extend(phone_spellings(phone))
    if company_id:
        folded = fold_word(company_id)
        lines.append(folded)
        bare = "".join(character for character in folded if character.isalnum())
        lines.append(bare)
    for kind, value in identifiers:
        if kind in _PHONE_KINDS:
            lines.extend(phone_spellings(value))
        else:
            lines.append(fold_word(value))
    return "\n".join(dict.fromkeys(line for line in lines if line))
