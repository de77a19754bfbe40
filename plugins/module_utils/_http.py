# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""HTTP as the check of a login needs it: few requests, bounded in time and size, repeated
where that is safe, on one kept-alive connection for each server.

It follows no redirect, reads no netrc and decodes no compression.
"""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from ansible_collections.icr.access.plugins.module_utils import (
    _connecting,
    _errors,
    _http_answer,
    _named_tuple,
    _wire,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from ansible_collections.icr.access.plugins.module_utils import _tls, _verdict

LONGEST_BODY = 1024 * 1024


class Answer(_named_tuple.NamedTuple):
    """One answer. `body` is cut at `LONGEST_BODY`; `is_cut` then says so.

    `headers` are pairs of a name in lower case and a value. `attempts` counts how often the
    request was sent until this answer was taken, at `received_at` seconds since the epoch.
    """

    method: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    is_cut: bool = False
    attempts: int = 1
    received_at: float = 0.0

    def header(self, name: str) -> str:
        """The first header of that name, empty if there is none."""
        return next(iter(self.all_headers(name)), "")

    def all_headers(self, name: str) -> list[str]:
        """Every header of that name."""
        return [value for each, value in self.headers if each == name.lower()]

    def __repr__(self) -> str:
        return f"Answer({self.method!r}, {self.url!r}, {self.status})"


class Connection:
    """A connection to one origin: opened when first needed, kept while the server keeps it.

    Not for two threads at once. `tls` is asked whom to trust when https needs it.
    """

    def __init__(
        self, origin: _wire.Origin, *, timeout: float, tls: Callable[[], _tls.Trust]
    ) -> None:
        self._origin = origin
        self._timeout = timeout
        self._tls = tls
        self._wire: _wire.Wire | None = None

    def close(self) -> None:
        """Close it; the next exchange opens another."""
        if self._wire is not None:
            self._wire.socket.close()
            self._wire = None

    def exchange(self, method: str, url: str, headers: dict[str, str]) -> Answer:
        """Send one request without a body and read its answer, within the time-out in all.

        A kept connection that the server has closed meanwhile is replaced without a word; under
        a POST only where that shows before it is sent.
        Raises `TransportError` and its children, `BadResponseError`, `InputError` (CA, proxy).
        """
        deadline = time.monotonic() + self._timeout
        if self._wire is not None and self._wire.is_idle():
            self._wire.deadline = deadline
            try:
                return self._exchange(self._wire, method, url, headers)
            except _wire.ClosedEarlyError:
                if method == "POST":
                    raise
        self.close()
        self._wire = _connecting.open_wire(
            self._origin, deadline=deadline, timeout=self._timeout, tls=self._tls
        )
        return self._exchange(self._wire, method, url, headers)

    def _exchange(
        self, wire: _wire.Wire, method: str, url: str, headers: dict[str, str]
    ) -> Answer:
        where = self._origin.address
        reading = None
        try:
            wire.sendall(_request(method, url, headers))
            reading = _http_answer.read_answer(wire.makefile(), LONGEST_BODY)
        except (OSError, _http_answer.AnswerError) as error:
            # only what goes wrong needs words
            from ansible_collections.icr.access.plugins.module_utils import _lost

            raise _lost.without_answer(
                error, method, url, where, self._timeout, wire.has_received
            ) from error
        finally:
            if reading is None or not reading.is_kept:
                self.close()
        answer = Answer(
            method, url, reading.status, reading.headers, reading.body, reading.is_cut
        )
        coding = answer.header("Content-Encoding") or "identity"
        if coding.strip().lower() != "identity":
            raise _errors.BadResponseError(
                f"{method} {_errors.without_query(url)}: {where} compresses its answer, which was not "
                f"asked for.",
                url=url,
            )
        return answer


class Session:
    """The connections of one conversation. Not for two threads at once.

    Use it as a context manager: its end closes the connections.
    """

    def __init__(
        self, settings: _verdict.Settings, tls: Callable[[], _tls.Trust]
    ) -> None:
        self._settings = settings
        self._tls = tls
        self._connections: dict[_wire.Origin, Connection] = {}

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_details: object) -> None:
        for connection in self._connections.values():
            connection.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        authorization: str | None = None,
        is_last_resort: bool = True,
        retries: int | None = None,
    ) -> Answer:
        """The answer to one request, asked again where that is safe and may help.

        Asked again, up to `retries` times (None for those of the settings), are broken connections
        and time-outs, 429, and 5xx but 501; a POST only while nothing was sent, or on 429. The
        pause is random below a doubling limit, or what `Retry-After` says up to `LONGEST_PAUSE`; a
        longer one ends the attempts. Where nobody listens the error comes at once when there is
        another URL (not `is_last_resort`). An answer that stays 429 or 5xx is returned.
        Raises as `Connection.exchange`; the message says how often it was tried.
        """
        origin = _wire.Origin.of(url)
        connection = self._connections.get(origin)
        if connection is None:
            connection = self._connections[origin] = Connection(
                origin, timeout=self._settings.timeout, tls=self._tls
            )
        headers = {"User-Agent": "icr.access", "Accept-Encoding": "identity"}
        if authorization is not None:
            headers["Authorization"] = authorization
        if retries is None:
            retries = self._settings.retries
        attempt = 0
        while True:
            attempt += 1
            outcome: Answer | _errors.TransportError
            try:
                answer = connection.exchange(method, url, headers)
            except _errors.TransportError as error:
                outcome = error
            else:
                outcome = answer = answer._replace(
                    attempts=attempt, received_at=self._settings.now()
                )
                if answer.status != 429 and answer.status < 500:
                    return answer
            # most answers are final, so nearly no run loads this
            from ansible_collections.icr.access.plugins.module_utils import _repeating

            pause = _repeating.pause_before_next(
                method,
                url,
                outcome,
                attempt,
                retries=retries,
                is_last_resort=is_last_resort,
                draw=self._settings.random,
            )
            if pause is None:
                return answer
            self._settings.sleep(pause)


def _request(method: str, url: str, headers: dict[str, str]) -> bytes:
    """A request without a body, as it is sent; `Origin.of` and the makers of `headers` have
    seen to it that nothing in them ends a line."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc.lower()}"]
    if method == "POST":
        lines.append("Content-Length: 0")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii")
