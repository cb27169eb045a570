"""Alerts and dashboards ask for what the processes expose, and lead people to a page that exists."""

import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.chassis.metrics import Declaration, declared
from tests.support.prometheus_queries import asked_for, exposed_labels, unknown

ROOT = Path(__file__).parents[2]
ALERTS: dict[str, Any] = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text("utf-8"))
RULES: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PROMETHEUS: dict[str, Any] = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text("utf-8"))
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
DASHBOARDS = {
    path.name: json.loads(path.read_text("utf-8")) for path in (ROOT / "deploy/grafana").glob("*.json")
}
JOBS = {"bitacora-ingest", "bitacora-query", "bitacora-export"}
SEVERITIES = {"critical", "warning"}
_LABEL_IN_TEXT = re.compile(r"\$labels\.(\w+)")
_JOB_MATCHER = re.compile(r'job="([^"]+)"')


@pytest.fixture(scope="module")
def declarations() -> dict[str, Declaration]:
    for path in sorted((ROOT / "services").rglob("metrics.py")):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return {declaration.name: declaration for declaration in declared()}


def targets() -> Iterator[tuple[str, str, str]]:
    """Dashboard, panel, expression."""
    for name, board in DASHBOARDS.items():
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                yield name, panel["title"], target["expr"]


def test_the_parser_finds_what_is_not_there(declarations: dict[str, Declaration]) -> None:
    """The checks below are worth something."""
    assert unknown("sum(bitacora_ingest_nothing)", declarations) == {"bitacora_ingest_nothing"}
    assert unknown('bitacora_ingest_events_total{reason="x"}', declarations) == {
        "bitacora_ingest_events_total{reason}"
    }
    assert unknown("sum by (color) (bitacora_ingest_batches_total)", declarations) == {"by (color)"}
    assert unknown("rate(bitacora_ingest_batch_records[5m])", declarations) == {
        "bitacora_ingest_batch_records"
    }, "a histogram is asked by its parts"
    with pytest.raises(ValueError, match=r"\S"):
        asked_for("sum by (")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_asks_for_what_is_exposed_and_leads_to_a_page(
    rule: dict[str, Any], declarations: dict[str, Declaration]
) -> None:
    assert unknown(rule["expr"], declarations) == set()
    assert rule["labels"]["severity"] in SEVERITIES
    assert rule["annotations"]["summary"].endswith(".")
    page = ROOT / rule["annotations"]["runbook"]
    assert page.parent == ROOT / "docs" / "runbook"
    assert page.is_file()
    assert f"`{rule['alert']}`" in page.read_text("utf-8"), "the page names the alert as a sign"
    assert set(_JOB_MATCHER.findall(rule["expr"])) <= JOBS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_a_summary_speaks_only_of_labels_that_the_expression_keeps(
    rule: dict[str, Any], declarations: dict[str, Declaration]
) -> None:
    used = set(_LABEL_IN_TEXT.findall(rule["annotations"]["summary"]))
    asked = asked_for(rule["expr"])
    kept = asked.grouped or {"job", "instance"}.union(
        *(exposed_labels(name, declarations) or set() for name in asked.metrics)
    )
    assert used <= kept


def test_alerts_have_names_of_their_own() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"Bitacora[A-Z][A-Za-z]+", name) for name in names)


def test_every_job_is_scraped_at_the_port_that_its_process_serves() -> None:
    scraped = {}
    for job in PROMETHEUS["scrape_configs"]:
        (found,) = job["dns_sd_configs"]
        scraped[job["job_name"]] = (*found["names"], found["port"])
    assert set(scraped) == JOBS
    for job, (service, port) in scraped.items():
        assert job == f"bitacora-{service}"
        probe = COMPOSE["services"][service]["healthcheck"]["test"][-1]
        assert f":{port}/" in probe


@pytest.mark.parametrize("name", sorted(DASHBOARDS))
def test_a_dashboard_can_be_loaded(name: str) -> None:
    board = DASHBOARDS[name]
    panels = board["panels"]
    ids = [panel["id"] for panel in panels]
    assert len(ids) == len(set(ids))
    assert board["schemaVersion"] >= 39
    assert board["uid"] == f"bitacora-{name.removesuffix('.json')}"
    (variable,) = board["templating"]["list"]
    assert (variable["name"], variable["type"], variable["query"]) == (
        "datasource",
        "datasource",
        "prometheus",
    )
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, f"{panel['title']} lies over another panel"
        taken |= cells
        if panel["type"] == "row":
            continue
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        references = [target["refId"] for target in panel["targets"]]
        assert len(references) == len(set(references)) > 0


def test_dashboards_are_told_apart() -> None:
    assert len({board["uid"] for board in DASHBOARDS.values()}) == len(DASHBOARDS) == 3
    assert len({board["title"] for board in DASHBOARDS.values()}) == 3


def test_every_panel_asks_for_what_is_exposed(declarations: dict[str, Declaration]) -> None:
    wrong = {
        (board, panel): missing
        for board, panel, expression in targets()
        if (missing := unknown(expression, declarations))
    }
    assert wrong == {}


def test_every_metric_of_ours_is_on_a_dashboard(declarations: dict[str, Declaration]) -> None:
    shown = {name for *_, expression in targets() for name in asked_for(expression).metrics}
    bases = shown | {name.rpartition("_")[0] for name in shown}
    assert set(declarations) - bases == set()


def test_compose_mounts_files_that_exist_where_the_images_look_for_them() -> None:
    files = {name: config["file"] for name, config in COMPOSE["configs"].items() if "file" in config}
    assert [file for file in files.values() if not (ROOT / file).is_file()] == []
    mounted = {
        config["source"]: config["target"]
        for name in ("prometheus", "grafana")
        for config in COMPOSE["services"][name]["configs"]
    }
    assert set(mounted) == set(files)
    for board in DASHBOARDS:
        assert mounted[f"dashboard-{board.removesuffix('.json')}"] == f"/etc/grafana/dashboards/{board}"
    provider = yaml.safe_load((ROOT / files["grafana-dashboards"]).read_text("utf-8"))["providers"][0]
    assert provider["options"]["path"] == "/etc/grafana/dashboards"
    rules = Path(mounted["alerts"])
    assert PROMETHEUS["rule_files"] == [rules.name]
    assert rules.parent == Path(mounted["prometheus"]).parent
