# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Answers that no honest server gives, and what whoever gets them must still keep to."""

from __future__ import annotations

import gzip
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import AccessError
from ansible_collections.icr.access.plugins.module_utils._excerpt import forms_of
from ansible_collections.icr.access.tests.reliability.fuzzing import check_error
from ansible_collections.icr.access.tests.reliability.tally import Tally
from ansible_collections.icr.access.tests.unit.plugins.module_utils.scripted_registry import (
    Reply,
    Server,
)

SECRET = "correct-horse-battery-staple"
Serve = Callable[..., Server]
MIB = 1024 * 1024

_PATIENT = (
    30.0  # seconds; on a busy machine nothing but what is slow on purpose takes so long
)
_SHORT = 0.4
_OK = b"HTTP/1.1 418 Hostile\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"


@dataclass(frozen=True)
class Hostile:
    """`reply` is made of the URL of another server, to which nothing may go; `words` tell a
    registry's user why it failed, and `cloud_words` the user of IBM Cloud, if in another way."""

    reply: Callable[[str], Reply]
    words: str
    cloud_words: str = ""
    timeout: float = _PATIENT


def _poured(begin: bytes, more: bytes) -> Callable[[str], Reply]:
    return lambda _elsewhere: Reply(instead=begin, then="pour", more=more)


def _sent(content: bytes) -> Callable[[str], Reply]:
    return lambda _elsewhere: Reply(instead=content, then="close")


def _dripped(begin: bytes) -> Callable[[str], Reply]:
    return lambda _elsewhere: Reply(instead=begin, then="drip")


def _redirect(status: int) -> Hostile:
    def to(elsewhere: str) -> Reply:
        return Reply(status, "", (("Location", f"{elsewhere}/v2/"),))

    return Hostile(to, "a redirect to", "Redirects are not followed")


_BOMB = gzip.compress(b" " * (64 * MIB))
_TOO_LATE = f"within {_SHORT:g} seconds"
_TOO_LONG = "what is not HTTP"
_TOO_MUCH = "more than 16 MiB"

ANSWERS = {
    **{
        f"redirect by {status}": _redirect(status)
        for status in (301, 302, 303, 307, 308)
    },
    "chunks without end": Hostile(
        _poured(_CHUNKED, b"ffff\r\n" + b"x" * 65535 + b"\r\n"),
        "answers 418",
        _TOO_MUCH,
    ),
    "one chunk without end": Hostile(
        _poured(_CHUNKED + b"fffffffffffffff\r\n", b"x" * 65536),
        "answers 418",
        _TOO_MUCH,
    ),
    "tiny chunks without end": Hostile(
        _poured(_CHUNKED, b"1\r\nx\r\n" * 10_000), _TOO_LATE, _TOO_LATE, timeout=_SHORT
    ),
    "a length beyond all measure": Hostile(
        _poured(_OK + b"Content-Length: 99999999999999999\r\n\r\n", b"x" * 65536),
        "answers 418",
        _TOO_MUCH,
    ),
    "a body without length or end": Hostile(
        _poured(_OK + b"\r\n", b"x" * 65536), "answers 418", _TOO_MUCH
    ),
    "a header without end": Hostile(_poured(_OK + b"X: ", b"x" * 65536), _TOO_LONG),
    "headers without end": Hostile(_poured(_OK, b"X: y\r\n" * 1000), _TOO_LONG),
    "headers of megabytes": Hostile(
        _sent(_OK + (b"X: " + b"x" * 60_000 + b"\r\n") * 40 + b"\r\n"), _TOO_LONG, "418"
    ),
    "a folded header of megabytes": Hostile(
        _sent(_OK + b"X: y\r\n" + (b" " + b"x" * 60_000 + b"\r\n") * 40 + b"\r\n"),
        _TOO_LONG,
        "418",
    ),
    "a status line without end": Hostile(_poured(b"HTTP/1.1 ", b"2" * 65536), "answer"),
    "announcements without end": Hostile(
        _poured(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), _TOO_LATE, timeout=_SHORT
    ),
    "a slow body": Hostile(
        _dripped(_OK + b"Content-Length: 9999\r\n\r\n"), _TOO_LATE, timeout=_SHORT
    ),
    "a slow chunk": Hostile(
        _dripped(_CHUNKED + b"ffff\r\n"), _TOO_LATE, timeout=_SHORT
    ),
    "a slow header": Hostile(_dripped(_OK + b"X: "), _TOO_LATE, timeout=_SHORT),
    "a slow status line": Hostile(_dripped(b"HTTP/1.1 "), _TOO_LATE, timeout=_SHORT),
    "a bomb of gzip": Hostile(
        lambda _elsewhere: Reply(418, _BOMB, (("Content-Encoding", "gzip"),)),
        "compresses its answer",
        _TOO_MUCH,
    ),
    "a bomb within a bomb": Hostile(
        lambda _elsewhere: Reply(418, _BOMB, (("Content-Encoding", "gzip, gzip"),)),
        "compresses its answer",
    ),
    "an answer cut off": Hostile(
        _sent(_OK + b"Content-Length: 9999\r\n\r\n{"), "broke its answer off"
    ),
    "an answer reset": Hostile(
        lambda _elsewhere: Reply(
            instead=_OK + b"Content-Length: 9999\r\n\r\n{", then="break"
        ),
        "broke",
    ),
    "nothing at all": Hostile(_sent(b""), "closed the connection", "broke"),
    "another protocol": Hostile(_sent(b"SSH-2.0-OpenSSH\r\n"), _TOO_LONG),
    "megabytes of a message": Hostile(
        lambda _elsewhere: Reply(418, {"errors": [{"message": "x" * 500_000}]}), "418"
    ),
    "control characters": Hostile(
        lambda _elsewhere: Reply(418, {"errors": [{"message": "\x1b[2J\r\n\u202eno"}]}),
        "no",
    ),
    "the secret itself": Hostile(
        lambda _elsewhere: Reply(418, {"errors": [{"message": f"it is {SECRET}"}]}),
        "(hidden)",
    ),
}


@contextmanager
def withstanding(
    tally: Tally, words: str, *, timeout: float = _PATIENT, peak: int = 24 * MIB
) -> Iterator[None]:
    """What happens within ends by an error of ours that says `words` and no secret, takes no
    more than `peak` bytes of memory, and does not wait much longer than `timeout`."""
    withstood = 0
    begin = time.monotonic()
    tracemalloc.start()
    try:
        with pytest.raises(AccessError) as caught:
            yield
        taken = tracemalloc.get_traced_memory()[1]
        check_error(caught.value)
        assert words in str(caught.value)
        assert not [form for form in forms_of(SECRET) if form in str(caught.value)]
        assert taken < peak
        assert time.monotonic() - begin < timeout + 8
        withstood = 1
    finally:
        tracemalloc.stop()
        tally.count("hostile answers", 1, withstood=withstood)
