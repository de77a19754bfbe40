# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from ansible_collections.icr.access.plugins.module_utils._http_answer import (
    BrokenOffError,
    NoAnswerError,
    NotHttpError,
    Reading,
    read_answer,
)

LIMIT = 10
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def read(content: bytes) -> Reading:
    return read_answer(io.BytesIO(content), LIMIT)


@pytest.mark.parametrize(
    ("content", "body", "is_cut", "is_kept"),
    [
        (OK + b"Content-Length: 2\r\n\r\nabX", b"ab", False, True),
        (OK + b"Content-Length: 0\r\n\r\n", b"", False, True),
        (OK + b"content-length:10\n\n0123456789", b"0123456789", False, True),
        (OK + b"Content-Length: 11\r\n\r\n0123456789x", b"0123456789", True, False),
        (OK + b"Content-Length: 999\r\n\r\n0123456789x", b"0123456789", True, False),
        (OK + b"\r\nto the end", b"to the end", False, False),
        (OK + b"\r\nto the very end", b"to the ver", True, False),
        (OK + b"Connection: Close\r\nContent-Length: 1\r\n\r\na", b"a", False, False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", b"a", False, False),
        (b"HTTP/1.1 204 No\r\n\r\nX", b"", False, True),
        (b"HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\nX", b"", False, True),
        (CHUNKED + b"2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\nX", b"abc", False, True),
        (CHUNKED + b"0\r\nTrailer: x\r\n\r\n", b"", False, True),
        (CHUNKED + b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789", False, True),
        (CHUNKED + b"8\r\n01234567\r\n8\r\n89abcdef", b"0123456789", True, False),
        (CHUNKED + b"ffffffff\r\n0123456789abc", b"0123456789", True, False),
        (
            OK + b"Transfer-Encoding: Chunked\r\nContent-Length: 9\r\n\r\n0\r\n\r\n",
            b"",
            False,
            True,
        ),
    ],
)
def test_body(content: bytes, body: bytes, is_cut: bool, is_kept: bool) -> None:
    reading = read(content)
    assert (reading.body, reading.is_cut, reading.is_kept) == (body, is_cut, is_kept)


@pytest.mark.parametrize(
    "line", [b"HTTP/1.1 401 No", b"HTTP/1.1 401", b"HTTP/1.9 401 "]
)
def test_status(line: bytes) -> None:
    assert read(line + b"\r\nContent-Length: 0\r\n\r\n").status == 401


def test_what_only_announces_an_answer_is_passed_over() -> None:
    interim = b"HTTP/1.1 100 Continue\r\nX: early\r\n\r\nHTTP/1.1 103 Hints\r\n\r\n"
    reading = read(interim + OK + b"Content-Length: 0\r\n\r\n")
    assert (reading.status, reading.headers) == (200, (("content-length", "0"),))


def test_headers_keep_their_order_and_their_number() -> None:
    content = OK + b"B: 1 \r\na:\t2\r\nb: \xe9\r\n  folded\r\nnothing\r\nA: 3\r\n\r\n"
    assert read(content).headers == (
        ("b", "1"),
        ("a", "2"),
        ("b", "é folded"),
        ("a", "3"),
    )


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "no status line"),
        (b"\x15\x03\x01\x00\x02", "no status line"),
        (b"HTTP/2 200\r\n", "another version of HTTP"),
        (b"HTTP/1.1 20\r\n", "no status"),
        (b"HTTP/1.1 2000\r\n", "no status"),
        (b"HTTP/1.1 \xb200\r\n", "no status"),
        (b"HTTP/1.1 099\r\n", "no status"),
        (OK + b"X: " + b"x" * 65536 + b"\r\n\r\n", "a line that is too long"),
        (OK + b"X: x\r\n" * 101 + b"\r\n", "more than 100 headers"),
        (
            OK + (b"X: " + b"x" * 60_000 + b"\r\n") * 3 + b"\r\n",
            "more than 128 KiB of headers",
        ),
        (
            OK + b"X: x\r\n" + (b" " + b"x" * 60_000 + b"\r\n") * 3 + b"\r\n",
            "more than 128 KiB of headers",
        ),
        (OK + b"Content-Length: -1\r\n\r\n", "a length that is no number"),
        (OK + b"Content-Length: 1, 1\r\n\r\n", "a length that is no number"),
        (
            OK + b"Content-Length: " + b"9" * 21 + b"\r\n\r\n",
            "a length that is no number",
        ),
        (
            OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
            "an unknown transfer coding",
        ),
        (CHUNKED + b"\r\n", "a chunk without a size"),
        (CHUNKED + b"-1\r\n", "a chunk without a size"),
        (CHUNKED + b"1_0\r\n", "a chunk without a size"),
        (CHUNKED + b"1\r\nab\r\n", "a chunk longer than its size"),
        (CHUNKED + b"0\r\n" + b"X: x\r\n" * 101, "more than 100 headers"),
    ],
    ids=range(20),
)
def test_what_is_not_http(content: bytes, what: str) -> None:
    with pytest.raises(NotHttpError, match=f"^{what}$"):
        read(content)


def pieces(content: bytes) -> Iterator[bytes]:
    return (content[:size] for size in range(1, len(content)))


@pytest.mark.parametrize(
    "content",
    [
        OK + b"A: b\r\nContent-Length: 5\r\n\r\nhello",
        CHUNKED + b"3\r\nabc\r\n0\r\n\r\n",
    ],
    ids=["length", "chunks"],
)
def test_what_ends_early_is_no_answer_wherever_it_ends(content: bytes) -> None:
    read(content)
    for piece in pieces(content):
        if piece.startswith(b"HTTP/"):
            with pytest.raises(BrokenOffError):
                read(piece)


def test_nothing_at_all_is_no_answer() -> None:
    with pytest.raises(NoAnswerError):
        read(b"")
