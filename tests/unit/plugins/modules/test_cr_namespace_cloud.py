# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""cr_namespace from its options to its result, on the local IBM Cloud."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.modules.cr_namespace import main
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import (
    LocalCloud,
)

EXCHANGE = "POST /identity/token"
LIST = "GET /api/v1/namespaces/details"
IMAGES = "GET /api/v1/images"
DIGESTS = "POST /api/v1/images/digests"
TEAM = "/api/v1/namespaces/team"
MAKE = f"PUT {TEAM}"
ASSIGN = f"PATCH {TEAM}"
REMOVE = f"DELETE {TEAM}"
ABSENT = {"state": "absent"}

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def cloud(local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> LocalCloud:
    for name in ("IC_API_KEY", "IBMCLOUD_API_KEY", "IC_IAM_TOKEN", "ICR_ENDPOINTS"):
        monkeypatch.delenv(name, raising=False)
    return local_cloud


@pytest.fixture
def run(cloud: LocalCloud, run_module: Run) -> Run:
    """`run(options, check_mode=False, diff=False)` for `team` in the region us-south."""

    def run_here(options: dict[str, Any] | None = None, **mode: bool) -> dict[str, Any]:
        shared = {
            "name": "team",
            "region": "us-south",
            "endpoints": cloud.endpoints,
            "api_key": cloud.api_key,
            "retries": 0,
        }
        return run_module(main, {**shared, **(options or {})}, **mode)

    return run_here


def names(cloud: LocalCloud) -> set[tuple[str, str]]:
    return set(cloud.app.state.namespaces)


def writes(cloud: LocalCloud) -> list[str]:
    """What was sent that changes something; the list of digests only looks."""
    return [line for line in cloud.writes() if line != DIGESTS]


def seed(cloud: LocalCloud, *tags: str, **fields: object) -> None:
    cloud.seed(namespaces=[{"region": "us-south", "name": "team", **fields}])
    if tags:
        image = {"region": "us-south", "name": "team/app", "tags": list(tags)}
        cloud.seed(repositories=[image])


class TestPresent:
    def test_makes_it_in_the_default_group(self, cloud: LocalCloud, run: Run) -> None:
        result = run()
        assert cloud.requests() == [EXCHANGE, LIST, MAKE, LIST]
        assert names(cloud) == {("us-south", "team")}
        made = result["namespace"]
        assert {**made, "created_at": None, "updated_at": None} == {
            "name": "team",
            "region": "us-south",
            "registry": result["registry"],
            "account_id": cloud.account_id,
            "crn": "crn:v1:bluemix:public:container-registry:us-south"
            f":a/{cloud.account_id}::namespace:team",
            "resource_group": cloud.app.state.founder.resource_group,
            "created_at": None,
            "updated_at": None,
        }
        assert (result["changed"], result["images"]) == (True, None)
        assert result["registry"] in cloud.endpoints["registry"]["us-south"]

    def test_repeat_only_looks(self, cloud: LocalCloud, run: Run) -> None:
        made = run()
        cloud.requests()
        again = run()
        assert again["changed"] is False
        assert again["namespace"] == made["namespace"]
        assert cloud.requests() == [EXCHANGE, LIST]

    def test_group_that_is_wanted(self, cloud: LocalCloud, run: Run) -> None:
        group = cloud.app.state.founder.resource_group
        assert run({"resource_group": group})["namespace"]["resource_group"] == group
        assert run({"resource_group": group})["changed"] is False
        refused = run({"resource_group": "another"})
        assert f"belongs to resource group {group}" in refused["msg"]
        assert writes(cloud) == [MAKE]

    def test_group_is_given_once_to_a_namespace_of_old(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        seed(cloud, without_resource_group=True)
        group = cloud.app.state.founder.resource_group
        assert run()["namespace"]["resource_group"] is None
        given = run({"resource_group": group}, diff=True)
        assert given["changed"] is True
        assert given["diff"]["before"]["resource_group"] is None
        assert given["diff"]["after"]["resource_group"] == group
        assert given["namespace"]["resource_group"] == group
        assert run({"resource_group": group})["changed"] is False
        assert writes(cloud) == [ASSIGN]

    def test_other_regions_are_others(self, cloud: LocalCloud, run: Run) -> None:
        run()
        assert run({"region": "uk-south"})["namespace"]["region"] == "eu-gb"
        assert names(cloud) == {("us-south", "team"), ("eu-gb", "team")}

    def test_one_that_the_caller_does_not_see_is_no_change(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        seed(cloud)
        cloud.fault("text", "/api/v1/namespaces/details", status=200, body="[]")
        result = run(diff=True)
        assert writes(cloud) == [MAKE]
        assert result["changed"] is False
        assert result["diff"]["before"] == result["diff"]["after"]

    def test_made_by_a_request_whose_answer_was_lost(
        self, cloud: LocalCloud, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(time, "sleep", lambda seconds: None)
        cloud.fault("reset", TEAM, method="PUT", after=True)
        assert run({"retries": 1})["changed"] is True
        assert writes(cloud) == [MAKE, MAKE]


class TestAbsent:
    def test_removes_what_is_empty(self, cloud: LocalCloud, run: Run) -> None:
        seed(cloud)
        result = run(ABSENT)
        assert cloud.requests() == [EXCHANGE, LIST, IMAGES, DIGESTS, REMOVE]
        assert (result["changed"], result["namespace"], result["images"]) == (
            True,
            None,
            0,
        )
        assert names(cloud) == set()
        again = run(ABSENT)
        assert (again["changed"], again["images"]) == (False, None)
        assert cloud.requests() == [EXCHANGE, LIST]

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_images_are_kept(
        self, cloud: LocalCloud, run: Run, check_mode: bool
    ) -> None:
        seed(cloud, "1.0")
        refused = run(ABSENT, check_mode=check_mode)
        assert refused["failed"] is True
        assert "holds 1 image, which would be lost" in refused["msg"]
        assert writes(cloud) == []

    def test_images_without_a_tag_are_kept_too(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        seed(cloud, "1.0")
        repository = cloud.app.state.repositories.find("us-south", "team/app")
        assert repository is not None
        repository.tags.clear()
        assert "holds 1 image, which would be lost" in run(ABSENT)["msg"]

    def test_unless_forced(self, cloud: LocalCloud, run: Run) -> None:
        seed(cloud, "1.0")
        result = run({**ABSENT, "force": True})
        assert (result["changed"], result["images"]) == (True, 1)
        assert names(cloud) == set()

    @pytest.mark.parametrize("path", ["/api/v1/images", "/api/v1/images/digests"])
    @pytest.mark.parametrize("status", [403, 500])
    @pytest.mark.parametrize("check_mode", [False, True])
    def test_forced_it_does_not_depend_on_counting(
        self, cloud: LocalCloud, run: Run, path: str, status: int, check_mode: bool
    ) -> None:
        seed(cloud, "1")
        cloud.fault("text", path, status=status, body='{"code": "CRG0020E"}')
        result = run({**ABSENT, "force": True}, check_mode=check_mode)
        assert (result["changed"], result["images"]) == (True, None)
        assert (names(cloud) == set()) is not check_mode

    @pytest.mark.parametrize(("status", "is_advised"), [(403, True), (500, False)])
    def test_what_cannot_be_counted_is_not_removed(
        self, cloud: LocalCloud, run: Run, status: int, is_advised: bool
    ) -> None:
        seed(cloud)
        body = '{"code": "CRG0020E"}'
        cloud.fault("text", "/api/v1/images", status=status, body=body)
        result = run(ABSENT)
        assert result["failed"] is True
        assert ("force: true removes it without counting" in result["msg"]) is (
            is_advised
        )
        assert names(cloud) == {("us-south", "team")}

    def test_images_of_others_do_not_count(self, cloud: LocalCloud, run: Run) -> None:
        seed(cloud)
        cloud.seed(namespaces=[{"region": "us-south", "name": "team2"}])
        image = {"region": "us-south", "name": "team2/app", "tags": ["1.0"]}
        cloud.seed(repositories=[image])
        assert run(ABSENT)["images"] == 0


class TestCheckMode:
    @pytest.mark.parametrize(
        ("before", "options"),
        [
            pytest.param(None, {}, id="make"),
            pytest.param({}, {}, id="keep"),
            pytest.param({}, ABSENT, id="remove"),
            pytest.param(None, ABSENT, id="absent already"),
        ],
    )
    def test_predicts_by_reading_only(
        self,
        cloud: LocalCloud,
        run: Run,
        before: dict[str, Any] | None,
        options: dict[str, Any],
    ) -> None:
        if before is not None:
            seed(cloud, **before)
        predicted = run(options, check_mode=True, diff=True)
        assert writes(cloud) == []
        done = run(options, diff=True)
        for key in ("changed", "diff", "images", "registry", "region"):
            assert predicted[key] == done[key]
        assert (predicted["namespace"] is None) == (done["namespace"] is None)


class TestRefused:
    def test_name_is_checked_before_anything_is_asked(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        assert "cannot be the name of a namespace" in run({"name": "Team"})["msg"]
        assert cloud.requests() == []

    @pytest.mark.parametrize("status", [403, 409])
    def test_name_of_another_account(
        self, cloud: LocalCloud, run: Run, status: int
    ) -> None:
        cloud.switch(taken_namespace_status=status)
        (other,) = cloud.seed(accounts=[{"name": "other"}])["accounts"]
        seed(cloud, account_id=other["id"])
        refused = run()
        assert "names are unique across all accounts" in refused["msg"]
        assert "the role Manager on Container Registry" in refused["msg"]
        assert (refused["error"]["status"], refused["error"]["code"]) == (
            status,
            "CRG0020E",
        )
        assert run(ABSENT)["changed"] is False

    @pytest.mark.parametrize("there", [False, True])
    def test_caller_is_no_manager(
        self, cloud: LocalCloud, run: Run, there: bool
    ) -> None:
        key = cloud.service_id(policies=[{"roles": ["Reader"]}])["api_key"]
        if there:
            seed(cloud)
        refused = run({"api_key": key, "state": "absent" if there else "present"})
        assert refused["error"]["status"] == 403
        assert "he calling identity needs the role Manager" in refused["msg"]
        assert "Administrator for policies" not in refused["msg"]

    def test_too_many(self, cloud: LocalCloud, run: Run) -> None:
        cloud.seed(limits={"namespaces_per_region": 1})
        seed(cloud)
        assert "room for 100 namespaces" in run({"name": "team2"})["msg"]

    def test_unknown_group(self, cloud: LocalCloud, run: Run) -> None:
        refused = run({"resource_group": "none"})
        assert "takes the id of a resource group of this account" in refused["msg"]
        assert names(cloud) == set()

    def test_one_region_only(self, run: Run) -> None:
        assert "takes one region" in run({"region": "all"})["msg"]
