# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from ansible_collections.icr.access.plugins.module_utils._caller import Caller
from ansible_collections.icr.access.plugins.module_utils._cloud import CloudSession
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    ApiError,
    AuthError,
    BadResponseError,
)
from ansible_collections.icr.access.plugins.module_utils._iam import Iam
from ansible_collections.icr.access.plugins.module_utils._verdict import Settings
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud


def iam_of(cloud: LocalCloud, api_key: str | None = None) -> Iam:
    session = CloudSession(Settings(sleep=lambda _seconds: None))
    who = Caller(session, cloud.iam_url, api_key=api_key or cloud.api_key)
    who.iam_id()
    cloud.requests()
    return Iam(who, cloud.iam_url)


@pytest.fixture
def iam(local_cloud: LocalCloud) -> Iam:
    return iam_of(local_cloud)


def queries(cloud: LocalCloud) -> list[dict[str, str]]:
    return [dict(each["query"]) for each in cloud.journal()]


class TestListApiKeys:
    def test_own_keys_have_no_values(self, iam: Iam, local_cloud: LocalCloud) -> None:
        keys = iam.list_api_keys(local_cloud.account_id, local_cloud.owner_iam_id)
        assert [(key.name, key.value) for key in keys] == [("owner", None)]
        assert queries(local_cloud) == [
            {
                "account_id": local_cloud.account_id,
                "iam_id": local_cloud.owner_iam_id,
                "pagesize": "100",
            }
        ]

    def test_keys_of_a_service_id_are_asked_for_by_their_type(
        self, iam: Iam, local_cloud: LocalCloud
    ) -> None:
        service_id = local_cloud.service_id()
        keys = iam.list_api_keys(local_cloud.account_id, service_id["iam_id"])
        assert [key.id for key in keys] == [service_id["api_key_id"]]
        assert queries(local_cloud)[0]["type"] == "serviceid"

    def test_all_pages_are_read(self, iam: Iam, local_cloud: LocalCloud) -> None:
        local_cloud.seed(
            limits={"api_keys_per_identity": 500},
            api_keys=[{"name": f"k{number}"} for number in range(249)],
        )
        keys = iam.list_api_keys(local_cloud.account_id, local_cloud.owner_iam_id)
        assert len({key.id for key in keys}) == 250
        asked = queries(local_cloud)
        assert [each["pagesize"] for each in asked] == ["100"] * 3

    def test_smaller_pages_than_asked_for_are_read_too(
        self, iam: Iam, local_cloud: LocalCloud
    ) -> None:
        local_cloud.switch(page_limit=2)
        local_cloud.seed(api_keys=[{"name": f"k{number}"} for number in range(4)])
        keys = iam.list_api_keys(local_cloud.account_id, local_cloud.owner_iam_id)
        assert [key.name for key in keys] == ["owner", "k0", "k1", "k2", "k3"]

    def test_keys_of_the_account_are_those_of_users_and_service_ids(
        self, iam: Iam, local_cloud: LocalCloud
    ) -> None:
        service_id = local_cloud.service_id()
        user = local_cloud.seed(users=[{"name": "Other"}])["users"][0]
        keys = iam.list_all_api_keys(local_cloud.account_id)
        ids = {key.id for key in keys}
        assert {service_id["api_key_id"], user["api_key_id"]} < ids
        assert len(ids) == len(keys) == 3

    @pytest.mark.parametrize(
        "answer",
        [
            {},
            {"apikeys": None},
            {"apikeys": {}},
            {"apikeys": [], "next": 7},
            {"apikeys": [], "next": "https://iam.cloud.ibm.com/v1/apikeys?page=2"},
        ],
        ids=["no list", "none", "object", "next is a number", "next without token"],
    )
    def test_what_is_no_list_is_bad(
        self, iam: Iam, local_cloud: LocalCloud, answer: object
    ) -> None:
        body = json.dumps(answer)
        local_cloud.fault("text", "/v1/apikeys", status=200, body=body)
        with pytest.raises(BadResponseError, match="no list of apikeys"):
            iam.list_api_keys("a", "b")

    def test_pages_that_go_round_end(self, iam: Iam, local_cloud: LocalCloud) -> None:
        body = json.dumps({"apikeys": [], "next": "https://x/?pagetoken=again"})
        local_cloud.fault("text", "/v1/apikeys", status=200, body=body, calls=0)
        with pytest.raises(BadResponseError, match="again and again"):
            iam.list_api_keys("a", "b")

    def test_next_page_is_asked_of_the_same_host(
        self, iam: Iam, local_cloud: LocalCloud
    ) -> None:
        elsewhere = "https://elsewhere.example/v1/apikeys?pagetoken=t"
        body = json.dumps({"apikeys": [], "next": elsewhere})
        local_cloud.fault("text", "/v1/apikeys", status=200, body=body)
        with pytest.raises(ApiError) as caught:
            iam.list_api_keys(local_cloud.account_id, "b")
        assert caught.value.url == f"{local_cloud.iam_url}/v1/apikeys"
        assert [each.get("pagetoken") for each in queries(local_cloud)] == [
            None,
            "(hidden)",
        ]

    @pytest.mark.parametrize("kind", ["html", "empty", "truncate"])
    def test_spoilt_answer_is_bad(
        self, iam: Iam, local_cloud: LocalCloud, kind: str
    ) -> None:
        local_cloud.fault(kind, "/v1/apikeys", status=200, calls=0)
        with pytest.raises(BadResponseError):
            iam.list_api_keys(local_cloud.account_id, local_cloud.owner_iam_id)


