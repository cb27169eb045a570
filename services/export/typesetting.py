"""`python -m services.export.typesetting FOLDER TIMESTAMP MEMORY_MB`: sets one document, in a process of its own.

A process, since a compilation can be neither stopped nor limited from inside, and keeps its memory afterwards. FOLDER
holds `transcript.typ`, `transcript.json` and `fonts/`; the PDF is written beside them. Data reach the template as JSON
only, so no text can become markup, and the compiler reads nothing outside FOLDER. Standard input is a leash: it ends when
the parent does, and then so does this process.
"""

import os
import resource
import sys
import threading
from pathlib import Path

import typst

EXIT_REFUSED = 3
EXIT_ORPHANED = 4


def main(folder: Path, timestamp: int, memory_mb: int) -> int:
    """Exit code 0, or 3 with the compiler's words on stderr."""
    limit = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the conversation
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        typst.compile(
            folder / "transcript.typ",
            output=folder / "transcript.pdf",
            root=folder,
            font_paths=[folder / "fonts"],
            ignore_system_fonts=True,
            package_path=folder / "no-packages",
            package_cache_path=folder / "no-packages",
            timestamp=timestamp,
        )
    except typst.TypstError as error:
        print(error.message, file=sys.stderr)  # noqa: T201  read by the parent
        return EXIT_REFUSED
    return 0


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # not through the buffer: its lock would be held when the interpreter ends
    os._exit(EXIT_ORPHANED)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
