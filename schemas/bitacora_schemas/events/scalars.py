"""Which plain values the contract allows, each within bounds that an index can carry."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

IDENTIFIER_MAX = 512
NAME_MAX = 1024

# The decoder enforces the pattern (`identifiers.py`): a regex for each value would double its cost.
Id = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=IDENTIFIER_MAX,
        description="Identifier: 1 to 512 characters, none of them a control character",
        extra_json_schema={"pattern": r"^[^\u0000-\u001f]+$"},
    ),
]
Word = Annotated[str, Meta(min_length=1, max_length=64, description="A word of an open list")]
Name = Annotated[str, Meta(max_length=NAME_MAX)]
Time = Annotated[datetime, Meta(tz=True, description="RFC 3339 with a zone")]
Index = Annotated[int, Meta(ge=0, le=32_767)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Size = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Milliseconds = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Scalar = str | int | float | bool | None
