"""Whoever follows a page of the runbook at night finds every command, setting, metric, alert and page that it names."""

import importlib
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer import main as typer_main

from cli import findings
from cli.app import build_app
from services.chassis.metrics import declared
from tests.support.runbook_pages import FOLDER, Page, pages

ROOT = Path(__file__).parents[2]
PAGES = list(pages())
HEADINGS = ["Sign", "Meaning", "Look", "Do", "Over"]
OTHER_PROGRAMS = {"curl", "psql", "docker", "openssl", "df", "date", "timedatectl", "python"}
_LINK = re.compile(r"\]\(([^)]+)\)")
_SETTING = re.compile(r"\bBITACORA_[A-Z_]+\b")
_METRIC = re.compile(r"\bbitacora_(?:ingest|query|export|process)_[a-z_]+\b")
_ALERT = re.compile(r"\bBitacora[A-Z][A-Za-z]+\b")


def by_name(page: Page) -> str:
    return page.name


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_a_page_has_its_five_parts_in_order(page: Page) -> None:
    assert re.findall(r"^## (.+)$", page.text, re.MULTILINE) == HEADINGS
    assert re.match(r"# \S", page.text)
    assert page.lines, "it says what to type"


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_command_exists_with_its_options_and_arguments(page: Page) -> None:
    for line in page.commands:
        command: Any = typer_main.get_command(build_app())
        words = shlex.split(line)[1:]
        while words and hasattr(command, "commands"):
            word = words.pop(0)
            assert word in command.commands, f"{line}: bitacora has no {word}"
            command = command.commands[word]
        options = {name: parameter for parameter in command.params for name in parameter.opts}
        arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
        given = 0
        while words:
            word = words.pop(0)
            if word.startswith("--"):
                assert word in options, f"{line}: no option {word}"
                if not options[word].is_flag:
                    assert words, f"{line}: {word} wants a value"
                    words.pop(0)
            else:
                given += 1
        most = sum(1_000 if argument.nargs == -1 else 1 for argument in arguments)
        assert given <= most, f"{line}: too many words"
        if line in page.lines:
            assert given >= sum(argument.required for argument in arguments), f"{line}: something is missing"


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_other_programs_are_the_few_that_people_have(page: Page) -> None:
    for line in page.lines:
        words = [word for word in shlex.split(line) if "=" not in word.split("/")[0] or word.startswith("-")]
        assert words[0] in OTHER_PROGRAMS | {"bitacora"}, line
    assert len(page.statements) == sum(line.startswith("psql ") for line in page.lines)


@pytest.mark.parametrize(
    "page", [*PAGES, Page("README", (FOLDER / "README.md").read_text("utf-8"))], ids=by_name
)
def test_every_link_leads_somewhere(page: Page) -> None:
    for link in _LINK.findall(page.text):
        path, _, anchor = link.partition("#")
        target = (FOLDER / path).resolve()
        assert target.is_file(), link
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^a-z0-9 -]", "", each.lower()).replace(" ", "-") for each in headings}


def test_every_page_is_in_the_table_of_contents() -> None:
    listed = set(re.findall(r"\]\(([a-z-]+)\.md\)", (FOLDER / "README.md").read_text("utf-8")))
    assert listed == {page.name for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_setting_and_metric_exists(page: Page) -> None:
    documented = set(_SETTING.findall((ROOT / "docs" / "settings.md").read_text("utf-8")))
    secret_files = {f"{name}_FILE" for name in documented}
    named = {name for name in _SETTING.findall(page.text) if not name.endswith("_")}
    assert named - documented - secret_files == set()
    for path in sorted((ROOT / "services").rglob("metrics.py")):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert set(_METRIC.findall(page.text)) - {each.name for each in declared()} == set()


def test_every_alert_that_a_page_names_exists() -> None:
    rules = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text("utf-8"))
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    assert {name for page in PAGES for name in _ALERT.findall(page.text)} == alerts


def test_every_page_that_doctor_names_exists() -> None:
    named = [value for name, value in vars(findings).items() if name.isupper() and isinstance(value, str)]
    assert len(named) >= 10
    assert [page for page in named if not (ROOT / page).is_file()] == []


def test_every_word_for_a_refused_sign_in_is_on_its_page() -> None:
    page = (FOLDER / "sign-in-refused.md").read_text("utf-8")
    spoken = findings.SIGN_IN_FAULTS - {"certificate_refused", "tls_failed"}  # whatever else OpenSSL may say
    assert [word for word in spoken if f"`{word}`" not in page] == []
