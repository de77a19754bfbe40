# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Generated challenges, realms and error bodies: what a server says is read as it is meant, or as
nothing, and never leads a credential astray."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st
from urllib3.util import parse_url

from ansible_collections.icr.access.plugins.module_utils._challenge import (
    Challenge,
    choose,
    parse_challenges,
)
from ansible_collections.icr.access.plugins.module_utils._error_body import (
    read_error_body,
)
from ansible_collections.icr.access.plugins.module_utils._errors import BadResponseError
from ansible_collections.icr.access.plugins.module_utils._excerpt import forms_of
from ansible_collections.icr.access.plugins.module_utils._realm import check_realm
from ansible_collections.icr.access.plugins.module_utils._wire import Origin
from ansible_collections.icr.access.tests.reliability.auth_files import values
from ansible_collections.icr.access.tests.reliability.fuzzing import (
    Fuzz,
    any_text,
    check_error,
)

REGISTRY = Origin.of("https://us.icr.io")
SECRET = 'canary/"\u00e4<&>+ horse'
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")

tokens = st.text("abcXYZ09-_.", min_size=1, max_size=6)
# What Python reads from the bytes of a header; without the spaces that a value cannot keep.
header_text = st.text(st.characters(max_codepoint=255), max_size=30)
challenges = st.lists(
    st.tuples(
        tokens,
        st.dictionaries(tokens.map(str.lower), header_text, min_size=1, max_size=3),
    ),
    max_size=3,
)
pieces = st.sampled_from(
    (
        *(
            "Bearer ",
            "Basic",
            "realm=",
            "scope=",
            '"',
            "\\",
            ",",
            "=",
            " ",
            "\t",
            "\r\n",
        ),
        *("https://us.icr.io/oauth/token", "a", "repository:a/b:pull,push", "\u00ff"),
    )
)
garbled = st.lists(pieces | header_text, max_size=20).map("".join)


class TestChallenge:
    def test_what_follows_the_grammar_is_read_as_it_is_meant(self, fuzz: Fuzz) -> None:
        def hold(wanted: list[tuple[str, dict[str, str]]], in_one: bool) -> None:
            written = [
                f"{scheme} " + ", ".join(f"{k}={_quoted(v)}" for k, v in named.items())
                for scheme, named in wanted
            ]
            headers = [", ".join(written)] if in_one else written
            expected = [Challenge(scheme.lower(), named) for scheme, named in wanted]
            assert parse_challenges(headers) == expected

        fuzz.try_out(hold, challenges, st.booleans(), bounded=150, soak=5000)

    def test_nothing_is_read_that_was_not_said(self, fuzz: Fuzz) -> None:
        fuzz.try_out(
            is_read_from, st.lists(garbled, max_size=3), bounded=200, soak=10_000
        )


def is_read_from(headers: list[str]) -> None:
    """Names are names, and values are no longer than the headers; one of them may be chosen."""
    found = parse_challenges(headers)
    for challenge in found:
        assert _TOKEN.fullmatch(challenge.scheme)
        assert all(_TOKEN.fullmatch(name) for name in challenge.parameters)
    said = sum(len(v) for each in found for v in each.parameters.values())
    assert said <= sum(map(len, headers))
    chosen = choose(found)
    assert chosen is None or chosen in found
    assert chosen is None or chosen.scheme in ("bearer", "basic")


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


hosts = st.sampled_from(
    (
        *("us.icr.io", "US.ICR.IO", "us.icr.io.", "us.icr.io.evil.test", "evil.test"),
        *(
            "us.icr.io%2eevil.test",
            "us.icr.io%00",
            "us\u3002icr\u3002io",
            "us.i\u0441r.io",
        ),
        *(
            "[::1]",
            "[us.icr.io]",
            "127.0.0.1",
            "xn--us-icr-io.test",
            "us.icr.io\r\nX: y",
        ),
    )
)
odd_ends = st.sampled_from(("", "@", ":443", ":0", ":", "\\", "/", "?", "#", ";", "\t"))
realms = st.tuples(
    st.sampled_from(("https://", "http://", "//", "https:", "ftp://", "", "HTTPS://")),
    st.sampled_from(("", "us.icr.io@", "us.icr.io:443@", "a:b@", "us.icr.io\\@")),
    *(hosts, odd_ends, hosts | any_text, odd_ends, any_text),
).map("".join)


class TestRealm:
    def test_only_the_own_host_gets_the_credential(self, fuzz: Fuzz) -> None:
        """By another reader of URLs than the one that decides."""

        def hold(realm: str) -> None:
            try:
                check_realm(realm, REGISTRY, ())
            except BadResponseError as error:
                check_error(error)
                return
            read = parse_url(realm)
            assert read.scheme == "https"
            assert read.auth is None
            assert str(read.host).rstrip(".") == REGISTRY.host

        fuzz.try_out(hold, realms | any_text, bounded=400, soak=20_000)


envelopes: tuple[Callable[[Any], Any], ...] = (
    lambda said: said,
    lambda said: {"errors": [said]},
    lambda said: {"errors": [{"code": said, "message": said, "detail": said}]},
    lambda said: {"error": said},
    lambda said: {"error": {"message": said, "code": said}, "trace": said},
    lambda said: {"errorCode": said, "errorMessage": said, "context": said},
    lambda said: {"context": {"requestId": said}, "message": said, "request-id": said},
)
said_of_a_secret = any_text.map(lambda text: f"{text}{SECRET}{text}")


class TestErrorBody:
    @pytest.mark.parametrize("envelope", envelopes, ids=range(len(envelopes)))
    def test_any_shape_is_told_in_one_short_line_without_secrets(
        self, fuzz: Fuzz, envelope: Callable[[Any], Any]
    ) -> None:
        def hold(said: object, is_ascii: bool) -> None:
            text = json.dumps(envelope(said), ensure_ascii=is_ascii)
            is_fit_to_be_shown(text.encode("utf-8", "surrogatepass"))

        fuzz.try_out(
            hold, values | said_of_a_secret, st.booleans(), bounded=40, soak=2000
        )

    def test_any_bytes_are_told_in_one_short_line(self, fuzz: Fuzz) -> None:
        fuzz.try_out(is_fit_to_be_shown, st.binary(max_size=400), bounded=60, soak=5000)


def is_fit_to_be_shown(body: bytes) -> None:
    said = read_error_body(body, (SECRET,))
    for part, longest in ((said.message, 301), (said.code, 64), (said.trace_id, 64)):
        assert part is None or part.isprintable()
        assert len(part or "") <= longest
    told = f"{said} {said.trace_id}"
    assert not [form for form in forms_of(SECRET) if form in told]
