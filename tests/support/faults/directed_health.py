"""What a worker says of itself on its private port."""

import asyncio
import json
import urllib.error
import urllib.request
from typing import Any

from embedded.ports import LOOPBACK
from tests.support.processes import ServiceProcess


async def metric(worker: ServiceProcess, name: str) -> float:
    """The sum of a worker's samples whose name and labels begin so."""

    def read() -> float:
        address = f"http://{LOOPBACK}:{worker.health_port}/metrics"
        with urllib.request.urlopen(address, timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

    return await asyncio.to_thread(read)


def said_of(worker: ServiceProcess) -> dict[str, Any]:
    """The readiness of a worker with its checks; empty while it does not answer."""
    try:
        with urllib.request.urlopen(
            f"http://{LOOPBACK}:{worker.health_port}/health/ready", timeout=2
        ) as answer:
            found: dict[str, Any] = json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            found = json.loads(error.read())
    except (urllib.error.URLError, OSError):
        return {}
    return found
