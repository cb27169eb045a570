"""Positions: how the log numbers what Kafka numbers by offsets, and the one place where either becomes the other.

A position is an offset plus the position of its incarnation's offset 0. The two are the same number until a topic is made
anew or a log loses its end. Then offsets come a second time, and positions go on.
"""

from collections.abc import Sequence
from typing import NewType, cast

from services.ingest.source.protocol import Offset, Record

Position = NewType("Position", int)
"""The place of an event in its stream of the log. Never comes twice; gaps are usual."""

START = Position(0)
"""Where the log counts offset 0 of a topic that was never made anew."""


def position_of(offset: Offset, first_position: Position) -> Position:
    """Where the log counts an offset of the incarnation whose offset 0 it counts at `first_position`."""
    return Position(first_position + offset)


def offset_of(position: Position, first_position: Position) -> Offset:
    """The reverse of `position_of`. Below 0 for a position of an earlier incarnation."""
    return Offset(position - first_position)


def positions_of(records: Sequence[Record], first_position: Position) -> list[Position]:
    """The position of each record. At once, since a call for each costs several times the sum."""
    return cast("list[Position]", [first_position + record.offset for record in records])
