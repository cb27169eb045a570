import asyncio

import pytest

from services.chassis.health import HealthServer, Readiness
from services.chassis.probe import main


async def test_a_ready_process_passes_and_an_unready_one_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    readiness = Readiness("database")
    async with HealthServer(0, readiness) as server:
        url = f"http://127.0.0.1:{server.port}/health/ready"
        assert await asyncio.to_thread(main, [url]) == 1
        assert "starting" in capsys.readouterr().err
        readiness.up("database")
        assert await asyncio.to_thread(main, [url]) == 0


def test_a_process_that_is_not_there_fails() -> None:
    assert main(["http://127.0.0.1:1/health/ready"]) == 1


@pytest.mark.parametrize("arguments", [[], ["file:///etc/hostname"], ["a", "b"]])
def test_anything_but_one_address_is_wrong_usage(arguments: list[str]) -> None:
    assert main(arguments) == 2
