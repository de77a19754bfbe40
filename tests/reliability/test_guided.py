# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The two parsers that read what others write, under fuzzing that looks for new ways in them."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

import pytest

from ansible_collections.icr.access.tests.reliability.auth_file_promises import (
    is_read_or_refused,
    is_unfit,
    others_are_kept,
)
from ansible_collections.icr.access.tests.reliability.auth_files import SPELLINGS
from ansible_collections.icr.access.tests.reliability.guided import Guided
from ansible_collections.icr.access.tests.reliability.tally import Tally
from ansible_collections.icr.access.tests.reliability.test_fuzzed_answers import (
    is_read_from,
)

_ENDLESS = 10**12
_AUTH_FILES = (
    b"{}",
    b'{"auths": {"us.icr.io": {"auth": "dTpw"}}, "credsStore": "x"}',
    b'{"auths": {"https://us.icr.io/v1/": {"identitytoken": "t", "email": 1e3}}}',
    b'{"credHelpers": {"us.icr.io": ""}, "auths": null, "x": [[true, -1, "\\ud800"]]}',
)
_AUTH_WORDS = (
    *(json.dumps(spelling).encode() for spelling in SPELLINGS),
    *(
        b'"auths":',
        b'"auth":',
        b'"credHelpers":',
        b'"username":',
        b'"password":',
        b"null",
    ),
    *(
        b"{}",
        b"[]",
        b"NaN",
        b"1e999",
        b"true",
        b'{"a":' * 60,
        b"[" * 120,
        b"\xef\xbb\xbf",
    ),
)
_CHALLENGES = (
    b'Bearer realm="https://us.icr.io/oauth/token",service="registry"',
    b"Bearer realm=https://us.icr.io/oauth/token,scope=repository:a/b:pull,push, Basic",
    b'Basic realm="say \\"hi\\"", Negotiate abc==',
)
_CHALLENGE_WORDS = (
    *(
        b"Bearer ",
        b"Basic",
        b"realm=",
        b'realm="',
        b"scope=",
        b" = ",
        b"==",
        b'",',
        b"\\",
    ),
)


@dataclass(frozen=True)
class Bounds:
    inputs: int
    seconds: float


@pytest.fixture
def bounds(pytestconfig: pytest.Config, soak: bool) -> Bounds:
    """Always the same inputs, or so much time."""
    if soak:
        return Bounds(_ENDLESS, float(pytestconfig.getoption("--fuzz-seconds")))
    return Bounds(1000, _ENDLESS)


def search(search_for: Guided, bounds: Bounds, tally: Tally) -> None:
    crashes = 1
    try:
        search_for.search(inputs=bounds.inputs, seconds=bounds.seconds)
        crashes = 0
    finally:
        tally.count("fuzzed inputs", search_for.tried, crashes=crashes)


def is_kept_or_refused(raw: bytes) -> None:
    """The promises of auth files, all together."""
    is_read_or_refused(raw)
    try:
        document = json.loads(raw)
        is_usual = all(isinstance(each, dict) for each in document["auths"].values())
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return
    if is_usual and not is_unfit(raw):
        others_are_kept(document, "iamapikey", "secret")


def test_auth_files(bounds: Bounds, tally: Tally) -> None:
    found = Guided(
        is_kept_or_refused,
        ("_auth_document.py", "_authfile.py", "_authfile_edit.py", "_registry_host.py"),
        list(_AUTH_FILES),
        _AUTH_WORDS,
    )
    search(found, bounds, tally)
    assert len(found.corpus) > 2 * len(_AUTH_FILES)


def test_challenges(bounds: Bounds, tally: Tally) -> None:
    found = Guided(
        lambda raw: is_read_from([raw.decode("latin-1")]),
        ("_challenge.py",),
        list(_CHALLENGES),
        _CHALLENGE_WORDS,
    )
    search(found, bounds, tally)
    assert len(found.corpus) > len(_CHALLENGES)


class TestGuided:
    """It finds what chance alone would not."""

    def test_a_way_that_is_only_reached_step_by_step_is_found(self) -> None:
        search_for = Guided(_opens_a_lock, (__file__,), [b"...."], (b"k", b"e", b"y"))
        with pytest.raises(LookupError) as caught:
            search_for.search(inputs=20_000, seconds=_ENDLESS)
        assert "the input was b'" in caught.value.__notes__[0]

    def test_it_leaves_the_tracer_of_others_alone(self) -> None:
        before = sys.gettrace()
        Guided(lambda _raw: None, (), [b""], (b"a",)).search(inputs=3, seconds=9)
        assert sys.gettrace() is before


def _opens_a_lock(raw: bytes) -> None:
    if raw[0:1] != b"k":
        return
    if raw[1:2] != b"e":
        return
    if raw[2:3] != b"y":
        return
    raise LookupError
