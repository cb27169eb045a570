"""How data of an older major version becomes data of the next one. Empty while every type is at v1."""

from collections.abc import Callable, Mapping
from typing import Any

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTERS: Mapping[tuple[str, int], Upcaster] = {}
"""(type without version, major it reads) to the function that returns data of major + 1."""


def upcast(
    name: str, major: int, data: dict[str, Any], upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS
) -> tuple[int, dict[str, Any]]:
    """Apply upcasters one after another until there is none for the version reached."""
    while (step := upcasters.get((name, major))) is not None:
        data = step(data)
        major += 1
    return major, data
