# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The API of namespaces, where its answers are odd; the rest is tested with cr_namespace."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    ApiError,
    AuthError,
    BadResponseError,
)
from ansible_collections.icr.access.plugins.module_utils._namespace_api import (
    NamespaceApi,
    advice_on_assigning,
    advice_on_making,
)
from ansible_collections.icr.access.plugins.module_utils._refusals import Answer
from ansible_collections.icr.access.plugins.module_utils._registries import Registry

REGISTRY = Registry("us.icr.io", "us-south", ("https://us.icr.io",))
URL = "https://us.icr.io/api/v1/namespaces/team"


class ScriptedCaller:
    """Gives one answer, or raises one error, and notes what it was asked."""

    def __init__(self, outcome: object, status: int = 200, attempts: int = 1) -> None:
        self._outcome = outcome
        self._status = status
        self._attempts = attempts
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

    def call(self, method: str, url: str, *, action: str, **more: Any) -> Answer:
        self.asked.append((method, url, more))
        if isinstance(self._outcome, AccessError):
            raise self._outcome
        body = json.dumps(self._outcome).encode()
        return Answer(action, url, self._status, {}, body, self._attempts)


def api_of(caller: ScriptedCaller) -> NamespaceApi:
    # A stand-in has only what is called.
    return NamespaceApi(caller, REGISTRY, "0123")  # type: ignore[arg-type]


def declined(status: int, code: str | None = None, said: str = "No.") -> ApiError:
    return ApiError(f"It failed: {said}", url=URL, status=status, code=code)


class Portal(ScriptedCaller):
    """Answers each call with a page, as a portal between us and IBM Cloud may."""

    def call(self, method: str, url: str, *, action: str, **more: Any) -> Answer:
        return Answer(action, url, 200, {}, b"\n<!doctype html><p>Log in.")


class TestPortal:
    @pytest.mark.parametrize(
        "write",
        [
            lambda api: api.create("team", None),
            lambda api: api.assign("team", "0123"),
            lambda api: api.delete("team"),
        ],
    )
    def test_its_page_is_not_taken_for_success(
        self, write: Callable[[NamespaceApi], object]
    ) -> None:
        with pytest.raises(BadResponseError, match="Is a proxy or portal in between"):
            write(api_of(Portal(None)))


class TestListing:
    @pytest.mark.parametrize("outcome", [[], None])
    def test_nothing(self, outcome: object) -> None:
        api = api_of(ScriptedCaller(outcome))
        assert api.list_namespaces() == []
        assert api.count_images("team") == 0

    @pytest.mark.parametrize("outcome", [{}, {"name": "team"}, 7, "team", True])
    def test_what_is_no_list(self, outcome: object) -> None:
        with pytest.raises(BadResponseError, match="no JSON list"):
            api_of(ScriptedCaller(outcome)).list_namespaces()
        with pytest.raises(BadResponseError, match="no JSON list"):
            api_of(ScriptedCaller(outcome)).count_images("team")

    @pytest.mark.parametrize("outcome", [["team"], [None], [{}]])
    def test_what_is_no_list_of_namespaces(self, outcome: object) -> None:
        with pytest.raises(BadResponseError, match="no list of namespaces"):
            api_of(ScriptedCaller(outcome)).list_namespaces()

    def test_images_of_all_kinds_count_but_not_those_of_ibm(self) -> None:
        # One answer for both lists: two with tags, of which one tells where it is.
        caller = ScriptedCaller([{"repoTags": {"us.icr.io/team/app": {}}}, {"Id": "b"}])
        assert api_of(caller).count_images("team") == 2 + 1
        (method, url, more), (method2, url2, more2) = caller.asked
        assert (method, url) == ("GET", "https://us.icr.io/api/v1/images")
        assert more["headers"] == {"Account": "0123"}
        assert more["query"]["namespace"] == "team"
        assert more["query"]["includeManifestLists"] == "true"
        assert more["query"]["includeIBM"] == "false"
        assert (method2, url2) == ("POST", "https://us.icr.io/api/v1/images/digests")
        assert more2["document"]["exclude_tagged"] is True
        assert more2["document"]["include_ibm"] is False


