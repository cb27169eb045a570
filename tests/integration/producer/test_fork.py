"""A process that forks: the parent goes on, the child is told to make a producer of its own."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os, sys
from bitacora_producer import ForkedError, Producer, Thread

folder = sys.argv[1]
ana = Thread("webchat", "site", "external", "ana")

def make(name):
    return Producer("127.0.0.1:9", account="acme", connection="web", spool=f"{folder}/{name}")

producer = make("parent")
child = os.fork()
if child == 0:
    try:
        producer.message_received(ana, text="1")
    except ForkedError:
        own = make("child")
        own.message_received(ana, text="2").wait(60)
        own.close(10)
        sys.exit(7)
    sys.exit(1)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 7, status
assert producer.message_received(ana, text="3").wait(60).state == "spooled"
producer.close(10)
print(producer.spooled)
"""


def test_a_forked_child_is_told_and_the_parent_keeps_its_spool(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["1"]
