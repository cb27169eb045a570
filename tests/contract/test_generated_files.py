"""What is made from code is committed as the code would make it; `make generate` mends a failure here."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli.generate.__main__ import GENERATORS, ROOT

ADVICE = "stale; run `make generate` and commit"


@pytest.mark.parametrize("name", GENERATORS)
def test_generated_files_are_fresh(name: str) -> None:
    # In a process of its own: a test run has declared metrics and imported modules that a fresh one has not.
    check = subprocess.run(
        [sys.executable, "-m", "cli.generate", name, "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert check.returncode == 0, check.stderr + ADVICE


def test_every_setting_of_every_process_is_described() -> None:
    from cli.generate.settings import settings_classes, settings_modules

    undescribed = [
        f"{settings.__name__}.{name}"
        for module in settings_modules()
        for settings in settings_classes(module)
        for name, field in settings.model_fields.items()
        if not field.description
    ]
    assert undescribed == []


def test_a_generator_writes_below_the_repository_only() -> None:
    from cli.generate.__main__ import generate

    assert all(Path(ROOT) in path.parents for path in generate(("database",)))
