# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import (
    ApiError,
    AuthError,
    BadResponseError,
    TransportError,
)
from ansible_collections.icr.access.plugins.module_utils._refusals import (
    Answer,
    refusal,
    with_advice,
)

SECRET = "s3cr3t-" + "q" * 37
URL = "https://iam.cloud.ibm.com/v1/apikeys?account_id=abc"
RECORDED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "cloud_refusals.json").read_text()
)


def answer(
    status: int,
    body: object = b"",
    headers: Mapping[str, str] | None = None,
    attempts: int = 1,
) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer("Listing keys", URL, status, headers or {}, raw, attempts)


class TestRefusal:
    @pytest.mark.parametrize("case", RECORDED, ids=lambda case: case["name"])
    def test_odd_answers(self, case: dict[str, Any]) -> None:
        body = case["text"].encode() if "text" in case else case["json"]
        error = refusal(answer(case["status"], body, case.get("headers")))
        assert type(error).__name__ == case["kind"]
        assert (error.status, error.code, error.trace_id) == (
            case["status"],
            case["code"],
            case["trace_id"],
        )
        for part in case["says"]:
            assert part in str(error)
        assert "\n" not in str(error)

    def test_message_tells_what_was_tried_and_what_helps(self) -> None:
        body = {
            "trace": "t-1",
            "status_code": "403",
            "errors": [
                {"code": "forbidden", "message_code": "BXNIM0513E", "message": "No."}
            ],
        }
        assert str(refusal(answer(403, body))) == (
            "Listing keys failed: https://iam.cloud.ibm.com/v1/apikeys answers 403: forbidden "
            "BXNIM0513E: No. The calling identity has no right to do this. Give it a role in "
            "the account (Operator or higher on the IAM Identity Service for keys and service "
            "IDs, Administrator for policies, Manager on Container Registry for namespaces). "
            "Request id: t-1."
        )

    def test_attempts_are_counted(self) -> None:
        assert "answers 503 (tried 4 times)" in str(refusal(answer(503, attempts=4)))

    def test_long_pause_is_mentioned(self) -> None:
        error = refusal(answer(429, b"", {"Retry-After": "31"}))
        assert "left alone longer than 30 seconds (Retry-After: 31)" in str(error)

    def test_short_pause_is_not(self) -> None:
        error = refusal(answer(429, b"", {"Retry-After": "30"}))
        assert "left alone" not in str(error)

    def test_redirect_is_not_followed(self) -> None:
        error = refusal(answer(302, b"", {"Location": "https://elsewhere.example"}))
        assert isinstance(error, BadResponseError)
        assert "Redirects are not followed" in str(error)

    @pytest.mark.parametrize(
        "body",
        [
            {"errorCode": SECRET, "errorMessage": f"key {SECRET}"},
            {"errors": [{"code": SECRET, "message_code": SECRET, "message": SECRET}]},
            {"code": "X", "message": SECRET, "request-id": SECRET},
            SECRET.encode(),
        ],
    )
    def test_secret_that_comes_back_is_hidden(self, body: object) -> None:
        headers = {"Transaction-Id": SECRET, "Retry-After": SECRET}
        error = refusal(answer(400, body, headers), (SECRET,))
        assert SECRET not in f"{error}{error.fields()}"

    def test_details_for_programs_are_kept_and_not_told(self) -> None:
        body = {"errors": [{"code": "c", "message": "m", "details": {"id": SECRET}}]}
        error = refusal(answer(409, body), (SECRET,))
        assert error.details == {"id": SECRET}
        assert SECRET not in f"{error}{error.fields()}"


class TestDocument:
    def test_object_is_given(self) -> None:
        assert answer(200, {"a": 1}).document() == {"a": 1}

    @pytest.mark.parametrize(
        ("body", "what"),
        [
            (b"", "nothing in it"),
            (b"  \n", "nothing in it"),
            (b"<html></html>", "no JSON object"),
            (b'{"apikeys": [', "no JSON object"),
            (b"[]", "no JSON object"),
            (b"\xff\xfe", "no JSON object"),
            (b"[" * 100_000, "no JSON object"),
        ],
        ids=["empty", "blank", "page", "truncated", "list", "binary", "deep"],
    )
    def test_anything_else_is_an_error(self, body: bytes, what: str) -> None:
        with pytest.raises(BadResponseError, match=what) as caught:
            answer(200, body, {"Transaction-Id": "t-2"}).document()
        assert (caught.value.status, caught.value.trace_id) == (200, "t-2")


class TestElements:
    @pytest.mark.parametrize(
        ("body", "expected"),
        [(b"[]", []), (b" null\n", []), (b'["a", null]', ["a", None])],
    )
    def test_list_is_given(self, body: bytes, expected: list[object]) -> None:
        assert answer(200, body).elements() == expected

    @pytest.mark.parametrize(
        ("body", "what"),
        [
            (b"", "nothing in it"),
            (b"<html></html>", "no JSON list"),
            (b'["a"', "no JSON list"),
            (b"{}", "no JSON list"),
            (b"false", "no JSON list"),
        ],
    )
    def test_anything_else_is_an_error(self, body: bytes, what: str) -> None:
        with pytest.raises(BadResponseError, match=what) as caught:
            answer(200, body, {"Transaction-Id": "t-2"}).elements()
        assert (caught.value.status, caught.value.trace_id) == (200, "t-2")


class TestWithAdvice:
    def test_takes_the_place_of_what_is_known_in_general(self) -> None:
        body = {"code": "CRG0020E", "message": "No.", "request-id": "r-1"}
        error = with_advice(refusal(answer(403, body)), "Ask an owner.")
        assert isinstance(error, AuthError)
        assert str(error).endswith(
            "answers 403: CRG0020E: No. Ask an owner. Request id: r-1."
        )
        assert (error.status, error.code, error.trace_id) == (403, "CRG0020E", "r-1")

    def test_is_added_where_nothing_is_known(self) -> None:
        error = refusal(answer(409, {"code": "X", "message": "No."}))
        told = with_advice(error, "Ask an owner.")
        assert str(told) == f"{error} Ask an owner."
        assert isinstance(told, ApiError)

    @pytest.mark.parametrize(
        "error",
        [TransportError("no answer"), refusal(answer(403, b"<html></html>"))],
        ids=["no answer", "a page"],
    )
    def test_is_not_for_what_no_service_said(self, error: TransportError) -> None:
        assert with_advice(error, "Ask an owner.") is error
