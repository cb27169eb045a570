"""The folder of a spool: durable, in order, bounded, repaired after a crash. Real files."""

import os
from collections import deque
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID
from zlib import crc32

import pytest
from bitacora_producer import (
    Record,
    SpoolFullError,
    SpoolLockedError,
    SpoolSettings,
    SpoolWriteError,
    spool_segment,
)
from bitacora_producer.spool import REFUSED, Spool, records_of
from bitacora_producer.spool_format import HEADER, MAGIC, Position, framed
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule


def record(number: int, size: int = 100) -> Record:
    return Record("topic", b"key", b"x" * size, (), UUID(int=number))


def numbers(found: list[tuple[Record, Position]]) -> list[int]:
    return [one.event_id.int for one, _ in found if one.event_id is not None]


def small(folder: Path, max_bytes: int = 100_000, segment_bytes: int = 1_000) -> SpoolSettings:
    return SpoolSettings(folder, max_bytes=max_bytes, segment_bytes=segment_bytes)


def forget(spool: Spool, found: list[tuple[Record, Position]]) -> None:
    for _, place in found:
        spool.forget(place)


def test_records_come_back_in_order_in_the_next_process(tmp_path: Path) -> None:
    spool = Spool(small(tmp_path))
    assert len(spool.append([record(number) for number in range(50)])) == 50
    spool.close()
    again = Spool(small(tmp_path))
    assert (again.records, again.has_unread) == (50, True)
    assert numbers(again.read(1_000, 10**6)) == list(range(50))
    assert (again.records, again.has_unread) == (50, False)
    again.close()


def test_a_record_is_on_disk_until_it_is_forgotten(tmp_path: Path) -> None:
    spool = Spool(small(tmp_path))
    spool.append([record(number) for number in range(30)])
    found = spool.read(1_000, 10**6)
    forget(spool, found[:11])
    spool.save_progress()
    spool.close()
    again = Spool(small(tmp_path))
    assert again.records == 19
    rest = again.read(1_000, 10**6)
    assert numbers(rest) == list(range(11, 30))
    forget(again, rest)
    assert again.records == 0
    assert not list(tmp_path.glob("*.spool"))
    again.close()


def test_without_a_saved_progress_at_most_a_file_is_read_again(tmp_path: Path) -> None:
    spool = Spool(small(tmp_path))
    spool.append([record(number) for number in range(30)])
    forget(spool, spool.read(11, 10**6))
    del spool._lock  # the process dies: nothing is saved
    os.truncate(tmp_path / "progress", 0)
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in tmp_path.glob("*.spool"):
        (copy / path.name).write_bytes(path.read_bytes())
    again = Spool(small(copy))
    found = numbers(again.read(1_000, 10**6))
    assert found == list(range(found[0], 30))
    assert 0 < found[0] <= 11
    again.close()


def test_a_torn_tail_is_cut_at_every_byte_and_nothing_before_it(tmp_path: Path) -> None:
    frame = framed(record(1))
    for torn in range(len(frame)):
        folder = tmp_path / str(torn)
        spool = Spool(small(folder, segment_bytes=100_000))
        spool.append([record(0)])
        spool.close()
        (path,) = folder.glob("*.spool")
        whole = path.stat().st_size
        with path.open("ab") as file:
            file.write(frame[:torn])
        again = Spool(small(folder, segment_bytes=100_000))
        assert path.stat().st_size == whole
        assert len(again.append([record(2)])) == 1
        assert numbers(again.read(10, 10**6)) == [0, 2]
        again.close()
        assert not list(folder.glob("*.damaged"))


