"""Closed sets that tables hold as numbers, each number with the word that events and the API use for it.

They stand here and nowhere else: SQL gets them as parameters, or as literals made from them.
"""

from enum import IntEnum
from typing import Literal, Self


class Code(IntEnum):
    """A number of a closed set; `word` is what events and the API say for it."""

    word: str

    def __new__(cls, number: int, word: str) -> Self:
        """A member is declared by its number and its word."""
        member = int.__new__(cls, number)
        member._value_ = number
        member.word = word
        return member

    @classmethod
    def of(cls, word: str) -> Self:
        """The member that a word stands for. Raises ValueError."""
        for member in cls:
            if member.word == word:
                return member
        raise ValueError(f"{word} is no {cls.__name__.lower()}")

    @classmethod
    def stored(cls, number: int) -> Self:
        """The member that a column holds the number of. Raises ValueError."""
        for member in cls:
            if member == number:
                return member
        raise ValueError(f"{number} is no {cls.__name__.lower()}")

    @classmethod
    def words(cls) -> tuple[str, ...]:
        """Every word, in the order of the numbers."""
        return tuple(member.word for member in cls)


class Environment(Code):
    """Whom a thread serves: real customers, or people who try a chatbot."""

    word: Literal["production", "testing"]
    PRODUCTION = 1, "production"
    TESTING = 2, "testing"


class Status(Code):
    """Whether a conversation still takes messages."""

    OPEN = 1, "open"
    ENDED = 2, "ended"


class Direction(Code):
    """Which way a message went, seen from the company."""

    INCOMING = 1, "in"
    OUTGOING = 2, "out"
    INTERNAL = 3, "internal"


class Standing(Code):
    """How a message stands in its conversation: as one of it, as the HSM before it, as the greeting before it."""

    MESSAGE = 1, "message"
    PRELUDE = 2, "prelude"
    GREETING = 3, "greeting"


class WaitingKind(Code):
    """Why the conversation of a message can still change (docs/semantics.md §4 and §6)."""

    ANSWER = 1, "answer"
    HSM = 2, "hsm"
    GREETING = 3, "greeting"
