"""The operator's commands in a directed fault, as they would be typed."""

import asyncio
import json
import os
import subprocess
import sys
from typing import Any

from tests.support.faults.directed import Scene
from tests.support.processes import REPOSITORY


async def bitacora(scene: Scene, *arguments: str) -> Any:
    """Runs `bitacora ... --json` on the servers of a scene; answers what it prints."""
    return await asyncio.to_thread(_run, scene, arguments)


async def accept(scene: Scene, what: str, partition: int) -> Any:
    """Runs `bitacora gap accept` or `bitacora incarnation accept`."""
    done = await bitacora(scene, what, "accept", str(partition), "--topic", scene.topic, "--yes")
    assert done["accepted"], done
    return done


def _run(scene: Scene, arguments: tuple[str, ...]) -> Any:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BITACORA_")}
    outcome = subprocess.run(
        [sys.executable, "-m", "cli", *arguments, "--json"],
        cwd=REPOSITORY,
        env={
            **inherited,
            "PYTHONPATH": os.pathsep.join(str(REPOSITORY / part) for part in (".", "schemas", "producer")),
            "BITACORA_KAFKA_BOOTSTRAP": scene.bootstrap,
            "BITACORA_POSTGRES_DSN": scene.dsn,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr[-2_000:] + outcome.stdout[-500:]
    return json.loads(outcome.stdout)
