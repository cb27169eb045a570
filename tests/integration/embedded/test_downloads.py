"""Downloads: checked by hash, continued after a cut, refused by name. The repository is one of our own."""

from __future__ import annotations

import errno
import hashlib
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from embedded.artifacts import ArtifactSource, LockedArtifact
from embedded.errors import DiskFullError, DownloadFailedError, HashMismatchError

CONTENT = bytes(range(256)) * 4000
ARTIFACT = LockedArtifact("org.example", "thing", "1.0", hashlib.sha256(CONTENT).hexdigest())


@dataclass
class Repository:
    """Serves one file; `cut_after` bytes it hangs up, once."""

    content: bytes = CONTENT
    cut_after: int | None = None
    status: int = 200
    sent: list[int] = field(default_factory=list)
    url: str = ""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        asked = re.match(r"bytes=(\d+)-", request.headers.get("Range", ""))
        start = int(asked[1]) if asked else 0
        body = self.content[start:]
        request.send_response(self.status if self.status != 200 else (206 if asked else 200))
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if self.cut_after is not None:
            body, self.cut_after = body[: self.cut_after], None
            request.close_connection = True
        self.sent.append(len(body))
        request.wfile.write(body)


@pytest.fixture
def repository() -> Iterator[Repository]:
    served = Repository()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            served.answer(self)

        def log_message(self, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield served
        server.shutdown()


def source(tmp_path: Path, repository: Repository) -> ArtifactSource:
    return ArtifactSource(spare=tmp_path, local=tmp_path / "m2", remotes={"ours": repository.url})


def test_a_file_arrives_whole_and_is_fetched_once(tmp_path: Path, repository: Repository) -> None:
    [first] = source(tmp_path, repository).fetch([ARTIFACT])
    [second] = source(tmp_path, repository).fetch([ARTIFACT])
    assert first == second
    assert first.read_bytes() == CONTENT
    assert repository.sent == [len(CONTENT)]


def test_a_cut_download_fails_by_name_and_the_next_run_fetches_the_rest_only(
    tmp_path: Path, repository: Repository
) -> None:
    repository.cut_after = 300_000
    with pytest.raises(DownloadFailedError, match=r"org\.example:thing:1\.0.*it resumes"):
        source(tmp_path, repository).fetch([ARTIFACT])
    [jar] = source(tmp_path, repository).fetch([ARTIFACT])
    assert jar.read_bytes() == CONTENT
    assert sum(repository.sent) < len(CONTENT) + 65_536  # what was in flight at the cut comes again


def test_a_file_with_another_hash_is_refused_and_thrown_away(tmp_path: Path, repository: Repository) -> None:
    repository.content = CONTENT[:-1] + b"!"
    with pytest.raises(HashMismatchError, match="SHA-256"):
        source(tmp_path, repository).fetch([ARTIFACT])
    assert not list(tmp_path.rglob("*.jar"))
    assert not list(tmp_path.rglob("*.part"))


def test_a_damaged_file_in_the_local_repository_is_fetched_again(
    tmp_path: Path, repository: Repository
) -> None:
    [jar] = source(tmp_path, repository).fetch([ARTIFACT])
    jar.write_bytes(b"half a file")
    [mended] = source(tmp_path, repository).fetch([ARTIFACT])
    assert mended.read_bytes() == CONTENT


def test_a_repository_that_refuses_is_named_with_its_answer(tmp_path: Path, repository: Repository) -> None:
    repository.status = 503
    with pytest.raises(DownloadFailedError, match="answered 503"):
        source(tmp_path, repository).fetch([ARTIFACT])


def test_no_network_is_a_download_that_failed(tmp_path: Path) -> None:
    nowhere = ArtifactSource(spare=tmp_path, local=tmp_path / "m2", remotes={"ours": "http://127.0.0.1:1"})
    with pytest.raises(DownloadFailedError):
        nowhere.fetch([ARTIFACT])


def test_a_full_disk_is_told_as_such(
    tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_arguments: Any, **_options: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(ArtifactSource, "_transfer", no_room)
    with pytest.raises(DiskFullError, match="The disk is full"):
        source(tmp_path, repository).fetch([ARTIFACT])
