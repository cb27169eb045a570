"""Which TCP port a part of the stack listens on."""

from __future__ import annotations

import secrets
import socket
from dataclasses import dataclass

from embedded.errors import PortTakenError

LOOPBACK = "127.0.0.1"

_FIRST_PORT, _PAST_LAST_PORT = 10_000, 32_768
"""Linux gives outgoing connections ports from 32768 on (ip_local_port_range), macOS from 49152 on."""


@dataclass(frozen=True, slots=True)
class PortWish:
    """A port to use: `required` fails when it is taken, `preferred` gives way to a free one."""

    required: int | None = None
    preferred: int | None = None

    def choose(self, what: str) -> int:
        """The port to listen on. Raises PortTakenError when the required one belongs to another program."""
        if self.required is not None:
            if not is_free(self.required):
                raise PortTakenError(what, self.required)
            return self.required
        if self.preferred is not None and is_free(self.preferred):
            return self.preferred
        return free_port()


def free_port() -> int:
    """A port of the loopback address that nobody listens on at this moment, below those that outgoing connections take.

    A port the system hands out itself is one of the latter: while its server is down for a moment, anybody's connection may
    get it, and the server cannot come back.
    """
    while True:
        port = _FIRST_PORT + secrets.randbelow(_PAST_LAST_PORT - _FIRST_PORT)
        if is_free(port):
            return port


def is_free(port: int) -> bool:
    """Whether a server could bind `port` on the loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def answers(port: int, timeout: float = 0.5) -> bool:
    """Whether something accepts connections on the loopback address and `port`."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=timeout):
            return True
    except OSError:
        return False
