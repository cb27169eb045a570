"""Which other Pythons `make test` finds."""

import os
import sys
from pathlib import Path

import pytest

from tests.support.suite.pythons import NAMED, FoundPython, find_pythons

RUNNING = ".".join(map(str, sys.version_info[:2]))


def interpreter(path: Path, answer: str, code: int = 0) -> Path:
    """A program that answers as an interpreter does when it is asked for its version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {answer}\nexit {code}\n", "utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def on_path(tmp_path: Path) -> Path:
    return tmp_path / "bin"


def find(on_path: Path, **more: str) -> list[FoundPython]:
    return find_pythons({"PATH": str(on_path), **more}, on_path.parent, named=("7.1", "7.2"))


def test_those_on_path_are_found(on_path: Path) -> None:
    path = interpreter(on_path / "python7.2", "7.2")

    assert find(on_path) == [FoundPython("7.2", path)]


def test_the_newest_patch_of_pyenv_comes_before_those_on_path(on_path: Path) -> None:
    interpreter(on_path / "python7.1", "7.1")
    root = on_path.parent / "elsewhere"
    interpreter(root / "versions" / "7.1.9" / "bin" / "python", "7.1")
    newest = interpreter(root / "versions" / "7.1.10" / "bin" / "python", "7.1")
    interpreter(root / "versions" / "7.10.1" / "bin" / "python", "7.10")

    assert find(on_path, PYENV_ROOT=str(root)) == [FoundPython("7.1", newest)]


def test_pyenv_is_looked_for_in_the_home_folder(on_path: Path) -> None:
    path = interpreter(on_path.parent / ".pyenv" / "versions" / "7.2.0" / "bin" / "python", "7.2")

    assert find(on_path) == [FoundPython("7.2", path)]


def test_one_that_does_not_answer_or_is_another_version_is_not_taken(on_path: Path) -> None:
    interpreter(on_path / "python7.1", "7.1", code=127)
    interpreter(on_path / "python7.2", "7.3")

    assert find(on_path) == []


def test_a_machine_without_any_finds_none(on_path: Path) -> None:
    assert find(on_path) == []


def test_the_one_that_runs_is_not_run_again() -> None:
    found = find_pythons(dict(os.environ), Path.home())

    assert RUNNING in NAMED
    assert RUNNING not in {python.version for python in found}
