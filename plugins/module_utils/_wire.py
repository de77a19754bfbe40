# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""A connected socket whose every wait ends at a deadline, and the words for why none came.

Python's sockets know a time-out per operation only: a peer that sends a byte now and then
could hold a task for ever.
"""

from __future__ import annotations

import io
import re
import socket
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ansible_collections.icr.access.plugins.module_utils._errors import (
    AnswerTimeoutError,
    TlsError,
    TransportError,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PORTS = {"http": 80, "https": 443}
_LOOPBACK = re.compile(r"localhost|127(\.[0-9]{1,3}){3}|::1")
_URL_CHARACTERS = re.compile(r"[!-\[\]-~]+")  # visible ASCII, and no backslash


class RefusedError(TransportError):
    """Nobody listens there: nothing was sent."""


class LastingError(TransportError):
    """The way there is barred, and trying again would change nothing: nothing was sent."""


class NoTlsError(TlsError):
    """What listens there does not speak TLS: nothing was sent."""


class BrokenHandshakeError(TransportError):
    """The connection broke before TLS was agreed on: nothing was sent."""


# After these another URL of the same server is worth a try.
NOT_THERE = (RefusedError, NoTlsError, BrokenHandshakeError)


@dataclass(frozen=True)
class Origin:
    """Scheme, host name (lower case, without brackets) and port of a server."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Origin:
        """The origin of an absolute http or https URL without user information.

        Raises `ValueError` for any other text. Pure.
        """
        if not _URL_CHARACTERS.fullmatch(url):
            raise ValueError("not the characters of a URL")
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
            raise ValueError("not an absolute http or https URL of a host")
        return cls(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme])

    @property
    def address(self) -> str:
        """`host:port`, IPv6 in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether this is the same machine by its name alone."""
        return _LOOPBACK.fullmatch(self.host) is not None


class Wire:
    """What `http.client` takes for a socket. `deadline` is a time of `time.monotonic()`."""

    def __init__(self, end: socket.socket, deadline: float) -> None:
        self.socket = end
        self.deadline = deadline

    def sendall(self, data: bytes) -> None:
        """Send everything. Raises `socket.timeout` at the deadline, `OSError`."""
        self.limit()
        self.socket.sendall(data)

    def makefile(self, *_args: object, **_keywords: object) -> io.BufferedReader:
        """A reader of what comes in; closing it leaves the socket open."""
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """Nothing: `http.client` closes while the answer is still to be read."""

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
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            pass
        return False


class _Reader(io.RawIOBase):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        self._wire.limit()
        return self._wire.socket.recv_into(buffer)


def lost(error: Exception, where: str, timeout: float) -> TransportError:
    """The error that tells why there is no answer from `where`. Pure."""
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        from ansible_collections.icr.access.plugins.module_utils._tls import tls_error

        return tls_error(error, where)
    if isinstance(error, socket.timeout):
        return AnswerTimeoutError(
            f"{where} did not answer within {timeout:g} seconds. Does a firewall drop what is "
            f"sent there, or is timeout too short?"
        )
    if isinstance(error, ConnectionRefusedError):
        return RefusedError(
            f"{where} refuses connections. Is it running, and is the port right?"
        )
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return TransportError(
            f"{where} cannot be found: DNS does not answer now. Does it work on this host?"
        )
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return LastingError(
            f"{where} cannot be found: DNS knows no address of that name."
        )
    if isinstance(error, (ConnectionError, ssl.SSLEOFError)):
        return TransportError(f"{where} broke the connection off.")
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return TransportError(f"{where} cannot be reached: {reason.lower()}.")
