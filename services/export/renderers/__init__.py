"""One file a format: each makes a job's file and stores it. Which one makes which format, the contract says by name."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from services.export.job import Job
from services.export.outcome import Empty, Rendered
from services.export.renderers.csv import render_csv
from services.export.renderers.ndjson import render_ndjson
from services.export.renderers.pdf import render_pdf
from services.export.tools import OnProgress, Tools

Renderer = Callable[[Tools, Job, Any, OnProgress], Awaitable[Rendered | Empty]]
"""Makes and stores a file from a specification of its format. Raises PermanentFailure, TransientFailure, and what database
and store raise."""

RENDERERS: Mapping[str, Renderer] = {"csv": render_csv, "ndjson": render_ndjson, "pdf": render_pdf}
