# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The API of registry tokens, where its answers are odd; the rest is tested with cr_token."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    AnswerTimeoutError,
    ApiError,
    BadResponseError,
    TlsError,
)
from ansible_collections.icr.access.plugins.module_utils._refusals import Answer
from ansible_collections.icr.access.plugins.module_utils._registries import Registry
from ansible_collections.icr.access.plugins.module_utils._registry_api import (
    RegistryApi,
    TokensEndedError,
)
from ansible_collections.icr.access.plugins.module_utils._wire import RefusedError

REGISTRY = Registry("us.icr.io", "us-south", ("https://us.icr.io",))
NOON = 1_800_000_000.0


class ScriptedCaller:
    """Gives one answer, or raises one error, and notes what it was asked."""

    def __init__(self, outcome: object, **headers: str) -> None:
        self._outcome = outcome
        self._headers = headers
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

    def hide(self, secret: str) -> None:
        """Nothing is told here."""

    def call(self, method: str, url: str, *, action: str, **more: Any) -> Answer:
        self.asked.append((method, url, more))
        if isinstance(self._outcome, AccessError):
            raise self._outcome
        body = json.dumps(self._outcome).encode()
        return Answer(action, url, 200, self._headers, body)


def api_of(caller: ScriptedCaller) -> RegistryApi:
    # A stand-in has only what is called.
    return RegistryApi(caller, REGISTRY, "0123")  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _our_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: NOON)


class TestListTokens:
    @pytest.mark.parametrize("outcome", [{}, {"tokens": None}, {"tokens": []}])
    def test_nothing_listed(self, outcome: object) -> None:
        assert api_of(ScriptedCaller(outcome)).list_tokens().tokens == ()

    @pytest.mark.parametrize(
        "listed",
        [7, True, "text", {"_id": "a"}, [None], [{}], [{"_id": "a", "expiry": 1e999}]],
    )
    def test_what_is_no_list_of_tokens(self, listed: object) -> None:
        with pytest.raises(BadResponseError, match="no list of tokens"):
            api_of(ScriptedCaller({"tokens": listed})).list_tokens()

    @pytest.mark.parametrize(
        ("headers", "expected"),
        [
            pytest.param(
                {"Date": "Fri, 15 Jan 2027 09:00:00 GMT"}, NOON + 3600, id="its"
            ),
            pytest.param({"Date": "yesterday"}, NOON, id="unreadable"),
            pytest.param({"Date": ""}, NOON, id="empty"),
            pytest.param({}, NOON, id="none"),
        ],
    )
    def test_time_is_the_registry_s_where_it_says_so(
        self, headers: dict[str, str], expected: float
    ) -> None:
        caller = ScriptedCaller({"tokens": []}, **headers)
        assert api_of(caller).list_tokens().now == expected

    def test_account_goes_with_every_call(self) -> None:
        caller = ScriptedCaller({"tokens": []})
        api_of(caller).list_tokens()
        assert caller.asked == [
            (
                "GET",
                "https://us.icr.io/api/v1/tokens",
                {"query": None, "headers": {"Account": "0123"}, "can_repeat": True},
            )
        ]


class TestGone:
    @pytest.mark.parametrize("kind", [ApiError, BadResponseError])
    @pytest.mark.parametrize("status", [404, 410])
    def test_whatever_the_body_is(self, kind: type[AccessError], status: int) -> None:
        caller = ScriptedCaller(kind("no", status=status, trace_id="t"))
        with pytest.raises(TokensEndedError) as caught:
            api_of(caller).list_tokens()
        assert (caught.value.status, caught.value.trace_id) == (status, "t")

    def test_unknown_token_is_not_the_end(self) -> None:
        caller = ScriptedCaller(ApiError("no", status=404))
        assert api_of(caller).find_value("a") is None
        api_of(caller).delete_token("a")

    def test_410_for_one_token_is(self) -> None:
        caller = ScriptedCaller(ApiError("no", status=410))
        with pytest.raises(TokensEndedError):
            api_of(caller).find_value("a")
        with pytest.raises(TokensEndedError):
            api_of(caller).delete_token("a")


class TestCreateToken:
    @pytest.mark.parametrize(
        ("error", "expected"),
        [
            pytest.param(RefusedError("no"), False, id="connection refused"),
            pytest.param(TlsError("no"), False, id="not trusted"),
            pytest.param(ApiError("no", status=403), False, id="declined"),
            pytest.param(ApiError("no", status=429), False, id="throttled"),
            pytest.param(BadResponseError("no", status=302), False, id="redirect"),
            pytest.param(AnswerTimeoutError("no"), True, id="no answer in time"),
            pytest.param(ApiError("no", status=500), True, id="server error"),
            pytest.param(BadResponseError("no", status=200), True, id="unreadable"),
        ],
    )
    def test_doubt_is_told_where_there_is_any(
        self, error: AccessError, expected: bool
    ) -> None:
        with pytest.raises(type(error)) as caught:
            api_of(ScriptedCaller(error)).create_token(
                "ci", readwrite=False, non_expiring=False
            )
        assert ("may have been made" in str(caught.value)) is expected

    @pytest.mark.parametrize("readwrite", [False, True])
    @pytest.mark.parametrize("non_expiring", [False, True])
    def test_write_and_permanent_are_two_things(
        self, readwrite: bool, non_expiring: bool
    ) -> None:
        caller = ScriptedCaller(ApiError("no", status=403))
        with pytest.raises(ApiError):
            api_of(caller).create_token(
                "a & b", readwrite=readwrite, non_expiring=non_expiring
            )
        ((method, url, more),) = caller.asked
        assert (method, url) == ("POST", "https://us.icr.io/api/v1/tokens")
        assert more["can_repeat"] is False
        assert more["query"] == {
            "description": "a & b",
            "permanent": str(non_expiring).lower(),
            "write": str(readwrite).lower(),
        }


def test_ids_cannot_leave_their_place_in_the_url() -> None:
    caller = ScriptedCaller({})
    api_of(caller).delete_token("../?secondaryOwner=ci")
    assert caller.asked[0][1].endswith("/tokens/..%2F%3FsecondaryOwner%3Dci")
