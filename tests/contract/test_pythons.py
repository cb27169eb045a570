"""The versions of Python that we name, in one list, are those that documents, packages and the image name."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.support.suite.pythons import NAMED

ROOT = Path(__file__).parents[2]
PROJECTS = ("pyproject.toml", "schemas/pyproject.toml", "producer/pyproject.toml")


@pytest.mark.parametrize("project", PROJECTS)
def test_every_package_asks_for_the_oldest_we_try(project: str) -> None:
    packages = tomllib.loads((ROOT / project).read_text("utf-8"))

    assert packages["project"]["requires-python"] == f">={NAMED[0]}"


def test_the_readme_names_the_oldest_we_try() -> None:
    assert f"Python {NAMED[0]}" in (ROOT / "README.md").read_text("utf-8")


def test_the_python_of_the_image_is_one_we_try() -> None:
    images = re.findall(r"^FROM python:(\d+\.\d+)", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)

    assert images
    assert set(images) <= set(NAMED)
