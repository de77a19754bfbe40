# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Reading one HTTP/1.1 answer, as RFC 9112 frames it, bounded in its size.

Python's own `http.client` costs a task more than all requests of a login together: it brings
the parser of e-mail along. What is left out here is what a registry has no reason to send.
"""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import _named_tuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

_LONGEST_LINE = 65536
_MOST_HEADERS = 100
_LONGEST_HEAD = 128 * 1024
_HEX = frozenset(b"0123456789abcdefABCDEF")


class AnswerError(Exception):
    """There is no answer that could be read."""


class NotHttpError(AnswerError):
    """What came is not an answer of HTTP/1; the message says what is wrong with it."""


class BrokenOffError(AnswerError):
    """The connection ended in the middle of the answer."""


class NoAnswerError(AnswerError):
    """The connection ended before the first byte of an answer."""


class Reading(_named_tuple.NamedTuple):
    """What was read. Names of headers are in lower case; `body` is cut at the limit, which
    `is_cut` tells; `is_kept` tells that another answer may follow on the same connection."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    is_cut: bool
    is_kept: bool


def read_answer(stream: BinaryIO, longest_body: int) -> Reading:
    """The next answer from the stream, after those that only announce it (100 Continue).

    For requests other than HEAD. Raises `NotHttpError`, `BrokenOffError`, `NoAnswerError`, and
    what the stream raises.
    """
    status = 100
    while 100 <= status < 200:
        version, status = _status_line(stream)
        headers = tuple(_headers(stream))
    named = dict(reversed(headers))  # the first of each name
    is_kept = (
        version != b"HTTP/1.0" and "close" not in named.get("connection", "").lower()
    )
    coding = named.get("transfer-encoding", "identity").lower()
    length = named.get("content-length")
    if coding not in ("chunked", "identity"):
        raise NotHttpError("an unknown transfer coding")
    if status in (204, 304):
        body = b""
    elif coding == "chunked":
        body = _chunks(stream, longest_body)
    elif length is None:
        body, is_kept = stream.read(longest_body + 1), False
    elif not (length.isascii() and length.isdigit() and len(length) <= 20):
        raise NotHttpError("a length that is no number")
    else:
        body = _exactly(stream, min(int(length), longest_body + 1))
    is_cut = len(body) > longest_body
    return Reading(status, headers, body[:longest_body], is_cut, is_kept and not is_cut)


def _status_line(stream: BinaryIO) -> tuple[bytes, int]:
    line = stream.readline(_LONGEST_LINE + 1)
    if not line:
        raise NoAnswerError
    version, _space, rest = line.partition(b" ")
    status = rest[:3]
    if not line.startswith(b"HTTP/"):
        raise NotHttpError("no status line")
    if not line.endswith(b"\n"):
        raise BrokenOffError
    if not version.startswith(b"HTTP/1."):
        raise NotHttpError("another version of HTTP")
    if not status.isdigit() or rest[3:4].isdigit() or not 100 <= int(status) <= 999:
        raise NotHttpError("no status")
    return version, int(status)


def _headers(stream: BinaryIO) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    length = 0
    for _each in range(_MOST_HEADERS + 1):
        line = _line(stream).decode("iso-8859-1")
        length += len(line)
        if not line:
            return found
        if length > _LONGEST_HEAD:
            raise NotHttpError(f"more than {_LONGEST_HEAD // 1024} KiB of headers")
        name, colon, value = line.partition(":")
        if line[0] in " \t" and found:  # a long value goes on, as it was done long ago
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        elif colon:
            found.append((name.strip().lower(), value.strip()))
    raise NotHttpError(f"more than {_MOST_HEADERS} headers")


def _chunks(stream: BinaryIO, longest_body: int) -> bytes:
    body = b""
    while len(body) <= longest_body:
        size = _line(stream).partition(b";")[0].strip()
        if not 0 < len(size) <= 16 or not _HEX.issuperset(size):
            raise NotHttpError("a chunk without a size")
        if int(size, 16) == 0:
            _headers(
                stream
            )  # which may follow once more, and tell nothing that is needed
            break
        body += _exactly(stream, min(int(size, 16), longest_body + 1 - len(body)))
        if len(body) <= longest_body and _line(stream):
            raise NotHttpError("a chunk longer than its size")
    return body


def _line(stream: BinaryIO) -> bytes:
    line = stream.readline(_LONGEST_LINE + 1)
    if len(line) > _LONGEST_LINE:
        raise NotHttpError("a line that is too long")
    if not line.endswith(b"\n"):
        raise BrokenOffError
    return line.rstrip(b"\r\n")


def _exactly(stream: BinaryIO, length: int) -> bytes:
    body = stream.read(length)
    if len(body) < length:
        raise BrokenOffError
    return body
