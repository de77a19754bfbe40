# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import pytest

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


class TestExtended:
    def test_is_the_same_but_for_its_message(self) -> None:
        error = AuthError("No.", url="https://x", status=403, code="c", trace_id="t")
        error.details = {"a": 1}
        longer = error.extended("Ask somebody.")
        assert str(longer) == "No. Ask somebody."
        assert isinstance(longer, AuthError)
        assert longer.fields() == error.fields()
        assert longer.details == error.details
