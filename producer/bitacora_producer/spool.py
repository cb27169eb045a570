"""Records on disk while Kafka is away: appended durably, read in order, forgotten when Kafka has them."""

import contextlib
import logging
import os
import struct
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from bitacora_producer.errors import BufferFullError, SpoolFullError, SpoolWriteError
from bitacora_producer.limits import SpoolSettings
from bitacora_producer.record import Record
from bitacora_producer.spool_format import MAGIC, Position, framed, frames, has_magic, record_in
from bitacora_producer.spool_lock import FolderLock
from bitacora_producer.spool_segment import SUFFIX, Segment, recover, sync_folder

log = logging.getLogger(__name__)

REFUSED = "refused.kept"
_PROGRESS = "progress"
_PLACE = struct.Struct(">QQ")
_CHECK = struct.Struct(">I")


class Spool:
    """A folder of files. One thread at a time may use it.

    Reading begins with what a former process left. After a crash a few records may be read that Kafka has already.
    """

    def __init__(self, settings: SpoolSettings) -> None:
        """Take the folder for this producer and repair it; SpoolLockedError or OSError."""
        self._settings = settings
        self._folder = settings.folder
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = FolderLock(self._folder)
        try:
            done = _read_progress(self._folder / _PROGRESS)
            self._segments = deque(_recovered(self._folder, done))
            newest = max((segment.number for segment in self._segments), default=0)
            self._number = max(newest, done.segment)
            self._progress = os.open(self._folder / _PROGRESS, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except BaseException:
            self._lock.release()
            raise
        self._done = self._saved = done
        self._read_to = done
        self._page = b""
        self._page_start = 0
        self._size = sum(segment.end for segment in self._segments)
        self.records = self._unread = sum(segment.records for segment in self._segments)
        self.obstacle: BufferFullError | None = None

    def append(self, records: Sequence[Record]) -> list[Position]:
        """Put records on the disk, in order; answer the places of those that are safe there now.

        They are the first ones; when not all, `obstacle` says why.
        """
        self.obstacle = None
        places: list[Position] = []
        pending = deque(map(framed, records))
        try:
            while pending and self._append_to_one(pending, places):
                pass
        except OSError as error:
            self.obstacle = SpoolWriteError(f"the spool cannot be written: {error}")
            self.obstacle.__cause__ = error
        self.records += len(places)
        self._unread += len(places)
        return places

    def read(self, max_records: int, max_bytes: int) -> list[tuple[Record, Position]]:
        """Return the next records that were not read yet, at least one if there is any."""
        found: list[tuple[Record, Position]] = []
        size = 0
        for record, place in self._next():
            found.append((record, place))
            size += record.size
            if len(found) >= max_records or size >= max_bytes:
                break
        return found

    @property
    def has_unread(self) -> bool:
        """Whether `read` would find anything."""
        return self._unread > 0

    def mark_all_read(self) -> None:
        """Note that nothing of what was appended so far need be read: it is still in memory."""
        self._unread = 0
        for segment in self._segments:
            segment.unread = 0
            self._read_to = Position(segment.number, segment.end)
        self._page, self._page_start = b"", 0

    def forget(self, place: Position) -> None:
        """Let go of the oldest record: Kafka has it. Records are forgotten in the order of reading."""
        self._done = place
        self.records -= 1
        self._drop_finished()  # a file that the disk did not take may lie before it, empty
        self._segments[0].records -= 1
        self._drop_finished()

    def set_aside(self, record: Record) -> None:
        """Keep a record that Kafka refuses for good in a file of its own; OSError when the disk does not take it."""
        path = self._folder / REFUSED
        is_new = not path.exists()
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        with os.fdopen(os.open(path, flags, 0o600), "ab") as file:
            file.write(MAGIC + framed(record) if is_new else framed(record))
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self._folder)

    def save_progress(self) -> None:
        """Note how far Kafka has it, so that the next process repeats less. Not needed for safety."""
        if self._done != self._saved:
            place = _PLACE.pack(*self._done)
            with contextlib.suppress(OSError):  # then a crash repeats more, which is harmless
                os.pwrite(self._progress, place + _CHECK.pack(zlib.crc32(place)), 0)
            self._saved = self._done

    def close(self) -> None:
        """Give the folder back, with what is in it."""
        self.save_progress()
        for segment in self._segments:
            segment.close()
        os.close(self._progress)
        self._lock.release()

    def leave_to_parent(self) -> None:
        """In a forked child: let go of what was inherited without touching the folder."""
        self._lock.release()

    def _append_to_one(self, pending: deque[bytes], places: list[Position]) -> bool:
        """Append what fits into one file; False when nothing fits any more."""
        segment = self._segments[-1] if self._segments else None
        is_new = segment is None or not segment.is_open or segment.end >= self._settings.segment_limit
        room = self._settings.max_bytes - self._size - (len(MAGIC) if is_new else 0)
        if len(pending[0]) > room:
            self.obstacle = SpoolFullError(
                f"{self.records} events wait for Kafka in {self._folder}: it is full"
            )
            return False
        if is_new:
            if segment is not None:
                segment.close()
            self._number += 1
            segment = Segment.create(self._folder, self._number)
            self._segments.append(segment)
            self._size += segment.end
        assert segment is not None
        start = end = segment.end
        chunk: list[bytes] = []
        while pending and end - start + len(pending[0]) <= room and end < self._settings.segment_limit:
            chunk.append(pending.popleft())
            end += len(chunk[-1])
        segment.append(b"".join(chunk), len(chunk))
        self._size += end - start
        for frame in chunk:
            start += len(frame)
            places.append(Position(segment.number, start))
        return True

    def _next(self) -> Iterator[tuple[Record, Position]]:
        while (segment := self._open_page()) is not None:
            for frame in frames(self._page, self._read_to.end - self._page_start):
                try:
                    record = record_in(self._page, frame)
                except ValueError:  # its checksum is right: another version wrote it
                    break
                self._read_to = Position(segment.number, self._page_start + frame.end)
                self._unread -= 1
                segment.unread -= 1
                yield record, self._read_to
            if self._read_to.end < self._page_start + len(self._page):
                self._skip_damage(segment)

    def _open_page(self) -> Segment | None:
        """Have unread bytes of one file in memory, and answer which; None when there are none."""
        segment = next((one for one in self._segments if one.unread), None)
        if segment is None:
            return None
        start = self._read_to.end if segment.number == self._read_to.segment else len(MAGIC)
        if segment.number != self._read_to.segment or start >= self._page_start + len(self._page):
            self._page, self._page_start = segment.read(start), start
            self._read_to = Position(segment.number, start)
        return segment

    def _skip_damage(self, segment: Segment) -> None:
        """Go on behind what cannot be read, though it could when it was written; the file is kept."""
        log.error(
            "spool file %s cannot be read from byte %d on; it is kept as .damaged",
            segment.path.name,
            self._read_to.end,
        )
        segment.damaged = True
        segment.records -= segment.unread
        self.records -= segment.unread
        self._unread -= segment.unread
        segment.unread = 0
        segment.close()
        self._drop_finished()

    def _drop_finished(self) -> None:
        """Delete the oldest files of which nothing is needed any more."""
        while self._segments and self._segments[0].records == 0:
            segment = self._segments.popleft()
            self._size -= segment.end
            segment.remove()


def records_of(path: Path) -> Iterator[Record]:
    """Yield the records of a file of a spool, for people who look into one (also `refused.kept`)."""
    data = path.read_bytes()
    if has_magic(data):
        for frame in frames(data):
            yield record_in(data, frame)


def _recovered(folder: Path, done: Position) -> Iterator[Segment]:
    paths = sorted(path for path in folder.glob(f"*{SUFFIX}") if path.stem.isdigit())
    for path in paths:
        skip = done.end if int(path.stem) == done.segment else 0
        segment = recover(path, skip, newest=path == paths[-1])
        if segment.number < done.segment or not segment.records:
            segment.remove()
        else:
            yield segment


def _read_progress(path: Path) -> Position:
    data = path.read_bytes() if path.exists() else b""
    place, check = data[: _PLACE.size], data[_PLACE.size :]
    if len(data) != _PLACE.size + _CHECK.size or check != _CHECK.pack(zlib.crc32(place)):
        return Position(0, 0)
    return Position(*_PLACE.unpack(place))
