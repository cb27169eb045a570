"""The states of an export job and the moves between them; the table and `docs/export-states.md` say the same."""

from collections.abc import Mapping
from typing import Literal

ExportState = Literal["queued", "running", "succeeded", "empty", "failed", "cancelled", "expired"]

MOVES: Mapping[ExportState, frozenset[ExportState]] = {
    "queued": frozenset({"running", "failed", "cancelled"}),
    "running": frozenset({"queued", "succeeded", "empty", "failed", "cancelled"}),
    "succeeded": frozenset({"expired"}),
    "empty": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
    "expired": frozenset(),
}
"""Where a job may go from each state. A running job whose worker was lost is taken over without leaving its state."""

UNFINISHED: frozenset[ExportState] = frozenset({"queued", "running"})
"""States of jobs that a worker has yet to finish; these can be cancelled."""

WITH_FILE: ExportState = "succeeded"
"""The one state in which there is a file to fetch."""
