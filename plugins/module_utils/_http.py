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

import re
import time
from typing import NamedTuple
from urllib.parse import urlsplit

from ansible_collections.icr.access.plugins.module_utils._connecting import (
    open_wire,
)
from ansible_collections.icr.access.plugins.module_utils._errors import (
    BadResponseError,
    TlsError,
    TransportError,
    with_tries,
    without_query,
)
from ansible_collections.icr.access.plugins.module_utils._http_answer import (
    BrokenOffError,
    NoAnswerError,
    NotHttpError,
    read_answer,
)
from ansible_collections.icr.access.plugins.module_utils._wire import (
    NOT_THERE,
    LastingError,
    Origin,
    Wire,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import Callable

    from ansible_collections.icr.access.plugins.module_utils._verdict import Settings

LONGEST_BODY = 1024 * 1024
LONGEST_PAUSE = 30.0  # seconds that a Retry-After may ask for
_FIRST_PAUSE = 0.5
_LONGEST_BACK_OFF = 8.0


class Answer(NamedTuple):
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


class _ClosedEarlyError(TransportError):
    """The connection broke before the first byte of an answer."""


class Connection:
    """A connection to one origin: opened when first needed, kept while the server keeps it.

    Not for two threads at once. `tls` is asked for the context when https needs it.
    """

    def __init__(
        self, origin: Origin, *, timeout: float, tls: Callable[[], ssl.SSLContext]
    ) -> None:
        self._origin = origin
        self._timeout = timeout
        self._tls = tls
        self._wire: Wire | None = None

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
            except _ClosedEarlyError:
                if method == "POST":
                    raise
        self.close()
        self._wire = open_wire(
            self._origin, deadline=deadline, timeout=self._timeout, tls=self._tls
        )
        return self._exchange(self._wire, method, url, headers)

    def _exchange(
        self, wire: Wire, method: str, url: str, headers: dict[str, str]
    ) -> Answer:
        where = self._origin.address
        told = f"{method} {without_query(url)}: {where}"
        reading = None
        try:
            wire.sendall(_request(method, url, headers))
            reading = read_answer(wire.makefile(), LONGEST_BODY)
        except NoAnswerError as error:
            raise _closed_early(where) from error
        except BrokenOffError as error:
            raise TransportError(f"{where} broke its answer off.") from error
        except NotHttpError as error:
            raise BadResponseError(
                f"{told} answers what is not HTTP ({error}).", url=url
            ) from error
        except OSError as error:
            raise self._lost(error, wire) from error
        finally:
            if reading is None or not reading.is_kept:
                self.close()
        answer = Answer(
            method, url, reading.status, reading.headers, reading.body, reading.is_cut
        )
        coding = answer.header("Content-Encoding") or "identity"
        if coding.strip().lower() != "identity":
            raise BadResponseError(
                f"{told} compresses its answer, which was not asked for.", url=url
            )
        return answer

    def _lost(self, error: OSError, wire: Wire) -> TransportError:
        from ansible_collections.icr.access.plugins.module_utils._lost import (
            is_broken_off,
            lost,
        )

        if is_broken_off(error) and not wire.has_received:
            return _closed_early(self._origin.address)
        return lost(error, self._origin.address, self._timeout)


class Session:
    """The connections of one conversation. Not for two threads at once.

    Use it as a context manager: its end closes the connections.
    """

    def __init__(self, settings: Settings, tls: Callable[[], ssl.SSLContext]) -> None:
        self._settings = settings
        self._tls = tls
        self._connections: dict[Origin, Connection] = {}

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
        origin = Origin.of(url)
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
            has_more = attempt <= retries
            try:
                answer = connection.exchange(method, url, headers)
            except TransportError as error:
                again = is_repeatable(method, error) and (
                    is_last_resort or not isinstance(error, NOT_THERE)
                )
                if not (has_more and again):
                    raise _told(error, method, url, attempt) from error
                pause = None
            else:
                now = self._settings.now()
                wish = answer.header("Retry-After")
                pause = retry_after(wish, now) if wish else None
                if not (
                    has_more
                    and is_passing(method, answer.status)
                    and (pause or 0) <= LONGEST_PAUSE
                ):
                    return answer._replace(attempts=attempt, received_at=now)
            if pause is None:
                pause = self._settings.random() * longest_back_off(attempt)
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


def _closed_early(where: str) -> _ClosedEarlyError:
    return _ClosedEarlyError(f"{where} closed the connection without an answer.")


def is_repeatable(method: str, error: TransportError) -> bool:
    """Whether the request may be sent again after that error, and another try may help. Pure."""
    if isinstance(error, (TlsError, LastingError)):
        return False
    return method != "POST" or isinstance(error, NOT_THERE)


def is_passing(method: str, status: int) -> bool:
    """Whether that status may be another one soon, and asking again is safe. Pure."""
    if method == "POST":
        return status == 429
    return status == 429 or (500 <= status < 600 and status != 501)


def longest_back_off(attempt: int) -> float:
    """The longest pause, in seconds, after attempt number `attempt`, counted from 1. Pure."""
    return min(_FIRST_PAUSE * 2.0 ** (attempt - 1), _LONGEST_BACK_OFF)


def retry_after(value: str, now: float) -> float | None:
    """Seconds that a `Retry-After` header asks to wait, None if it says nothing sensible.

    `now` is in seconds since the epoch; a date in the past is no wait. Pure.
    """
    if re.fullmatch(r"[0-9]{1,9}", value.strip()):
        return float(value)
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(value).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return max(0.0, moment - now)


def _told(
    error: TransportError, method: str, url: str, attempts: int
) -> TransportError:
    told = with_tries(str(error), attempts)
    return type(error)(f"{method} {without_query(url)}: {told}", url=url)