class TestFindApiKey:
    def test_by_id(self, iam: Iam, local_cloud: LocalCloud) -> None:
        made = local_cloud.service_id(api_keys=[{"name": "k"}])
        key = iam.find_api_key(made["api_key_id"])
        assert key is not None
        assert (key.name, key.value) == ("k", None)

    def test_stored_value_is_told(self, iam: Iam, local_cloud: LocalCloud) -> None:
        made = local_cloud.service_id(api_keys=[{"store_value": True}])
        key = iam.find_api_key(made["api_key_id"])
        assert key is not None
        assert key.value == made["api_key"]

    @pytest.mark.parametrize("key_id", ["ApiKey-0", "../serviceids", "a b?c#d"])
    def test_missing_is_none(self, iam: Iam, key_id: str) -> None:
        assert iam.find_api_key(key_id) is None

    def test_page_that_says_404_is_no_answer(
        self, iam: Iam, local_cloud: LocalCloud
    ) -> None:
        local_cloud.fault("html", "/v1/apikeys/*", status=404)
        with pytest.raises(BadResponseError):
            iam.find_api_key("ApiKey-0")

    def test_by_value(self, iam: Iam, local_cloud: LocalCloud) -> None:
        made = local_cloud.service_id()
        key = iam.find_api_key_by_value(made["api_key"])
        assert key is not None
        assert key.id == made["api_key_id"]

    def test_unknown_value_is_none(self, iam: Iam) -> None:
        assert iam.find_api_key_by_value("v" * 44) is None

    def test_value_that_is_refused_with_401_and_another_token_is_none(
        self, iam: Iam, local_cloud: LocalCloud
    ) -> None:
        body = '{"errors": [{"code": "invalid_access_token", "message": "no"}]}'
        path = "/v1/apikeys/details"
        local_cloud.fault("text", path, status=401, body=body, calls=0)
        assert iam.find_api_key_by_value("v" * 44) is None
        look = f"GET {path}"
        assert local_cloud.requests() == [look, "POST /identity/token", look]

    def test_token_that_ended_on_the_way_says_nothing_of_the_value(
        self, iam: Iam, local_cloud: LocalCloud
    ) -> None:
        made = local_cloud.service_id()
        local_cloud.fault("late", "/v1/apikeys/details", seconds=3601)
        key = iam.find_api_key_by_value(made["api_key"])
        assert key is not None
        assert key.id == made["api_key_id"]

    def test_value_of_somebody_else_is_none(self, local_cloud: LocalCloud) -> None:
        stranger = local_cloud.seed(users=[{"name": "Other"}])["users"][0]
        iam = iam_of(local_cloud, stranger["api_key"])
        assert iam.find_api_key_by_value(local_cloud.api_key) is None


