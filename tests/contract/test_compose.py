"""docker-compose.yml and Dockerfile name nothing that does not exist."""

import importlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from typer import main as typer_main

from cli.app import build_app
from demo.settings import DemoSettings
from services.chassis.health import READY_PATH
from services.chassis.settings import PREFIX, SharedSettings, load

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if service["image"].startswith("bitacora"))
PROCESSES = ["export", "ingest", "query"]
OFFICIAL_IMAGES = {"apache/kafka", "postgres", "prom/prometheus", "grafana/grafana"}
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")


def settings_of(name: str) -> Any:
    if name == "demo":
        return DemoSettings
    if name not in PROCESSES:
        return SharedSettings
    return getattr(importlib.import_module(f"services.{name}.settings"), f"{name.capitalize()}Settings")


def interpolated(value: str) -> str:
    """A value as compose would hand it over, with every required variable set to a made-up word."""
    return _VARIABLE.sub(lambda found: found["rest"] if found["kind"] == "-" else "made-up-for-a-test", value)


def load_settings(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    import os

    for variable in [variable for variable in os.environ if variable.startswith(PREFIX)]:
        monkeypatch.delenv(variable)
    for variable, value in {**image_environment(), **SERVICES[name]["environment"]}.items():
        monkeypatch.setenv(variable, interpolated(value))
    return load(settings_of(name))


def image_environment() -> dict[str, str]:
    return dict(re.findall(rf"({PREFIX}[A-Z_]+)=(\S+)", DOCKERFILE))


def test_the_three_processes_and_the_one_shots_are_there() -> None:
    assert OURS == ["demo", "demo-account", "export", "ingest", "migrate", "query", "topics"]
    assert [name for name in OURS if "profiles" in SERVICES[name]] == ["demo", "demo-account"]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - set(OURS)))
def test_other_images_are_official_and_pinned_to_a_version(name: str) -> None:
    image, _, version = SERVICES[name]["image"].partition(":")
    assert image in OFFICIAL_IMAGES
    assert version.removeprefix("v")[0].isdigit()


@pytest.mark.parametrize("name", OURS)
def test_every_command_exists(name: str) -> None:
    command = SERVICES[name]["command"]
    if command[:2] == ["python", "-m"]:
        assert (ROOT / command[2].replace(".", "/") / "__main__.py").is_file()
        return
    assert command[0] == "bitacora"
    found: Any = typer_main.get_command(build_app())
    for word in command[1:]:
        if word.startswith("-"):
            assert word in {name for parameter in found.params for name in parameter.opts}
        elif hasattr(found, "commands"):
            assert word in found.commands, f"bitacora has no {' '.join(command[1:])}"
            found = found.commands[word]


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting_with_a_usable_value(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(name, monkeypatch).kafka_bootstrap == "kafka:9092"


@pytest.mark.parametrize("name", PROCESSES)
def test_the_health_check_asks_the_page_and_port_that_the_process_serves(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, *command, url = SERVICES[name]["healthcheck"]["test"]
    assert command == ["python", "-m", "services.chassis.probe"]
    settings = load_settings(name, monkeypatch)
    address = urlsplit(url)
    assert (address.hostname, address.port) == ("127.0.0.1", getattr(settings, f"{name}_health_port"))
    assert address.path == READY_PATH
    assert settings.health_host == "0.0.0.0"  # noqa: S104  the container's own network


def test_the_demo_writes_into_the_account_that_is_made_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    account = load_settings("demo", monkeypatch).demo_account
    assert SERVICES["demo-account"]["command"][:4] == ["bitacora", "account", "create", account]
    assert "demo-account" in SERVICES["demo"]["depends_on"]


def test_the_pages_are_published_on_the_port_they_listen_on(monkeypatch: pytest.MonkeyPatch) -> None:
    (published,) = SERVICES["query"]["ports"]
    assert published.split(":")[2] == str(load_settings("query", monkeypatch).query_port)


def test_nothing_is_published_beyond_this_machine() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_kafka_listens_where_the_services_look_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    host, port = load_settings("ingest", monkeypatch).kafka_bootstrap.split(":")
    kafka = SERVICES["kafka"]["environment"]
    assert f"INSIDE://{host}:{port}" in kafka["KAFKA_ADVERTISED_LISTENERS"]
    assert f"INSIDE://:{port}" in kafka["KAFKA_LISTENERS"]
    published = [entry.split(":")[2] for entry in SERVICES["kafka"]["ports"]]
    assert [f"OUTSIDE://:{one}" in kafka["KAFKA_LISTENERS"] for one in published] == [True]


def test_postgresql_makes_the_role_and_database_that_the_services_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = urlsplit(load_settings("query", monkeypatch).postgres_dsn.get_secret_value())
    script = COMPOSE["configs"]["make-database"]["content"]
    assert address.hostname in SERVICES
    assert f"CREATE ROLE {address.username} LOGIN" in script
    assert f"CREATE DATABASE {address.path[1:]} OWNER {address.username}" in script
    assert "SUPERUSER" not in script
    assert "DATABASE_PASSWORD" in SERVICES["postgres"]["environment"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_waits_only_for_what_can_happen(name: str) -> None:
    for other, condition in SERVICES[name].get("depends_on", {}).items():
        if condition["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]
        else:
            assert condition["condition"] == "service_completed_successfully"
            assert SERVICES[other]["restart"] == "on-failure"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_gives_up_its_privileges(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service.get("privileged")
    if name in OURS:
        assert service["read_only"] is True
        assert "cap_add" not in service


@pytest.mark.parametrize("name", OURS)
def test_docker_waits_longer_for_a_stop_than_the_process_itself(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    grace = int(SERVICES[name]["stop_grace_period"].removesuffix("s"))
    assert grace > load_settings(name, monkeypatch).shutdown_grace_seconds


def test_files_made_by_export_are_read_by_query(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = load_settings("export", monkeypatch).data_dir
    assert SERVICES["export"]["volumes"] == SERVICES["query"]["volumes"] == [f"data:{folder}"]


def test_every_volume_is_declared() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


def test_secrets_have_no_default_anywhere() -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    for found in _VARIABLE.finditer(text):
        if "PASSWORD" in found["name"]:
            assert found["kind"] == "?", found["name"]
    sample = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
    assert {found["name"] for found in _VARIABLE.finditer(text)} == set(sample)
    assert {name: value for name, value in sample.items() if "PASSWORD" in name and value} == {}


def test_the_image_copies_only_files_that_exist_and_docker_may_see() -> None:
    seen = {
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
    }
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert copied
    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert set(copied) == seen


def test_the_image_runs_as_an_ordinary_user() -> None:
    user = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)[-1]
    assert user.split(":")[0].isdigit()
    assert int(user.split(":")[0]) >= 10_000
