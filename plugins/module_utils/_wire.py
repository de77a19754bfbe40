# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""A connected socket whose every wait ends at a deadline, and what to know of its server.

Python's sockets know a time-out per operation only: a peer that sends a byte now and then
could hold a task for ever.
"""

from __future__ import annotations

import io
import socket
import sys
import time
from urllib.parse import urlsplit

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _named_tuple,
    _registry_host,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PORTS = {"http": 80, "https": 443}
_LONGEST_NAME = 255  # of DNS, RFC 1035


class RefusedError(_errors.TransportError):
    """Nobody listens there: nothing was sent."""


class LastingError(_errors.TransportError):
    """The way there is barred, and trying again would change nothing: nothing was sent."""


class NoTlsError(_errors.TlsError):
    """What listens there does not speak TLS: nothing was sent."""


class BrokenHandshakeError(_errors.TransportError):
    """The connection broke before TLS was agreed on: nothing was sent."""


class GrownTrustError(Exception):
    """The other end was not trusted by what was read of the system's store, and all of it has
    been read now: nothing was sent."""


class ClosedEarlyError(_errors.TransportError):
    """The connection broke before the first byte of an answer."""


# After these another URL of the same server is worth a try.
NOT_THERE = (RefusedError, NoTlsError, BrokenHandshakeError)


class Origin(_named_tuple.NamedTuple):
    """Scheme, host name (lower case, without brackets) and port of a server."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Origin:
        """The origin of an absolute http or https URL without user information.

        Raises `ValueError` for any other text. Pure.
        """
        is_visible = url.isascii() and url.isprintable()
        if not is_visible or " " in url or "\\" in url:
            raise ValueError("not the characters of a URL")
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
            raise ValueError("not an absolute http or https URL of a host")
        if len(parts.hostname) > _LONGEST_NAME:
            raise ValueError("no name that DNS could know")
        return cls(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme])

    @property
    def address(self) -> str:
        """`host:port`, IPv6 in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether this is the same machine by its name alone."""
        return _registry_host.is_loopback_name(self.host)


class Wire:
    """A connected socket. `deadline` is a time of `time.monotonic()`; `has_received` tells
    whether anything has come in since something was sent."""

    def __init__(self, end: socket.socket, deadline: float) -> None:
        self.socket = end
        self.deadline = deadline
        self.has_received = False

    def sendall(self, data: bytes) -> None:
        """Send everything. Raises `socket.timeout` at the deadline, `OSError`."""
        self.limit()
        self.has_received = False
        self.socket.sendall(data)

    def makefile(self, *_args: object, **_keywords: object) -> io.BufferedReader:
        """A reader of what comes in; closing it leaves the socket open. The arguments are
        those that `http.client` gives to a socket."""
        return io.BufferedReader(_Reader(self))

    def limit(self, share: int = 1) -> None:
        """Let the next operation wait until the deadline, or for its part of the time until then.

        Raises `socket.timeout` when that has passed.
        """
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise socket.timeout("timed out")
        self.socket.settimeout(left / share)

    def is_idle(self) -> bool:
        """Whether the peer has neither closed the connection nor sent what nobody asked for."""
        self.socket.settimeout(0)
        try:
            self.socket.recv(1)
        except OSError as error:
            return isinstance(error, (BlockingIOError, _tls_errors()))
        return False


def _tls_errors() -> tuple[type[OSError], ...]:
    """What a socket with TLS raises when there is nothing to read. Nobody has such a socket
    without having loaded `ssl`, which is large."""
    return (sys.modules["ssl"].SSLWantReadError,) if "ssl" in sys.modules else ()


class _Reader(io.RawIOBase):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        self._wire.limit()
        size = self._wire.socket.recv_into(buffer)
        self._wire.has_received = size > 0 or self._wire.has_received
        return size
