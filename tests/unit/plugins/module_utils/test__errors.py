# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    AnswerTimeoutError,
    ApiError,
    AuthError,
    AuthFileError,
    BadResponseError,
    InputError,
    TlsError,
    TransportError,
    excerpt,
    forms_of,
    with_tries,
    without_query,
)

SECRET = "correct-horse-battery-staple"
URL = "https://user:word@us.icr.io/v2/?service=registry#here"


def test_what_steers_a_terminal_does_not_reach_it() -> None:
    error = AccessError("It says \x1b[31mred\x00 \ud83d\nand\tgoes on.")
    assert str(error) == "It says ?[31mred? ? and goes on."


class TestAccessError:
    def test_message_is_one_line(self) -> None:
        assert str(AccessError("two\n  lines\tand  spaces ")) == "two lines and spaces"

    def test_fields_are_what_a_playbook_may_branch_on(self) -> None:
        error = AccessError("no", url=URL, status=403, code="DENIED", trace_id="t-1")
        assert error.fields() == {
            "url": "https://us.icr.io/v2/",
            "status": 403,
            "code": "DENIED",
            "trace_id": "t-1",
        }

    def test_fields_are_none_where_nothing_is_known(self) -> None:
        assert set(AccessError("no").fields().values()) == {None}

    @pytest.mark.parametrize(
        ("child", "parent"),
        [
            (InputError, AccessError),
            (TransportError, AccessError),
            (TlsError, TransportError),
            (AnswerTimeoutError, TransportError),
            (BadResponseError, AccessError),
            (ApiError, AccessError),
            (AuthError, ApiError),
            (AuthFileError, AccessError),
        ],
    )
    def test_the_tree_is_as_drawn(self, child: type, parent: type) -> None:
        assert child.__bases__ == (parent,)


class TestWithoutQuery:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            (URL, "https://us.icr.io/v2/"),
            ("https://us.icr.io", "https://us.icr.io"),
            ("https://us.icr.io#frag?x", "https://us.icr.io"),
            ("http://[::1]:5000/a@b", "http://[::1]:5000/a@b"),
            ("not a url", "not a url"),
        ],
    )
    def test_keeps_scheme_host_and_path(self, url: str, expected: str) -> None:
        assert without_query(url) == expected


class TestExcerpt:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", ""),
            (" a\r\n\tb\x00c\x1b[31m ", "a b c [31m"),
            ("x" * 300, "x" * 300),
            ("x" * 301, "x" * 300 + "…"),
            ("ü ✓", "ü ✓"),
        ],
    )
    def test_is_one_short_printable_line(self, text: str, expected: str) -> None:
        assert excerpt(text) == expected

    @pytest.mark.parametrize("username", ["", "a", "ab", "iamapikey"])
    def test_hides_the_secret_of_a_basic_header(self, username: str) -> None:
        pair = f"{username}:{SECRET}"
        header = base64.b64encode(pair.encode()).decode()
        told = excerpt(f"you sent Basic {header}", (SECRET,))
        # what is left of the secret is less than one group at either end
        assert "(hidden)" in told
        assert not any(SECRET[i : i + 4] in _decoded(told) for i in range(2, 22))

    @pytest.mark.parametrize("username", ["", "a", "ab", "iamapikey"])
    @pytest.mark.parametrize("safe", [":", ":/"])
    def test_and_of_one_that_is_escaped_for_an_url_first(
        self, username: str, safe: str
    ) -> None:
        secret = "a/secret+with&what%is=escaped"
        pair = quote(f"{username}:{secret}", safe=safe)
        told = excerpt(base64.b64encode(pair.encode()).decode(), (secret,))
        assert "(hidden)" in told
        assert not any(word in _decoded(f"x x x {told}") for word in ("ecre", "scape"))

    def test_an_empty_secret_hides_nothing(self) -> None:
        assert excerpt("nothing to hide", ("",)) == "nothing to hide"

    def test_hides_before_it_cuts(self) -> None:
        assert SECRET[:5] not in excerpt("x" * 290 + SECRET, (SECRET,))

    @given(st.text(min_size=1, max_size=40))
    def test_no_spelling_of_any_secret_is_left(self, secret: str) -> None:
        spellings = [
            secret,
            quote(secret, safe="", errors="surrogatepass"),
            json.dumps(secret)[1:-1],
            html.escape(secret, quote=False),
        ]
        for spelling in spellings:
            assert excerpt(spelling, (secret,)) in ("(hidden)", excerpt("(hidden)"))


class TestExtended:
    def test_is_the_same_but_for_its_message(self) -> None:
        error = AuthError("No.", url="https://x", status=403, code="c", trace_id="t")
        error.details = {"a": 1}
        longer = error.extended("Ask somebody.")
        assert str(longer) == "No. Ask somebody."
        assert isinstance(longer, AuthError)
        assert longer.fields() == error.fields()
        assert longer.details == error.details


class TestWithTries:
    @pytest.mark.parametrize(
        ("tries", "message", "expected"),
        [
            (1, "us.icr.io is down. Why?", "us.icr.io is down. Why?"),
            (2, "us.icr.io is down. Why?", "us.icr.io is down (tried 2 times). Why?"),
            (4, "It broke off.", "It broke off (tried 4 times)."),
            (4, "It broke off", "It broke off (tried 4 times)"),
        ],
    )
    def test_tells_it_in_the_first_sentence(
        self, tries: int, message: str, expected: str
    ) -> None:
        assert with_tries(message, tries) == expected


class TestFormsOf:
    def test_longest_first_so_that_no_form_hides_a_part_of_another(self) -> None:
        lengths = [len(form) for form in forms_of("a&b<c>d'e\"f/g+h")]
        assert lengths == sorted(lengths, reverse=True)


def _decoded(text: str) -> str:
    pieces = text.replace("(hidden)", " ").split()
    return " ".join(
        base64.b64decode(piece + "===").decode("latin-1") for piece in pieces[3:]
    )