def test_damage_in_the_middle_is_kept_aside_and_the_rest_is_read(tmp_path: Path) -> None:
    spool = Spool(small(tmp_path))
    spool.append([record(number) for number in range(30)])
    spool.close()
    first = min(tmp_path.glob("*.spool"))
    data = bytearray(first.read_bytes())
    data[len(MAGIC) + len(framed(record(0))) + 20] ^= 1
    first.write_bytes(data)
    again = Spool(small(tmp_path))
    found = numbers(again.read(1_000, 10**6))
    assert found[0] == 0
    assert 1 not in found
    assert found[1:] == list(range(found[1], 30))
    assert [path.stem for path in tmp_path.glob("*.damaged")] == [first.stem]
    again.close()


def test_damage_that_comes_while_it_is_open_is_skipped_and_kept(tmp_path: Path) -> None:
    spool = Spool(small(tmp_path))
    spool.append([record(number) for number in range(30)])
    first = min(tmp_path.glob("*.spool"))
    data = bytearray(first.read_bytes())
    data[len(MAGIC) + 20] ^= 1
    first.write_bytes(data)
    found = spool.read(1_000, 10**6)
    assert numbers(found) == list(range(numbers(found)[0], 30))
    assert spool.records == len(found) < 30
    forget(spool, found)
    assert spool.records == 0
    assert [path.stem for path in tmp_path.glob("*.damaged")] == [first.stem]
    spool.close()


def test_a_record_of_another_version_is_kept_and_the_next_file_is_read(tmp_path: Path) -> None:
    payload = b"\x91\x01"
    length = len(payload).to_bytes(4)
    alien = HEADER.pack(len(payload), crc32(payload, crc32(length))) + payload
    path = tmp_path / f"{1:020d}.spool"
    path.write_bytes(MAGIC + framed(record(1)) + alien + framed(record(2)))
    spool = Spool(small(tmp_path))
    spool.append([record(3)])
    found = spool.read(10, 10**6)
    assert numbers(found) == [1, 3]
    forget(spool, found)
    assert (spool.records, spool.has_unread) == (0, False)
    assert path.with_suffix(".damaged").exists()
    spool.close()


@pytest.mark.parametrize("content", [b"", MAGIC[:3], MAGIC, b"something else"])
def test_a_file_that_holds_no_record_is_in_nobodys_way(tmp_path: Path, content: bytes) -> None:
    (tmp_path / f"{7:020d}.spool").write_bytes(content)
    spool = Spool(small(tmp_path))
    assert not spool.has_unread
    spool.append([record(1)])
    assert numbers(spool.read(10, 10**6)) == [1]
    spool.close()


def test_a_full_spool_says_so_and_takes_again_when_there_is_room(tmp_path: Path) -> None:
    spool = Spool(small(tmp_path, max_bytes=10_000))
    taken = len(spool.append([record(number) for number in range(200)]))
    assert 50 < taken < 100
    assert type(spool.obstacle) is SpoolFullError
    assert sum(path.stat().st_size for path in tmp_path.glob("*.spool")) <= 10_000
    found = spool.read(1_000, 10**6)
    assert numbers(found) == list(range(taken))
    forget(spool, found[: taken // 2])
    assert len(spool.append([record(taken)])) == 1
    assert not spool.obstacle
    assert numbers(spool.read(10, 10**6)) == [taken]
    spool.close()


@pytest.mark.parametrize("failing_sync", range(1, 6))
def test_what_the_disk_does_not_take_is_not_called_safe_and_order_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing_sync: int
) -> None:
    calls = 0

    def sync(file: int) -> None:
        nonlocal calls
        calls += 1
        if calls == failing_sync:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool_segment, "_sync", sync)
    spool = Spool(small(tmp_path))
    pending = deque(record(number) for number in range(20))
    failures = 0
    while pending:
        for _ in spool.append(list(pending)):
            pending.popleft()
        failures += isinstance(spool.obstacle, SpoolWriteError)
    assert failures == 1
    found = numbers(spool.read(1_000, 10**6))
    assert list(dict.fromkeys(found)) == list(range(20))
    spool.close()
    again = Spool(small(tmp_path))
    assert list(dict.fromkeys(numbers(again.read(1_000, 10**6)))) == list(range(20))
    again.close()


