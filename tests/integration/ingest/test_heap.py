"""What a worker frees goes back to the system, whatever small things were put behind it."""

import platform
import subprocess
import sys

from services.ingest.heap import give_blocks_back

HELD_BY_LITTLE = """
import sys
from services.ingest.heap import give_blocks_back

def resident():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS"))

if sys.argv[1] == "given back":
    assert give_blocks_back()
del [bytearray(b"x") * 20_000_000][0]  # from here on glibc would keep blocks of such a size
before = resident()
blocks = [(bytearray(b"x") * 1_000_000, bytearray(b"x") * 1_000) for _ in range(60)]
kept = [small for _, small in blocks]
del blocks
print(resident() - before)
"""


def test_blocks_are_given_back_although_something_small_stays_behind_each() -> None:
    if platform.libc_ver()[0] != "glibc":
        assert not give_blocks_back()
        return
    kept = {manner: _kept_kb(manner) for manner in ("kept", "given back")}
    assert kept["kept"] > 50_000, "the C library keeps nothing: services/ingest/heap.py can go"
    assert kept["given back"] < 10_000


def _kept_kb(manner: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", HELD_BY_LITTLE, manner], check=True, capture_output=True, timeout=60
    )
    return int(done.stdout)
