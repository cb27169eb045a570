"""How the benchmark and its peers talk: a task in a file, a count in a shared page."""

from pathlib import Path

from benchmarks.ingest.peers.task import Progress, Task

TASK = Task(
    bootstrap="127.0.0.1:9092",
    topic="t",
    group="g",
    dsn="postgresql://u:p@127.0.0.1/d",
    progress="p",
    folder="f",
    warm=1,
    events=2,
    batch=3,
)


def test_a_task_comes_out_as_it_went_in_and_is_private(tmp_path: Path) -> None:
    file = tmp_path / "task.json"
    TASK.write(file)
    assert Task.read(str(file)) == TASK
    assert file.stat().st_mode & 0o077 == 0


def test_a_count_is_seen_through_another_opening_of_the_page(tmp_path: Path) -> None:
    mine, theirs = Progress(tmp_path / "count"), Progress(tmp_path / "count")
    assert theirs.value == 0
    mine.add(3)
    mine.add(2_000)
    assert theirs.value == 2_003
    mine.close()
    theirs.close()
