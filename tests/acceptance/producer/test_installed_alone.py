"""A chatbot runtime installs the producer without the rest of Bitácora, and can use it."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
USE = """
import asyncio, sys
from importlib.metadata import distributions
from bitacora_producer import AsyncProducer
from bitacora_producer import Delivery, Producer, Thread

class Nowhere:
    def send(self, record, report):
        report(Delivery(record.event_id, record.topic, 0, 0, None))
    def flush(self, timeout): pass
    def close(self, timeout): pass

with Producer(account="acme", connection="web", transport=Nowhere()) as producer:
    receipt = producer.message_received(Thread("webchat", "site", "external", "u1"), text="Hola")
    assert receipt.wait(1).offset == 0

async def without_kafka():
    async with AsyncProducer("127.0.0.1:9", account="acme", connection="web", spool=sys.argv[1]) as producer:
        receipt = await producer.message_received(Thread("webchat", "site", "external", "u1"), text="Hola")
        assert (await receipt.wait(60)).state == "spooled"

asyncio.run(without_kafka())
names = {distribution.metadata["Name"].lower() for distribution in distributions()}
print(*sorted(names - {"pip", "setuptools"}))
"""


@pytest.mark.timeout(300)
def test_the_producer_works_in_an_empty_environment(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    for name in ("schemas", "producer"):
        run(
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            wheels,
            ROOT / name,
        )
    venv.create(tmp_path / "empty", with_pip=True)
    python = tmp_path / "empty" / "bin" / "python"
    run(
        python,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--find-links",
        wheels,
        "bitacora-producer",
    )
    # -I: neither this checkout nor the environment of the test run can be seen from there.
    installed = run(python, "-I", "-c", USE, tmp_path / "spool").split()
    assert installed == [
        "bitacora-producer",
        "bitacora-schemas",
        "crc32c",
        "kafka-python",
        "lz4",
        "msgspec",
        "zstandard",
    ]


def run(*command: str | Path) -> str:
    """The output of a command that must succeed within two minutes."""
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
