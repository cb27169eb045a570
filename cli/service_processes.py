"""How `bitacora up` starts each of our own processes."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from embedded.child import ChildSpec
from embedded.home import Home
from embedded.install import REPOSITORY
from embedded.ports import LOOPBACK, PortWish
from embedded.stack import EmbeddedStack

SERVICES = ("ingest", "query", "export")
DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all processes of a run share; `port` is that of the pages."""

    home: Home
    stack: EmbeddedStack
    port: int


def service(name: str, around: Surroundings) -> tuple[ChildSpec, str]:
    """How to start a service, on a free private port, and the address that says whether it is ready."""
    health_port = PortWish().choose(f"the health of {name}")
    own = {f"BITACORA_{name.upper()}_HEALTH_PORT": str(health_port)}
    return _spec(name, f"services.{name}", around, own), f"http://{LOOPBACK}:{health_port}/health/ready"


def demo_traffic(around: Surroundings) -> ChildSpec:
    """How to start the demo's traffic."""
    return _spec(DEMO, "demo", around, {})


def _spec(name: str, module: str, around: Surroundings, own: dict[str, str]) -> ChildSpec:
    data = around.stack.folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "BITACORA_KAFKA_BOOTSTRAP": around.stack.kafka_bootstrap,
        "BITACORA_POSTGRES_DSN": around.stack.postgres_dsn,
        "BITACORA_DATA_DIR": str(data),
        "BITACORA_QUERY_PORT": str(around.port),
        "BITACORA_QUERY_SETUP_TOKEN_FILE": str(around.home.setup_token),
        **own,
    }
    environment.pop("BITACORA_POSTGRES_DSN_FILE", None)  # its content is in the address above
    return ChildSpec(
        name=name,
        command=[sys.executable, "-m", module],
        log=around.home.logs / f"{name}.log",
        env=environment,
        cwd=REPOSITORY,
    )
