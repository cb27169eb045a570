"""SQL made from what a field says of itself: constants of ours only, never a value of a request."""

from collections.abc import Mapping

from bitacora_schemas.codes import Code


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def case(expression: str, cells: Mapping[str, str], *, otherwise: str | None = None) -> str:
    """`CASE expression WHEN ... THEN ...`: `cells` by the SQL literals that the expression is compared with."""
    whens = " ".join(f"WHEN {value} THEN {quoted(cell)}" for value, cell in cells.items())
    return f"CASE {expression} {whens} {f'ELSE {otherwise} ' if otherwise else ''}END"


def words_of_codes(expression: str, codes: type[Code], cells: Mapping[str, str] | None = None) -> str:
    """The word of a stored number, or the cell that `cells` has for that word."""
    named = cells or {word: word for word in codes.words()}
    return case(expression, {str(int(code)): named[code.word] for code in codes})
