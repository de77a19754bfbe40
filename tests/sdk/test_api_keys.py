# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ibm_cloud_sdk_core import ApiException
from ibm_cloud_sdk_core.token_managers.iam_token_manager import IAMTokenManager

from ansible_collections.icr.access.tests.unit.plugins.conftest import Result
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud

Run = Callable[..., Result]
# What both show of a key, under the same names.
SHARED = (
    *("id", "name", "iam_id", "account_id", "crn", "created_at", "created_by"),
    *("modified_at", "locked", "disabled", "action_when_leaked"),
)


def assert_same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """A key as our modules show it is the key as IBM's client shows it."""
    assert {name: ours[name] for name in SHARED} == {
        name: theirs[name] for name in SHARED
    }
    assert ours["description"] == theirs.get("description", "")
    assert ours["expires_at"] == theirs.get("expires_at")


class TestTheySeeOurs:
    def test_key_of_the_caller(
        self, sdk: Any, ours: Run, local_cloud: LocalCloud
    ) -> None:
        made = ours(
            name="k",
            description="d",
            expires_at="2040-01-01",
            action_when_leaked="none",
            disabled=True,
        )["api_key"]
        value = made.pop("value")
        assert_same(made, sdk.get_api_key(id=made["id"]).get_result())
        details = sdk.get_api_keys_details(iam_api_key=value).get_result()
        assert_same(made, details)
        listed = sdk.list_api_keys(
            account_id=local_cloud.account_id, iam_id=local_cloud.owner_iam_id
        ).get_result()
        assert made["id"] in [key["id"] for key in listed["apikeys"]]

    def test_stored_value_of_a_service_id(
        self, sdk: Any, ours: Run, local_cloud: LocalCloud
    ) -> None:
        local_cloud.service_id("ci")
        made = ours(name="k", service_id="ci", store_value=True)["api_key"]
        theirs = sdk.get_api_key(id=made["id"]).get_result()
        assert theirs["apikey"] == made["value"]

    def test_changes_and_locks(self, sdk: Any, ours: Run) -> None:
        key_id = ours(name="k")["api_key"]["id"]
        changed = ours(id=key_id, name="l", description="e", locked=True)["api_key"]
        theirs = sdk.get_api_key(id=key_id).get_result()
        assert (theirs["name"], theirs["description"]) == ("l", "e")
        assert (theirs["locked"], changed["locked"]) == (True, True)

    def test_removal(self, sdk: Any, ours: Run) -> None:
        key_id = ours(name="k")["api_key"]["id"]
        ours(id=key_id, state="absent")
        with pytest.raises(ApiException) as caught:
            sdk.get_api_key(id=key_id)
        assert caught.value.status_code == 404


class TestWeSeeTheirs:
    def test_key_of_the_caller(
        self, sdk: Any, ours: Run, info: Run, local_cloud: LocalCloud
    ) -> None:
        theirs = sdk.create_api_key(
            name="k",
            iam_id=local_cloud.owner_iam_id,
            description="d",
            account_id=local_cloud.account_id,
            expires_at="2040-01-01T00:00+0000",
            entity_lock="true",
            entity_disable="true",
        ).get_result()
        (found,) = info(name="k")["api_keys"]
        assert_same(found, theirs)
        same = ours(
            name="k",
            description="d",
            expires_at="2040-01-01",
            locked=True,
            disabled=True,
        )
        assert not same["changed"]

    def test_service_id_with_a_key_inside(
        self, sdk: Any, ours: Run, info: Run, local_cloud: LocalCloud
    ) -> None:
        theirs = sdk.create_service_id(
            account_id=local_cloud.account_id,
            name="ci",
            description="d",
            apikey={"name": "k", "store_value": True},
        ).get_result()
        (found,) = info(service_id="ci", reveal=True)["api_keys"]
        assert found.pop("value") == theirs["apikey"]["apikey"]
        assert_same(found, theirs["apikey"])
        assert not ours(name="k", service_id=theirs["id"])["changed"]

    def test_changes_of_every_kind(
        self, sdk: Any, ours: Run, local_cloud: LocalCloud
    ) -> None:
        key_id = ours(name="k")["api_key"]["id"]
        key = sdk.get_api_key(id=key_id).get_result()
        sdk.update_api_key(
            id=key_id, if_match=key["entity_tag"], name="k", description="theirs"
        )
        sdk.disable_api_key(id=key_id)
        sdk.lock_api_key(id=key_id)
        seen = ours(name="k")
        assert not seen["changed"]
        assert seen["api_key"]["description"] == "theirs"
        assert (seen["api_key"]["locked"], seen["api_key"]["disabled"]) == (True, True)
        sdk.unlock_api_key(id=key_id)
        sdk.enable_api_key(id=key_id)
        seen = ours(name="k", description="ours")
        assert (seen["changed"], seen["api_key"]["locked"]) == (True, False)

    def test_removal(self, sdk: Any, ours: Run) -> None:
        first = ours(name="k")["api_key"]["id"]
        sdk.delete_api_key(id=first)
        again = ours(name="k")
        assert (again["changed"], again["api_key"]["id"] == first) == (True, False)

    def test_removal_of_a_service_id(
        self, sdk: Any, ours: Run, info: Run, local_cloud: LocalCloud
    ) -> None:
        made = sdk.create_service_id(
            account_id=local_cloud.account_id, name="ci"
        ).get_result()
        ours(name="k", service_id="ci")
        sdk.lock_service_id(id=made["id"])
        sdk.unlock_service_id(id=made["id"])
        changed = sdk.update_service_id(id=made["id"], if_match="*", name="cd")
        assert changed.get_result()["name"] == "cd"
        assert [key["name"] for key in info(service_id="cd")["api_keys"]] == ["k"]
        sdk.delete_service_id(id=made["id"])
        assert info(service_id="cd")["api_keys"] == []
        assert not ours(name="k", service_id="cd", state="absent")["changed"]


def test_all_pages_are_the_same(sdk: Any, info: Run, local_cloud: LocalCloud) -> None:
    local_cloud.seed(
        limits={"api_keys_per_identity": 500},
        api_keys=[{"name": f"k{number}"} for number in range(130)],
    )
    theirs, token = [], None
    while True:
        page = sdk.list_api_keys(
            account_id=local_cloud.account_id, pagesize=50, pagetoken=token
        ).get_result()
        theirs += [key["id"] for key in page["apikeys"]]
        if "next" not in page:
            break
        token = page["next"].partition("pagetoken=")[2].partition("&")[0]
        token = token.replace("%3D", "=")
    assert sorted(theirs) == sorted(key["id"] for key in info()["api_keys"])


def test_their_client_takes_a_key_that_we_made(
    ours: Run, local_cloud: LocalCloud
) -> None:
    local_cloud.service_id("ci")
    value = ours(name="k", service_id="ci")["api_key"]["value"]
    manager = IAMTokenManager(value, url=local_cloud.iam_url)
    assert manager.get_token().count(".") == 2
