"""Which words a text is found by: ingest writes them into search documents, the read model asks with them.

The same code cuts messages and queries, so what is written is what is asked for. Changing a rule means
raising `VERSION` and making the documents anew.
"""

import re
import unicodedata
from collections.abc import Iterable

VERSION = 1
"""Stored with each document; documents of an older version are made anew."""

LONGEST_WORD = 60
"""Letters; longer ones are cut, in text and query alike."""

DOCUMENT_BYTES = 900_000
"""`array_to_tsvector` corrupts documents above 1 MiB without an error (seen on PostgreSQL 18)."""

_COMPOUND = re.compile(r"\w+(?:[.@_'’+/-]\w+)*", re.UNICODE)
_PARTS = re.compile(r"[^\W_]+", re.UNICODE)
_PHONE_LIKE = re.compile(r"(?<!\w)\+?\d(?:[\s().-]{0,2}\d){7,14}(?!\w)")
_LAST_DIGITS = 8
_DIGITS = re.compile(r"\d+")


def fold_word(word: str) -> str:
    """Lower case without accents: `Facturación` and `FACTURACION` become one; the sharp s becomes ss."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def stem(word: str) -> str:
    """One form for singular and plural of folded Spanish and Portuguese words; codes and numbers stay.

    Not linguistics: both forms need only meet, as `luces` and `luz`, `ligações` and `ligação` do.
    """
    if len(word) < 3 or not word.isalpha() or not word.isascii():
        return word
    for ending, replacement, least in (
        ("oes", "o", 4), ("aes", "o", 5), ("aos", "o", 4), ("ao", "o", 4),
        ("ais", "al", 6), ("eis", "el", 6), ("ois", "ol", 6), ("ns", "m", 4),
    ):  # fmt: skip
        if len(word) >= least and word.endswith(ending):
            return word[: -len(ending)] + replacement
    if len(word) > 3:
        word = word.removesuffix("s")
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    if word.endswith("z"):
        word = word[:-1] + "c"
    return word


def document_words(texts: Iterable[str]) -> tuple[list[str], bool]:
    """The distinct words of a conversation, sorted, and whether some had to be left out (too many bytes).

    A compound (`ABC-12345`, `ana@example.com`, `o'neil`) is found whole and by its parts; a number that looks
    like a phone is found by all its digits and by `~` and its last eight.
    """
    words: set[str] = set()
    for text in texts:
        words.update(_words_of(text))
    ordered = sorted(words, key=lambda word: (word.isdigit(), word))
    size = 0
    for count, word in enumerate(ordered):
        size += len(word.encode()) + 1
        if size > DOCUMENT_BYTES:
            return sorted(ordered[:count]), True
    return sorted(ordered), False


def query_terms(query: str) -> list[str]:
    """The terms a document must hold, all of them: `word`, or `word*` for a beginning. May be empty.

    A phone asks for its last eight digits only, since people write the rest in many ways.
    """
    query = unicodedata.normalize("NFC", query)
    terms = ["~" + _digits(phone)[-_LAST_DIGITS:] for phone in _PHONE_LIKE.findall(query)]
    rest = _PHONE_LIKE.sub(" ", query)
    for match in _COMPOUND.finditer(rest):
        word = fold_word(match.group())
        term = _clip(word if _is_compound(word) else stem(word))
        beginning = rest[match.end() : match.end() + 1] == "*"
        terms.append(term + "*" if beginning else term)
    return list(dict.fromkeys(terms))


def _words_of(text: str) -> Iterable[str]:
    text = unicodedata.normalize("NFC", text)
    for match in _COMPOUND.finditer(text):
        word = fold_word(match.group())
        if not _is_compound(word):
            yield _clip(stem(word))
            continue
        yield _clip(word)
        for part in _PARTS.findall(word):
            yield _clip(stem(part))
        if "@" in word:
            yield _clip(word.rpartition("@")[2])
    for phone in _PHONE_LIKE.findall(text):
        digits = _digits(phone)
        yield digits
        yield "~" + digits[-_LAST_DIGITS:]


def _is_compound(word: str) -> bool:
    return not word.isalnum()


def _digits(text: str) -> str:
    return "".join(_DIGITS.findall(text))


def _clip(word: str) -> str:
    return word[:LONGEST_WORD]
