"""The child process that sets a transcript: what limits it, and what ends it."""

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.export.outcome import PermanentFailure, TransientFailure
from services.export.renderers.pdf import _prepare, typeset
from services.export.tools import Typesetting
from tests.integration.export.conftest import until

ENDLESS = "#let turn(n) = if n > 0 { turn(n - 1) }\n#for a in range(10000000) { turn(40) }"
START_AND_WAIT = (
    "import subprocess, sys, time;"
    "subprocess.Popen([sys.executable, '-m', 'services.export.typesetting', sys.argv[1], '0', '2048'],"
    " stdin=subprocess.PIPE); time.sleep(60)"
)
AS_OF = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def limits(typesetting: Typesetting, *, seconds: float = 30, memory_mb: int = 4096) -> Typesetting:
    return Typesetting(typesetting.fonts, typesetting.known, seconds, memory_mb, 5000)


SetTemplate = Callable[[str], None]


@pytest.fixture
def set_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SetTemplate:
    """Puts a template of the test's own in place of the transcript's."""

    def write(text: str) -> None:
        path = tmp_path / "own.typ"
        path.write_text(text)
        monkeypatch.setattr("services.export.renderers.pdf.TEMPLATE", path)

    return write


async def test_a_compilation_that_takes_too_long_is_ended(
    set_template: SetTemplate, tmp_path: Path, typesetting: Typesetting
) -> None:
    set_template(ENDLESS)
    with pytest.raises(TransientFailure, match="timeout"):
        await asyncio.wait_for(typeset(tmp_path / "job", "{}", AS_OF, 0, limits(typesetting, seconds=1)), 20)


async def test_a_compilation_that_takes_too_much_memory_may_be_tried_again(
    set_template: SetTemplate, tmp_path: Path, typesetting: Typesetting
) -> None:
    set_template('#let s = "0123456789abcdef"\n#for _ in range(40) { s = s + s }\n#s.len()')
    with pytest.raises(TransientFailure, match="typesetting_killed"):
        await asyncio.wait_for(
            typeset(tmp_path / "job", "{}", AS_OF, 0, limits(typesetting, memory_mb=1024)), 60
        )


async def test_a_document_the_typesetter_refuses_is_not_tried_again(
    set_template: SetTemplate, tmp_path: Path, typesetting: Typesetting
) -> None:
    set_template('#read("/etc/hostname")')
    with pytest.raises(PermanentFailure, match="unprintable"):
        await typeset(tmp_path / "job", "{}", AS_OF, 0, limits(typesetting))


async def test_a_cancelled_job_leaves_no_child_behind(
    set_template: SetTemplate, tmp_path: Path, typesetting: Typesetting
) -> None:
    set_template(ENDLESS)
    folder = str(tmp_path / "job")
    work = asyncio.create_task(typeset(tmp_path / "job", "{}", AS_OF, 0, limits(typesetting)))
    await until(lambda: asyncio.to_thread(children_with, folder))
    work.cancel()
    await asyncio.wait_for(asyncio.wait({work}), 5)
    assert children_with(folder) == []


async def test_the_child_ends_when_its_parent_is_killed(
    set_template: SetTemplate, tmp_path: Path, typesetting: Typesetting
) -> None:
    set_template(ENDLESS)
    folder = tmp_path / "job"
    _prepare(folder, "{}", typesetting.fonts)
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", START_AND_WAIT, str(folder))

    async def no_child() -> bool:
        return not await asyncio.to_thread(children_with, str(folder))

    await until(lambda: asyncio.to_thread(children_with, str(folder)))
    parent.kill()
    await parent.wait()
    await until(no_child)


def children_with(argument: str) -> list[int]:
    """Processes of ours that were started with this argument."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        # The process that starts the child carries the argument too.
        if argument.encode() in words and b"-c" not in words and b"services.export.typesetting" in words:
            found.append(int(folder.name))
    return found
