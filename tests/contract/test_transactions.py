"""Where transactions begin in query and export: by `transaction(pool)`, and nowhere by chance."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = [path for part in ("query", "export") for path in sorted((ROOT / "services" / part).rglob("*.py"))]


def strays(source: str) -> Iterator[str]:
    """Functions that begin a transaction on a connection that nobody handed them."""
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        given = {
            each.arg for each in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        }
        for call in ast.walk(function):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr == "transaction"
                and not (isinstance(call.func.value, ast.Name) and call.func.value.id in given)
            ):
                yield function.name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_transaction_begins_by_the_one_function_for_it(path: Path) -> None:
    assert list(strays(path.read_text("utf-8"))) == []


def test_a_stray_transaction_is_seen_and_a_savepoint_of_the_caller_s_is_none() -> None:
    stray = "async def f(pool):\n    async with pool.acquire() as conn, conn.transaction():\n        pass\n"
    savepoint = "async def g(conn):\n    async with conn.transaction():\n        pass\n"
    assert list(strays(stray + savepoint)) == ["f"]
