# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.modules import cr_apikey_info
from ansible_collections.icr.access.tests.unit.plugins.conftest import Result, RunModule
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud

Run = Callable[..., Result]


@pytest.fixture
def run(local_cloud: LocalCloud, run_module: RunModule) -> Run:
    def start(**options: object) -> Result:
        given = {
            "api_key": local_cloud.api_key,
            "endpoints": local_cloud.endpoints,
            "retries": 0,
            **options,
        }
        local_cloud.requests()
        return run_module(cr_apikey_info.main, given)

    return start


def names(result: Result) -> list[str]:
    return [key["name"] for key in result["api_keys"]]


class TestFinding:
    def test_own_keys(self, run: Run, local_cloud: LocalCloud) -> None:
        local_cloud.service_id("ci")
        local_cloud.seed(api_keys=[{"name": "b"}, {"name": "a"}])
        result = run()
        assert (names(result), result["changed"]) == (["a", "b", "owner"], False)
        assert "value" not in result["api_keys"][0]

    @pytest.mark.parametrize("by", ["name", "id", "iam_id"])
    def test_keys_of_a_service_id(
        self, run: Run, local_cloud: LocalCloud, by: str
    ) -> None:
        made = local_cloud.service_id("ci", api_keys=[{"name": "a"}, {"name": "b"}])
        assert names(run(service_id=made[by])) == ["a", "b"]

    def test_by_name_exactly(self, run: Run, local_cloud: LocalCloud) -> None:
        local_cloud.seed(api_keys=[{"name": "k"}, {"name": "K"}, {"name": "k"}])
        assert names(run(name="k")) == ["k", "k"]

    def test_by_id_whoever_owns_it(self, run: Run, local_cloud: LocalCloud) -> None:
        made = local_cloud.service_id("ci", api_keys=[{"name": "a"}])
        key_id = made["api_key_id"]
        assert names(run(id=key_id)) == ["a"]
        assert names(run(id=key_id, service_id="ci", name="a")) == ["a"]

    @pytest.mark.parametrize(
        "options",
        [
            {"name": "nobody"},
            {"id": "ApiKey-0"},
            {"service_id": "nobody"},
            {"service_id": "ServiceId-0"},
            {"scope": "account", "name": "nobody"},
        ],
    )
    def test_nothing_is_an_empty_list(self, run: Run, options: dict[str, Any]) -> None:
        assert run(**options)["api_keys"] == []

    def test_id_of_another_owner_or_name_is_not_found(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        key_id = local_cloud.service_id("ci")["api_key_id"]
        other = local_cloud.service_id("other")["id"]
        assert run(id=key_id, service_id=other)["api_keys"] == []
        assert run(id=key_id, name="z")["api_keys"] == []

    def test_whole_account(self, run: Run, local_cloud: LocalCloud) -> None:
        local_cloud.seed(
            limits={"api_keys_per_identity": 500},
            api_keys=[{"name": f"k{number:03}"} for number in range(120)],
        )
        local_cloud.service_id("ci", api_keys=[{"name": "z"}])
        found = names(run(scope="account"))
        assert (len(found), found[0], found[-1]) == (122, "k000", "z")

    def test_account_and_service_id_contradict(self, run: Run) -> None:
        assert "leave service_id out" in run(scope="account", service_id="ci")["msg"]


class TestReveal:
    def test_stored_values_only(self, run: Run, local_cloud: LocalCloud) -> None:
        made = local_cloud.service_id(
            "ci", api_keys=[{"name": "a", "store_value": True}, {"name": "b"}]
        )
        result = run(service_id="ci", reveal=True)
        assert [key["value"] for key in result["api_keys"]] == [made["api_key"], None]

    def test_by_id_reads_once(self, run: Run, local_cloud: LocalCloud) -> None:
        made = local_cloud.service_id("ci", api_keys=[{"store_value": True}])
        result = run(id=made["api_key_id"], reveal=True)
        assert result["api_keys"][0]["value"] == made["api_key"]
        assert len(local_cloud.requests()) == 2

    def test_nothing_without_it(self, run: Run, local_cloud: LocalCloud) -> None:
        made = local_cloud.service_id("ci", api_keys=[{"store_value": True}])
        result = run(id=made["api_key_id"])
        assert "value" not in result["api_keys"][0]
        assert made["api_key"] not in str(result)


def test_reads_only(run: Run, local_cloud: LocalCloud) -> None:
    run(scope="account", reveal=True)
    assert local_cloud.writes() == []


class TestStates:
    def test_each_is_told(self, run: Run, local_cloud: LocalCloud) -> None:
        ends = {"past": "2020-01-01T00:00Z", "ahead": "2099-12-31T23:59Z"}
        local_cloud.seed(
            api_keys=[
                {"name": "ended", "expires_at": ends["past"]},
                {"name": "ends", "expires_at": ends["ahead"]},
                {"name": "leaked", "disabled": True, "action_when_leaked": "disable"},
                {"name": "locked", "locked": True},
            ]
        )
        found = {key["name"]: key for key in run()["api_keys"]}
        states = ("expired", "disabled", "locked")
        assert {
            name: [state for state in states if key[state]]
            for name, key in found.items()
        } == {
            "ended": ["expired"],
            "ends": [],
            "leaked": ["disabled"],
            "locked": ["locked"],
            "owner": [],
        }
        # to the minute, as the service writes it
        assert found["ends"]["expires_at"] == "2099-12-31T23:59+0000"