class TestCreateApiKey:
    def test_value_is_told(self, iam: Iam, local_cloud: LocalCloud) -> None:
        fields = {"name": "k", "iam_id": local_cloud.owner_iam_id}
        key = iam.create_api_key(fields, locked=True, disabled=True)
        record = local_cloud.keys_of(local_cloud.owner_iam_id)[key.id]
        assert (key.value, key.locked, key.disabled) == (record.value, True, True)

    def test_value_that_is_not_told_is_none(
        self, iam: Iam, local_cloud: LocalCloud
    ) -> None:
        body = json.dumps({"id": "ApiKey-9", "iam_id": "x", "apikey": ""})
        local_cloud.fault("text", "/v1/apikeys", status=201, body=body)
        assert iam.create_api_key({"name": "k"}).value is None

    @pytest.mark.parametrize("kind", ["status", "reset", "truncate"])
    def test_is_never_asked_for_twice(
        self, iam: Iam, local_cloud: LocalCloud, kind: str
    ) -> None:
        local_cloud.fault(kind, "/v1/apikeys", method="POST", calls=0)
        with pytest.raises(AccessError):
            iam.create_api_key({"name": "k", "iam_id": local_cloud.owner_iam_id})
        assert local_cloud.requests() == ["POST /v1/apikeys"]

    def test_but_when_there_were_too_many_requests(
        self, iam: Iam, local_cloud: LocalCloud
    ) -> None:
        local_cloud.fault("status", "/v1/apikeys", status=429, retry_after="1")
        fields = {"name": "k", "iam_id": local_cloud.owner_iam_id}
        assert iam.create_api_key(fields).name == "k"


class TestUpdateApiKey:
    @pytest.mark.parametrize("status", [409, 412])
    def test_stale_tag_is_refused(
        self, iam: Iam, local_cloud: LocalCloud, status: int
    ) -> None:
        local_cloud.switch(stale_etag_status=status)
        key_id = local_cloud.service_id()["api_key_id"]
        with pytest.raises(ApiError) as caught:
            iam.update_api_key(key_id, "1-0", {"name": "x"})
        assert caught.value.status == status

    def test_fields_change(self, iam: Iam, local_cloud: LocalCloud) -> None:
        key = iam.find_api_key(local_cloud.service_id()["api_key_id"])
        assert key is not None
        changed = iam.update_api_key(key.id, key.entity_tag, {"name": "new"})
        assert (changed.name, changed.entity_tag != key.entity_tag) == ("new", True)


class TestSmallCalls:
    def test_lock_disable_delete(self, iam: Iam, local_cloud: LocalCloud) -> None:
        service_id = local_cloud.service_id()
        key_id = service_id["api_key_id"]
        record = local_cloud.keys_of(service_id["iam_id"])[key_id]
        iam.set_disabled(key_id, True)
        iam.set_locked(key_id, True)
        assert (record.locked, record.disabled) == (True, True)
        iam.set_locked(key_id, False)
        iam.set_disabled(key_id, False)
        assert (record.locked, record.disabled) == (False, False)
        iam.delete_api_key(key_id)
        iam.delete_api_key(key_id)
        assert local_cloud.keys_of(service_id["iam_id"]) == {}

    @pytest.mark.parametrize(
        "call",
        [
            lambda iam: iam.delete_api_key("ApiKey-9"),
            lambda iam: iam.set_locked("ApiKey-9", True),
            lambda iam: iam.set_disabled("ApiKey-9", False),
        ],
        ids=["delete", "lock", "enable"],
    )
    def test_page_is_no_success(
        self, iam: Iam, local_cloud: LocalCloud, call: Callable[[Iam], None]
    ) -> None:
        local_cloud.fault("html", "/v1/apikeys/*", status=200, calls=0)
        with pytest.raises(BadResponseError, match="no JSON object"):
            call(iam)

    def test_locked_key_is_not_deleted(self, iam: Iam, local_cloud: LocalCloud) -> None:
        key_id = local_cloud.service_id(api_keys=[{"locked": True}])["api_key_id"]
        with pytest.raises(ApiError, match="most likely locked"):
            iam.delete_api_key(key_id)

    def test_no_rights_are_told(self, local_cloud: LocalCloud) -> None:
        stranger = local_cloud.service_id("stranger")
        key_id = local_cloud.service_id()["api_key_id"]
        iam = iam_of(local_cloud, stranger["api_key"])
        with pytest.raises(AuthError, match="has no right to do this"):
            iam.delete_api_key(key_id)
