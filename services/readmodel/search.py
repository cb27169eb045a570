"""What is looked for in the contact box: words and phone spellings inside a contact's folded text, or an id."""

from uuid import UUID

from msgspec import Struct

from services.analysis.phone_queries import similar_spelling, typed_phone, typed_spellings
from services.analysis.words import fold_word

MOST_WORDS = 8
SHORTEST_WORD = 3
"""A word of fewer letters has no trigram; it may narrow a search but not make one."""


class ContactQuery(Struct, frozen=True):
    """What to look for: this conversation, else contacts that hold all of `words` and one of `spellings`.

    `similar` is what to try when no contact has one of the spellings: the end of the number.
    """

    conversation_id: UUID | None = None
    words: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    similar: str | None = None

    @property
    def patterns(self) -> tuple[str, ...]:
        """LIKE patterns of the words."""
        return tuple(contains_pattern(word) for word in self.words)

    @property
    def alternatives(self) -> tuple[str, ...]:
        """LIKE patterns of the spellings, of which one must match."""
        return tuple(contains_pattern(spelling) for spelling in self.spellings)


def read_contact_query(text: str) -> ContactQuery:
    """Reads what was typed into the contact box; never fails, see query_problem."""
    typed = text.strip()
    if (identifier := _uuid(typed)) is not None:
        return ContactQuery(conversation_id=identifier, words=(fold_word(typed),))
    folded = fold_word(typed)
    digits = typed_phone(typed)
    if digits is not None:
        as_typed = () if folded == digits or " " in folded else (folded,)  # a company id such as 12.345-6
        return ContactQuery(
            spellings=(*typed_spellings(digits), *as_typed), similar=similar_spelling(digits.lstrip("0"))
        )
    return ContactQuery(words=tuple(dict.fromkeys(folded.split()))[:MOST_WORDS])


def query_problem(text: str) -> str | None:
    """Why this text cannot be looked for, None when it can."""
    query = read_contact_query(text)
    if query.conversation_id is not None or query.spellings:
        return None
    if any(len(word) >= SHORTEST_WORD or not word.isascii() for word in query.words):
        return None
    return f"needs a word of {SHORTEST_WORD} characters, or {SHORTEST_WORD} digits of a phone"


def contains_pattern(word: str) -> str:
    r"""The LIKE pattern "contains this word", with `\`, `%` and `_` meaning themselves."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _uuid(text: str) -> UUID | None:
    if len(text) not in (32, 36):
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
