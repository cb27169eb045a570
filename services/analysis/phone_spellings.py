"""Under which digits a phone is stored, so that however people write it, what they type is a piece of one.

For finding only, never for saying that two people are one: without its 9 a Brazilian number can be a landline.
"""


def phone_spellings(phone: str) -> tuple[str, ...]:
    """The digits as received, then the other national form where Brazil, Argentina or Mexico has two.

    Brazil: 55, area of 2, a 9 before the 8 digits or not. Argentina: 54, a 9 before the 10 digits or not.
    Mexico: 52, a 1 before the 10 digits or not. Empty for a text without digits.
    """
    digits = "".join(character for character in phone if character.isascii() and character.isdigit())
    if not digits:
        return ()
    other = _other_form(digits)
    return (digits,) if other is None else (digits, other)


def _other_form(digits: str) -> str | None:
    country, rest = digits[:2], digits[2:]
    if country == "55":
        area, subscriber = rest[:2], rest[2:]
        if len(subscriber) == 9 and subscriber[0] == "9":
            return country + area + subscriber[1:]
        if len(subscriber) == 8:
            return country + area + "9" + subscriber
    elif country in ("54", "52"):
        mark = "9" if country == "54" else "1"
        if len(rest) == 11 and rest[0] == mark:
            return country + rest[1:]
        if len(rest) == 10:
            return country + mark + rest
    return None
