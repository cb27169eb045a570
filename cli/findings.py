"""What `bitacora doctor` says of one thing that it looked at."""

from __future__ import annotations

import msgspec

BROKER_AWAY = "docs/runbook/broker-away.md"
CLOCK_SKEW = "docs/runbook/clock-skew.md"
DATABASE_AWAY = "docs/runbook/database-away.md"
DEAD_LETTERS = "docs/runbook/dead-letters-growing.md"
DISK_FULL = "docs/runbook/disk-full.md"
EXPORTS = "docs/runbook/export-jobs-failing.md"
LAG = "docs/runbook/lag-growing.md"
HALTED = "docs/runbook/partition-halted.md"
SIGN_IN = "docs/runbook/sign-in-refused.md"
UPKEEP = "docs/runbook/upkeep-failing.md"


SIGN_IN_FAULTS = frozenset(
    {
        "certificate_untrusted",
        "certificate_for_another_host",
        "certificate_expired",
        "certificate_refused",
        "no_tls",
        "tls_failed",
        "connection_closed",
        "file_missing",
        "sign_in_refused",
        "sign_in_method_refused",
    }
)
"""Words of `services/chassis/connection_faults.py` that speak of certificates, users and passwords."""


class Finding(msgspec.Struct, frozen=True):
    """`advice` says what to do, and `runbook` names the page that says it at length, when there is something to do."""

    what: str
    ok: bool
    found: str
    advice: str | None = None
    runbook: str | None = None


def verdict(what: str, found: str, *, ok: bool, advice: str, runbook: str | None = None) -> Finding:
    """A finding that carries its advice and page only when it is bad."""
    return Finding(what, ok, found, None if ok else advice, None if ok else runbook)


def page_of(fault: str, otherwise: str) -> str:
    """The page for a connection that was not made: certificates and passwords have one of their own."""
    return SIGN_IN if fault.partition(":")[0] in SIGN_IN_FAULTS else otherwise