class TestCreate:
    @pytest.mark.parametrize(
        ("status", "attempts", "expected"),
        [
            pytest.param(201, 1, True, id="made"),
            pytest.param(200, 1, False, id="there already"),
            pytest.param(200, 2, True, id="made by the request whose answer was lost"),
        ],
    )
    def test_whether_it_was_made(
        self, status: int, attempts: int, expected: bool
    ) -> None:
        caller = ScriptedCaller({"namespace": "team"}, status, attempts)
        assert api_of(caller).create("team", None) is expected

    @pytest.mark.parametrize("group", [None, "9f4c"])
    def test_group_goes_in_a_header(self, group: str | None) -> None:
        caller = ScriptedCaller({}, 201)
        api_of(caller).create("team", group)
        ((method, url, more),) = caller.asked
        assert (method, url, more["can_repeat"]) == ("PUT", URL, True)
        assert more["headers"].get("X-Auth-Resource-Group") == group

    def test_refusal_of_iam_is_left_as_it_is(self) -> None:
        error = AuthError(
            "No.", url="https://iam.cloud.ibm.com/identity/token", status=403
        )
        with pytest.raises(AuthError) as caught:
            api_of(ScriptedCaller(error)).create("team", None)
        assert caught.value is error


class TestAssign:
    def test_is_not_repeated(self) -> None:
        caller = ScriptedCaller({})
        api_of(caller).assign("team", "9f4c")
        ((method, _url, more),) = caller.asked
        assert (method, more["can_repeat"]) == ("PATCH", False)


class TestDelete:
    def test_gone_already(self) -> None:
        api_of(ScriptedCaller(declined(404))).delete("team")

    @pytest.mark.parametrize(("status", "expected"), [(403, True), (500, False)])
    def test_refused(self, status: int, expected: bool) -> None:
        with pytest.raises(ApiError) as caught:
            api_of(ScriptedCaller(declined(status))).delete("team")
        assert (
            "The calling identity needs the role Manager" in str(caught.value)
        ) is expected


MAKING = {
    "taken": "names are unique across all accounts",
    "group": "takes the id of a resource group",
    "limit": "room for 100 namespaces",
    "catalog": "catalog management settings",
}


class TestAdviceOnMaking:
    @pytest.mark.parametrize(
        ("error", "has_group", "expected"),
        [
            (declined(403, "CRG0020E"), False, "taken"),
            (declined(409, "CRG0020E"), False, "taken"),
            (declined(409), False, "taken"),
            (declined(403, "CRN9999E"), False, "taken"),
            (declined(403, "CRN0003E", "The limit of 100 is reached."), False, "limit"),
            (declined(400, None, "The maximum number of namespaces."), False, "limit"),
            (declined(409, None, "Quota exceeded."), False, "limit"),
            (
                declined(403, None, "See the Catalog Management settings."),
                False,
                "catalog",
            ),
            (declined(404, "CRN0004E"), True, "group"),
            (declined(404), False, None),
            (declined(400, None, "The resource group is not valid."), True, "group"),
            (declined(401, "CRG0009E"), False, None),
            (declined(400, "CRN0002E"), False, None),
            (declined(429, None, "Too many requests."), False, None),
            (declined(500, None, "The limit of patience."), False, None),
        ],
    )
    def test_by_status_code_and_words(
        self, error: ApiError, has_group: bool, expected: str | None
    ) -> None:
        advice = advice_on_making(error, "team", has_group)
        found = [kind for kind, words in MAKING.items() if words in (advice or "")]
        assert found == ([expected] if expected else [])

    @pytest.mark.parametrize("has_group", [False, True])
    def test_group_needs_a_right_of_its_own(self, has_group: bool) -> None:
        advice = advice_on_making(declined(403, "CRG0020E"), "team", has_group)
        assert ("Viewer on the resource group" in (advice or "")) is has_group

    def test_name_is_not_taken_for_words_of_the_service(self) -> None:
        error = declined(403, None, "No: https://us.icr.io/namespaces/catalog-limit")
        advice = advice_on_making(error, "catalog-limit", False)
        assert MAKING["taken"] in (advice or "")


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, "takes the id"), (403, "and Viewer on the resource group"), (409, None)],
)
def test_advice_on_assigning(status: int, expected: str | None) -> None:
    advice = advice_on_assigning(declined(status))
    assert advice is None if expected is None else expected in (advice or "")
