# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What counts as the document of an auth file."""

from __future__ import annotations

import json

import pytest

from ansible_collections.icr.access.plugins.module_utils._auth_document import (
    MalformedError,
    parse,
)

SECRET = b"dTpzM2NyZXQ="


class TestParse:
    @pytest.mark.parametrize("raw", [b"", b"\n", b" \t\r\n", b"{}", b" {} "])
    def test_nothing_or_an_empty_object_is_an_empty_document(self, raw: bytes) -> None:
        assert parse(raw) == {}

    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            pytest.param(b"{", "not valid JSON (line 1, column 2", id="truncated"),
            pytest.param(b"{}{}", "not valid JSON", id="two-documents"),
            pytest.param(b'{"a": 1,}', "not valid JSON", id="trailing-comma"),
            pytest.param(b"{'a': 1}", "not valid JSON", id="single-quotes"),
            pytest.param(b'{"a": "\n"}', "not valid JSON", id="raw-control-character"),
            pytest.param(b"\xef\xbb\xbf{}", "not valid JSON", id="byte-order-mark"),
            pytest.param(b'{"a": NaN}', "beyond all range", id="nan"),
            pytest.param(b'{"a": -Infinity}', "beyond all range", id="infinity"),
            pytest.param(b'{"a": 1e999}', "beyond all range", id="float-too-great"),
            pytest.param(b'{"a": -1e999}', "beyond all range", id="float-too-small"),
            pytest.param(b"[]", "not an object", id="array"),
            pytest.param(b'"text"', "not an object", id="string"),
            pytest.param(b"null", "not an object", id="null"),
            pytest.param(b'{"a": "\xff"}', "not UTF-8", id="not-utf-8"),
            pytest.param("{}".encode("utf-16"), "not UTF-8", id="utf-16"),
            pytest.param(b'{"a": 1, "a": 1}', '"a" twice', id="key-twice"),
            pytest.param(
                b'{"auths": {"x": {}, "x": {}}}', '"x" twice', id="registry-twice"
            ),
            pytest.param(b"[" * 10**6, "nested too deeply", id="deep-and-broken"),
            pytest.param(
                b'{"a": ' + b"[" * 400 + b"]" * 400 + b"}", "too deeply", id="deep-list"
            ),
            pytest.param(
                b'{"a": ' * 400 + b"1" + b"}" * 400, "too deeply", id="deep-object"
            ),
        ],
    )
    def test_what_could_not_be_written_back_is_refused(
        self, raw: bytes, reason: str
    ) -> None:
        with pytest.raises(MalformedError, match=r"^(is|has|holds) ") as caught:
            parse(raw)
        assert reason in str(caught.value)

    def test_refusal_does_not_carry_the_document_along(self) -> None:
        with pytest.raises(MalformedError) as caught:
            parse(b'{"auths": {"us.icr.io": {"auth": "' + SECRET + b'"}}')
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
        assert SECRET.decode() not in str(caught.value)

    def test_refusal_is_short_however_long_the_key(self) -> None:
        key = b'"' + b"x" * 10**6 + b'": 1'
        with pytest.raises(MalformedError) as caught:
            parse(b"{" + key + b", " + key + b"}")
        assert len(str(caught.value)) < 500
        assert str(caught.value).endswith("of which one would be lost")

    def test_nesting_that_an_auth_file_may_have_is_understood(self) -> None:
        raw = b'{"a": ' + b"[" * 50 + b"]" * 50 + b"}"
        assert parse(raw) == json.loads(raw)
