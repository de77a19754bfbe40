# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import time

import pytest

from ansible_collections.icr.access.plugins.module_utils._error_body import (
    ErrorBody,
    read_error_body,
)

SECRET = "correct-horse"


class TestReadErrorBody:
    @pytest.mark.parametrize(
        ("body", "message", "code", "trace_id"),
        [
            pytest.param("", "", None, None, id="nothing"),
            pytest.param(
                '{"errors":[{"code":"DENIED","message":"No","detail":"why"},{"code":"B"}]}',
                "No (why)",
                "DENIED",
                None,
                id="registry",
            ),
            pytest.param(
                '{"errors":[{"code":"A","message":"No","detail":"No"}],"trace":"t-1"}',
                "No",
                "A",
                "t-1",
                id="identity, detail repeats",
            ),
            pytest.param(
                '{"errors":[{"code":"A","message":"No","detail":[{"Type":"x"}]}]}',
                "No",
                "A",
                None,
                id="detail is data",
            ),
            pytest.param(
                '{"code":"CRG0009E","message":"Who?","request-id":"r-1"}',
                "Who?",
                "CRG0009E",
                "r-1",
                id="registry API",
            ),
            pytest.param(
                '{"errorCode":"BXNIM0415E","errorMessage":"Key not found",'
                '"context":{"requestId":"c-1"}}',
                "Key not found",
                "BXNIM0415E",
                "c-1",
                id="IAM",
            ),
            pytest.param('{"details":"because"}', "because", None, None, id="details"),
            pytest.param(
                '{"error":"invalid_grant","error_description":"gone"}',
                "gone",
                "invalid_grant",
                None,
                id="OAuth",
            ),
            pytest.param(
                '{"error":{"code":401,"message":"no"}}', "no", "401", None, id="nested"
            ),
            pytest.param(
                '{"errors":["just text"]}', "just text", None, None, id="strings"
            ),
            pytest.param('{"errors":[]}', "", None, None, id="no error in it"),
            pytest.param(
                '{"errors":7,"message":["x"]}', "", None, None, id="odd types"
            ),
            pytest.param("[1]", "[1]", None, None, id="another document"),
            pytest.param("plain\r\ntext", "plain text", None, None, id="text"),
            pytest.param(
                "<!DOCTYPE html><html><head><title>T</title><style>b{}</style></head>"
                "<body><script>x</script><h1>502</h1>Bad <b>Gateway</b></body>",
                "502 Bad Gateway",
                None,
                None,
                id="page",
            ),
            pytest.param("[" * 5000, "[" * 300 + "…", None, None, id="deeply nested"),
        ],
    )
    def test_reads(
        self, body: str, message: str, code: str | None, trace_id: str | None
    ) -> None:
        assert read_error_body(body.encode()) == ErrorBody(message, code, trace_id)

    @pytest.mark.parametrize("key", ["message", "code", "detail", "request-id"])
    def test_shows_no_secret(self, key: str) -> None:
        said = read_error_body(f'{{"{key}":"you sent {SECRET}!"}}'.encode(), (SECRET,))
        assert "horse" not in repr(said)
        assert "(hidden)" in repr(said)

    @pytest.mark.parametrize("body", [b"<" * 10**6, b"<script" * 10**5, b"9" * 10**6])
    def test_hostile_bodies_are_read_in_no_time(self, body: bytes) -> None:
        begin = time.process_time()
        assert len(read_error_body(body).message) <= 301
        assert time.process_time() - begin < 2

    def test_bytes_that_are_no_text_are_told_as_well_as_can_be(self) -> None:
        assert read_error_body(b"\xff\xfeno").message == "��no"

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            (ErrorBody(), ""),
            (ErrorBody("no"), "no"),
            (ErrorBody("", "A"), "A"),
            (ErrorBody("no", "A", "t"), "A: no"),
        ],
    )
    def test_is_told_as_code_and_message(self, said: ErrorBody, expected: str) -> None:
        assert str(said) == expected