def test_a_folder_has_one_user(tmp_path: Path) -> None:
    spool = Spool(small(tmp_path))
    with pytest.raises(SpoolLockedError, match=str(os.getpid())):
        Spool(small(tmp_path))
    spool.close()
    Spool(small(tmp_path)).close()


def test_only_the_owner_may_read_what_customers_wrote(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    spool = Spool(small(folder))
    spool.append([record(1)])
    spool.set_aside(record(2))
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    spool.close()


def test_refused_records_are_kept_beside_it(tmp_path: Path) -> None:
    spool = Spool(small(tmp_path))
    spool.set_aside(record(1))
    spool.set_aside(record(2))
    assert list(records_of(tmp_path / REFUSED)) == [record(1), record(2)]
    spool.close()


def test_what_is_still_in_memory_is_not_read_again(tmp_path: Path) -> None:
    spool = Spool(small(tmp_path))
    spool.append([record(number) for number in range(20)])
    spool.mark_all_read()
    assert not spool.has_unread
    spool.append([record(20)])
    assert numbers(spool.read(10, 10**6)) == [20]
    spool.close()


class SpoolModel(RuleBasedStateMachine):
    """Any history of appending, reading, forgetting and dying gives the records in order, none lost."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.settings = SpoolSettings(Path(self.folder.name), max_bytes=20_000, segment_bytes=500)
        self.spool = Spool(self.settings)
        self.kept: deque[int] = deque()
        self.unread: deque[int] = deque()
        self.read: deque[tuple[Record, Position]] = deque()
        self.forgotten = -1
        self.next = 0

    @rule(count=st.integers(1, 12), size=st.integers(0, 900))
    def append(self, count: int, size: int) -> None:
        places = self.spool.append([record(self.next + number, size) for number in range(count)])
        added = range(self.next, self.next + len(places))
        self.kept.extend(added)
        self.unread.extend(added)
        self.next += len(places)
        assert (len(places) < count) == isinstance(self.spool.obstacle, SpoolFullError)

    @precondition(lambda self: self.unread)
    @rule(count=st.integers(1, 10))
    def read_some(self, count: int) -> None:
        found = self.spool.read(count, 10**6)
        assert numbers(found) == [self.unread.popleft() for _ in found]
        assert found
        self.read.extend(found)

    @precondition(lambda self: self.read)
    @rule(count=st.integers(1, 10))
    def forget_some(self, count: int) -> None:
        for _ in range(min(count, len(self.read))):
            _, place = self.read.popleft()
            self.spool.forget(place)
            self.forgotten = self.kept.popleft()

    @rule(saves=st.booleans(), torn=st.binary(max_size=30))
    def die_and_start_again(self, *, saves: bool, torn: bytes) -> None:
        if saves:
            self.spool.save_progress()
        self.spool._saved = self.spool._done  # a kill saves nothing
        self.spool.close()
        if paths := sorted(self.settings.folder.glob("*.spool")):
            with paths[-1].open("ab") as file:
                file.write(torn)
        self.spool = Spool(self.settings)
        found: list[tuple[Record, Position]] = self.spool.read(10**6, 10**9)
        ids = numbers(found)
        assert ids == list(range(ids[0], self.next)) if ids else not self.kept
        assert self.spool.records == len(ids)
        if saves:
            assert ids == list(self.kept)
        self.kept, self.unread, self.read = deque(ids), deque(), deque(found)

    @invariant()
    def it_is_within_its_bound(self) -> None:
        assert sum(path.stat().st_size for path in self.settings.folder.glob("*.spool")) <= 20_000 + 30
        assert self.spool.records == len(self.kept)
        assert self.spool.has_unread == bool(self.unread)

    def teardown(self) -> None:
        self.spool.close()
        self.folder.cleanup()


TestSpoolModel: Any = SpoolModel.TestCase
TestSpoolModel.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
