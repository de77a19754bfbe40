# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml

from ansible_collections.icr.access.plugins.module_utils import (
    _service_id_change,
    _waiting,
)
from ansible_collections.icr.access.plugins.module_utils._grants import ROLES
from ansible_collections.icr.access.plugins.module_utils._module import (
    CLOUD_OPTIONS,
    WAIT_OPTIONS,
)
from ansible_collections.icr.access.plugins.module_utils._policies import Policies
from ansible_collections.icr.access.plugins.module_utils._service_ids import (
    ServiceIds,
)
from ansible_collections.icr.access.plugins.modules import cr_service_id
from ansible_collections.icr.access.tests.unit.plugins.conftest import Result, RunModule
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud
from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import policy_for

Run = Callable[..., Result]
EXCHANGE = "POST /identity/token"
LIST = "GET /v1/serviceids/"
POLICIES = "GET /v2/policies"
READ_A = {"roles": ["Reader"], "region": "eu-de", "namespaces": ["team-a"]}
READ_B = {"roles": ["Reader"], "region": "eu-de", "namespaces": ["team-b"]}
PUSH_A = {"roles": ["Reader", "Writer"], "region": "eu-de", "namespaces": ["team-a"]}


@pytest.fixture(autouse=True)
def pauses(
    monkeypatch: pytest.MonkeyPatch, local_cloud: LocalCloud
) -> Iterator[list[float]]:
    """What was slept, in the time of the local cloud."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        local_cloud.advance(seconds)

    monkeypatch.setattr(_service_id_change, "sleep", sleep)
    monkeypatch.setattr(_waiting, "sleep", sleep)
    monkeypatch.setattr(_waiting, "monotonic", lambda: sum(slept))
    for name in ("IC_API_KEY", "IBMCLOUD_API_KEY", "ICR_ENDPOINTS"):
        monkeypatch.delenv(name, raising=False)
    yield slept


@pytest.fixture
def run(local_cloud: LocalCloud, run_module: RunModule) -> Run:
    """Runs the module on the local cloud; `check_mode` and `diff` as of the runner."""

    def start(
        check_mode: bool = False, diff: bool = False, **options: object
    ) -> Result:
        given = {
            "api_key": local_cloud.api_key,
            "endpoints": local_cloud.endpoints,
            "retries": 0,
            **options,
        }
        local_cloud.requests()
        return run_module(
            cr_service_id.main,
            {name: value for name, value in given.items() if value is not None},
            check_mode=check_mode,
            diff=diff,
        )

    return start


def policies_of(cloud: LocalCloud, iam_id: str) -> dict[str, Any]:
    """The sandbox's own records of an identity's policies that are in force, by id."""
    return {
        policy.id: policy
        for policy in cloud.app.state.policies.values()
        if policy.subject == iam_id and policy.state == "active"
    }


def add_policy(cloud: LocalCloud, *roles: str, **attributes: str) -> str:
    """Gives `ci` a policy on the registry behind the module's back; its id."""
    (iam_id,) = (
        each.iam_id
        for each in cloud.app.state.service_ids.values()
        if each.name == "ci"
    )
    body = policy_for(cloud, iam_id, *roles, **attributes)
    answer = cloud.iam("POST", "/v1/policies", token=cloud.owner, json_body=body)
    assert answer.status == 201, answer.body
    policy_id: str = answer.json()["id"]
    return policy_id


class TestMaking:
    def test_is_as_described(self, run: Run, local_cloud: LocalCloud) -> None:
        first = run(name="ci", description="builds", access=[PUSH_A])
        second = run(name="ci", description="builds", access=[PUSH_A])
        assert (first["changed"], second["changed"]) == (True, False)
        assert first["service_id"] == second["service_id"]
        made = local_cloud.app.state.service_ids[first["service_id"]["id"]]
        assert second["service_id"] == {
            "id": made.id,
            "name": "ci",
            "description": "builds",
            "iam_id": made.iam_id,
            "account_id": local_cloud.account_id,
            "crn": first["service_id"]["crn"],
            "created_at": first["service_id"]["created_at"],
            "modified_at": first["service_id"]["modified_at"],
            "locked": False,
            "access": [PUSH_A],
            "other_policies": [],
        }
        (policy,) = policies_of(local_cloud, made.iam_id).values()
        assert [role.rsplit(":", 1)[1] for role in policy.roles] == ["Reader", "Writer"]

    def test_access_is_what_a_key_of_it_may_do(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        local_cloud.seed(namespaces=[{"name": "team-a", "region": "eu-de"}])
        run(name="ci", access=[READ_A])
        key = local_cloud.seed(api_keys=[{"name": "k", "service_id": "ci"}])
        value = key["api_keys"][0]["value"]
        scope = "repository:team-a/x:pull,push"
        granted = local_cloud.access(value, scope, region="eu-de")
        assert [each["actions"] for each in granted] == [["pull"]]

    def test_check_mode_only_reads(self, run: Run, local_cloud: LocalCloud) -> None:
        predicted = run(check_mode=True, diff=True, name="ci", access=[READ_A])
        assert local_cloud.writes() == []
        done = run(diff=True, name="ci", access=[READ_A])
        assert predicted["diff"] == done["diff"]
        assert predicted["service_id"]["id"] is None
        assert predicted["service_id"]["access"] == [READ_A]
        assert done["diff"]["before"] == {}

    def test_lock_comes_last(self, run: Run, local_cloud: LocalCloud) -> None:
        result = run(name="ci", access=[READ_A], locked=True)
        path = f"/v1/serviceids/{result['service_id']['id']}"
        assert local_cloud.writes() == [
            "POST /v1/serviceids/",
            "POST /v2/policies",
            f"POST {path}/lock",
        ]
        assert result["service_id"]["locked"]
        assert not run(name="ci", access=[READ_A], locked=True)["changed"]


class TestRequests:
    def test_unchanged_by_name_takes_three(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        run(name="ci", access=[READ_A])
        run(name="ci", access=[READ_A])
        assert local_cloud.requests() == [EXCHANGE, LIST, POLICIES]

    def test_unchanged_by_id_takes_three(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        service_id = run(name="ci")["service_id"]["id"]
        run(id=service_id, access=[])
        assert local_cloud.requests() == [
            EXCHANGE,
            f"GET /v1/serviceids/{service_id}",
            POLICIES,
        ]

    def test_making_waits_for_the_policy_by_reading_it(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        result = run(name="ci", access=[READ_A])
        asked = local_cloud.requests()
        (policy_id,) = policies_of(local_cloud, result["service_id"]["iam_id"])
        assert asked == [
            EXCHANGE,
            LIST,
            "POST /v1/serviceids/",
            LIST,
            "POST /v2/policies",
            f"GET /v2/policies/{policy_id}",
            POLICIES,
        ]

    def test_without_waiting_nothing_is_read_again(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        run(name="ci", access=[READ_A], wait=False)
        assert local_cloud.requests()[-1] == "POST /v2/policies"

    def test_other_namespace_is_one_put(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        iam_id = run(name="ci", access=[READ_A])["service_id"]["iam_id"]
        (policy_id,) = policies_of(local_cloud, iam_id)
        run(name="ci", access=[READ_B])
        assert local_cloud.writes() == [f"PUT /v2/policies/{policy_id}"]
        assert list(policies_of(local_cloud, iam_id)) == [policy_id]

    def test_description_keeps_what_it_is_bound_to(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        service_id = local_cloud.service_id("ci")["id"]
        record = local_cloud.app.state.service_ids[service_id]
        record.unique_instance_crns = ["crn:v1:a"]
        run(name="ci", description="new")
        assert local_cloud.writes() == [f"PUT /v1/serviceids/{service_id}"]
        assert (record.name, record.description) == ("ci", "new")
        assert record.unique_instance_crns == ["crn:v1:a"]


class TestAccess:
    def test_left_out_it_stays(self, run: Run, local_cloud: LocalCloud) -> None:
        run(name="ci", access=[READ_A])
        result = run(name="ci", description="new")
        assert result["changed"]
        assert result["service_id"]["access"] == [READ_A]

    def test_empty_list_takes_it_away(self, run: Run, local_cloud: LocalCloud) -> None:
        run(name="ci", access=[READ_A, READ_B])
        result = run(name="ci", access=[])
        assert result["service_id"]["access"] == []
        assert policies_of(local_cloud, result["service_id"]["iam_id"]) == {}
        assert not run(name="ci", access=[])["changed"]

    def test_what_is_missing_is_made_before_the_rest_is_removed(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        iam_id = run(name="ci", access=[READ_A])["service_id"]["iam_id"]
        (kept,) = policies_of(local_cloud, iam_id)
        add_policy(local_cloud, "Manager", region="us-south")
        add_policy(local_cloud, "Manager", region="eu-gb")
        run(name="ci", access=[PUSH_A])
        lines = local_cloud.writes()
        assert lines[0] == f"PUT /v2/policies/{kept}"
        assert [line.split()[0] for line in lines] == ["PUT", "DELETE", "DELETE"]

    def test_roles_are_compared_in_both_forms(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        iam_id = run(name="ci", access=[READ_A])["service_id"]["iam_id"]
        (policy,) = policies_of(local_cloud, iam_id).values()
        policy.roles = [
            "crn:v1:bluemix:public:container-registry::::serviceRole:Reader"
        ]
        assert not run(name="ci", access=[READ_A])["changed"]

    def test_global_is_a_geography(self, run: Run, local_cloud: LocalCloud) -> None:
        entry = {"roles": ["Reader"], "region": "global", "namespaces": None}
        result = run(name="ci", access=[{"roles": ["Reader"], "region": "global"}])
        assert result["service_id"]["access"] == [entry]
        (policy,) = policies_of(local_cloud, result["service_id"]["iam_id"]).values()
        attributes = {item.name: item.value for item in policy.resource}
        assert attributes.get("geography") == "global"
        assert "region" not in attributes

    def test_policies_on_other_services_are_not_touched(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        local_cloud.service_id("ci")
        identity = {"roles": ["Editor"], "service_name": "iam-identity"}
        local_cloud.seed(policies=[{"service_id": "ci", **identity}])
        result = run(name="ci", access=[])
        assert not result["changed"]
        assert result["service_id"]["other_policies"] == []
        assert len(policies_of(local_cloud, result["service_id"]["iam_id"])) == 1

    def test_what_cannot_be_said_is_left_alone_with_a_warning(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        local_cloud.service_id("ci")
        policy_id = add_policy(local_cloud, "Reader", serviceInstance="x")
        result = run(name="ci", access=[READ_A])
        (other,) = result["service_id"]["other_policies"]
        assert other == {"id": policy_id, "reason": "it depends on serviceInstance"}
        assert f"Policy {policy_id} of service ID ci" in json.dumps(result["warnings"])
        assert policy_id in policies_of(local_cloud, result["service_id"]["iam_id"])
        assert "warnings" not in run(name="ci")

    def test_policy_that_stays_and_is_in_the_way_is_an_error_before_anything(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        local_cloud.service_id("ci")
        policy_id = add_policy(local_cloud, "Viewer")
        result = run(name="ci", description="x", access=[{"roles": ["Reader"]}])
        assert f"Policy {policy_id} is in the way" in result["msg"]
        assert local_cloud.writes() == []


class TestConflicts:
    @pytest.mark.parametrize("shape", ["object", "id"])
    def test_policy_that_is_not_listed_is_changed_instead_of_made(
        self,
        run: Run,
        local_cloud: LocalCloud,
        monkeypatch: pytest.MonkeyPatch,
        shape: str,
    ) -> None:
        local_cloud.switch(conflicting_policy=shape)
        iam_id = run(name="ci", access=[READ_A])["service_id"]["iam_id"]
        (policy_id,) = policies_of(local_cloud, iam_id)
        monkeypatch.setattr(Policies, "list_policies", lambda *_args: [])
        result = run(name="ci", access=[PUSH_A])
        assert result["changed"]
        assert local_cloud.writes() == [
            "POST /v2/policies",
            f"PUT /v2/policies/{policy_id}",
        ]
        (policy,) = policies_of(local_cloud, iam_id).values()
        assert len(policy.roles) == 2

    def test_policy_that_is_right_already_is_no_change(
        self, run: Run, local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run(name="ci", access=[READ_A])
        monkeypatch.setattr(Policies, "list_policies", lambda *_args: [])
        result = run(name="ci", access=[READ_A])
        assert not result["changed"]
        assert local_cloud.writes() == ["POST /v2/policies"]

    def test_namespace_whose_policy_is_not_listed_gets_no_second_one(
        self, run: Run, local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        iam_id = run(name="ci", access=[READ_A, READ_B])["service_id"]["iam_id"]
        listed = Policies.list_policies
        monkeypatch.setattr(Policies, "list_policies", lambda *args: listed(*args)[:1])
        result = run(name="ci", access=[READ_B])
        assert result["changed"]
        (policy,) = policies_of(local_cloud, iam_id).values()
        assert "team-b" in {item.value for item in policy.resource}

    @pytest.mark.parametrize("status", [409, 412])
    def test_policy_changed_by_somebody_else_is_looked_at_again(
        self,
        run: Run,
        local_cloud: LocalCloud,
        monkeypatch: pytest.MonkeyPatch,
        status: int,
    ) -> None:
        local_cloud.switch(stale_etag_status=status)
        iam_id = run(name="ci", access=[READ_A])["service_id"]["iam_id"]
        (policy,) = policies_of(local_cloud, iam_id).values()
        find = Policies.find_policy
        tags = iter(["1-0"])

        def outdated(self: Policies, policy_id: str) -> Any:
            found = find(self, policy_id)
            tag = next(tags, None)
            return replace(found, entity_tag=tag) if found and tag else found

        monkeypatch.setattr(Policies, "find_policy", outdated)
        assert run(name="ci", access=[PUSH_A])["changed"]
        assert local_cloud.writes() == [f"PUT /v2/policies/{policy.id}"] * 2
        assert len(policy.roles) == 2

    @pytest.mark.parametrize("status", [409, 412])
    def test_service_id_changed_by_somebody_else_is_looked_at_again(
        self,
        run: Run,
        local_cloud: LocalCloud,
        monkeypatch: pytest.MonkeyPatch,
        status: int,
    ) -> None:
        local_cloud.switch(stale_etag_status=status)
        service_id = local_cloud.service_id("ci")["id"]
        listed = ServiceIds.list_service_ids
        monkeypatch.setattr(
            ServiceIds,
            "list_service_ids",
            lambda *args: [replace(each, entity_tag="1-0") for each in listed(*args)],
        )
        assert run(name="ci", description="new")["changed"]
        assert local_cloud.writes() == [f"PUT /v1/serviceids/{service_id}"] * 2

    def test_policy_that_is_gone_meanwhile_is_made_again(
        self, run: Run, local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        iam_id = run(name="ci", access=[READ_A])["service_id"]["iam_id"]
        (policy,) = policies_of(local_cloud, iam_id).values()
        listed = Policies.list_policies

        def before_it_went(*args: Any) -> Any:
            found = listed(*args)
            policy.state = "deleted"
            return found

        monkeypatch.setattr(Policies, "list_policies", before_it_went)
        assert run(name="ci", access=[PUSH_A])["changed"]
        assert local_cloud.writes() == ["POST /v2/policies"]


class TestWaiting:
    def test_until_the_policy_is_shown(
        self, run: Run, local_cloud: LocalCloud, pauses: list[float]
    ) -> None:
        local_cloud.switch(policy_visibility_seconds=10)
        result = run(name="ci", access=[READ_A])
        assert result["changed"]
        # the local clock goes on by itself, too
        assert 1 < sum(pauses) < 20

    @pytest.mark.parametrize("locked", [None, True])
    def test_policy_that_was_not_listed_yet_is_not_left_behind(
        self, run: Run, local_cloud: LocalCloud, locked: bool | None
    ) -> None:
        local_cloud.switch(policy_visibility_seconds=30)
        run(name="ci", access=[READ_A], wait=False)
        result = run(name="ci", access=[READ_B], locked=locked)["service_id"]
        assert (result["access"], result["locked"]) == ([READ_B], bool(locked))
        (policy,) = policies_of(local_cloud, result["iam_id"]).values()
        assert "team-b" in str(policy.resource)
        assert not run(name="ci", access=[READ_B], locked=locked)["changed"]

    def test_no_longer_than_allowed(self, run: Run, local_cloud: LocalCloud) -> None:
        local_cloud.switch(policy_visibility_seconds=600)
        result = run(name="ci", access=[READ_A], locked=True, wait_timeout="1m")
        assert "Waited 60 s for the policies of service ID ci" in result["msg"]
        assert "They are kept: run this again, or raise wait_timeout." in result["msg"]
        assert result["failed"]
        (made,) = local_cloud.app.state.service_ids.values()
        assert made.locked

    def test_run_again_it_goes_on_waiting(
        self, run: Run, local_cloud: LocalCloud, pauses: list[float]
    ) -> None:
        local_cloud.switch(policy_visibility_seconds=90)
        assert run(name="ci", access=[READ_A], wait_timeout="1m")["failed"]
        result = run(name="ci", access=[READ_A], wait_timeout="1m")
        assert not result["changed"]
        # the local clock goes on by itself, too
        assert 60 < sum(pauses) < 120
        assert local_cloud.writes() == ["POST /v2/policies"]

    def test_nothing_is_waited_for_without_a_change(
        self, run: Run, local_cloud: LocalCloud, pauses: list[float]
    ) -> None:
        run(name="ci", access=[READ_A])
        local_cloud.switch(policy_visibility_seconds=600)
        assert not run(name="ci", access=[READ_A])["changed"]
        assert run(name="ci", description="new", access=[])["changed"]
        assert pauses == []

    @pytest.mark.parametrize("span", ["soon", "2d"])
    def test_span_is_checked_before_anything(
        self, run: Run, local_cloud: LocalCloud, span: str
    ) -> None:
        assert "wait_timeout must be" in run(name="ci", wait_timeout=span)["msg"]
        assert local_cloud.requests() == []


class TestLocked:
    @pytest.mark.parametrize(
        "options",
        [
            {"description": "new"},
            {"access": [READ_A]},
            {"description": "new", "locked": True},
            {"state": "absent"},
        ],
        ids=["field", "access", "stays locked", "absent"],
    )
    def test_change_is_refused_before_anything(
        self, run: Run, local_cloud: LocalCloud, options: dict[str, Any]
    ) -> None:
        run(name="ci", locked=True)
        result = run(name="ci", **options)
        assert "Set locked: false to have it unlocked." in result["msg"]
        assert local_cloud.writes() == []

    def test_is_unlocked_changed_and_not_locked_again(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        service_id = run(name="ci", locked=True)["service_id"]["id"]
        result = run(name="ci", locked=False, description="new", access=[READ_A])
        path = f"/v1/serviceids/{service_id}"
        assert local_cloud.writes() == [
            f"DELETE {path}/lock",
            f"PUT {path}",
            "POST /v2/policies",
        ]
        assert not result["service_id"]["locked"]


class TestRemoving:
    def test_keys_and_policies_go_with_it(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        run(name="ci", access=[READ_A])
        local_cloud.seed(
            api_keys=[{"name": str(n), "service_id": "ci"} for n in (1, 2)]
        )
        predicted = run(check_mode=True, name="ci", state="absent")
        done = run(name="ci", state="absent")
        again = run(name="ci", state="absent")
        assert [each["changed"] for each in (predicted, done, again)] == [
            True,
            True,
            False,
        ]
        assert predicted["removed_api_keys"] == done["removed_api_keys"] == 2
        assert again["removed_api_keys"] == 0
        assert predicted["service_id"] is done["service_id"] is None
        assert local_cloud.app.state.service_ids == {}

    def test_locked_one_is_unlocked_first(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        service_id = run(name="ci", locked=True)["service_id"]["id"]
        assert run(id=service_id, state="absent", locked=False)["changed"]
        path = f"/v1/serviceids/{service_id}"
        assert local_cloud.writes() == [f"DELETE {path}/lock", f"DELETE {path}"]

    def test_collision_is_tried_again(
        self, run: Run, local_cloud: LocalCloud, pauses: list[float]
    ) -> None:
        local_cloud.service_id("ci")
        local_cloud.switch(service_id_delete_conflicts=3)
        assert run(name="ci", state="absent")["changed"]
        assert len(pauses) == 3

    def test_collision_without_end_is_told(
        self, run: Run, local_cloud: LocalCloud, pauses: list[float]
    ) -> None:
        local_cloud.service_id("ci")
        local_cloud.switch(service_id_delete_conflicts=99)
        result = run(name="ci", state="absent")
        assert "another operation on the same object" in result["msg"].lower()
        assert result["error"]["status"] == 409
        assert sum(pauses) == pytest.approx(30)

    @pytest.mark.parametrize("by", ["id", "iam_id"])
    def test_by_id(self, run: Run, local_cloud: LocalCloud, by: str) -> None:
        made = local_cloud.service_id("ci")
        assert run(id=made[by], state="absent")["changed"]
        assert not run(id=made[by], state="absent")["changed"]


class TestInterrupted:
    def test_run_again_it_goes_on_where_it_ended(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        local_cloud.fault("status", "/v2/policies", method="POST", status=503)
        first = run(name="ci", access=[READ_A, READ_B])
        (made,) = local_cloud.app.state.service_ids.values()
        assert f"Service ID {made.id} was made before that and stays" in first["msg"]
        assert "0 of 2 changes of access were made before that" in first["msg"]
        second = run(name="ci", access=[READ_A, READ_B])
        assert second["changed"]
        assert second["service_id"]["id"] == made.id
        assert not run(name="ci", access=[READ_A, READ_B])["changed"]

    def test_policy_whose_answer_was_lost_is_not_made_twice(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        local_cloud.fault("truncate", "/v2/policies", method="POST")
        assert run(name="ci", access=[READ_A])["failed"]
        result = run(name="ci", access=[READ_A])
        assert not result["changed"]
        assert len(policies_of(local_cloud, result["service_id"]["iam_id"])) == 1

    def test_service_id_whose_answer_was_lost_is_the_one_that_is_meant(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        local_cloud.fault("truncate", "/v1/serviceids/", method="POST")
        result = run(name="ci", access=[READ_A])
        (made,) = local_cloud.app.state.service_ids.values()
        assert result["changed"]
        assert result["service_id"]["id"] == made.id

    def test_service_id_that_was_not_made_after_all_is_told(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        local_cloud.fault("status", "/v1/serviceids/", method="POST", status=502)
        result = run(name="ci")
        assert "It is unknown whether the service ID was made" in result["msg"]
        assert result["error"]["status"] == 502

    def test_refusal_to_make_one_is_just_told(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        local_cloud.seed(limits={"service_ids_per_account": 0})
        result = run(name="ci")
        assert "The limit of 0 service IDs is reached" in result["msg"]
        assert "unknown" not in result["msg"]


class TestTwins:
    @pytest.fixture
    def racing(
        self, local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[[str], None]:
        """Another run makes one of the same name right after this one, with that id."""

        def start(twin_id: str) -> None:
            create = ServiceIds.create_service_id

            def made_twice(*args: Any) -> Any:
                made = create(*args)
                twin = local_cloud.app.state.service_ids[made.id]
                other = replace(twin, id=twin_id)
                local_cloud.app.state.service_ids[twin_id] = other
                return made

            monkeypatch.setattr(ServiceIds, "create_service_id", made_twice)

        return start

    def test_the_one_with_the_higher_id_gives_way(
        self, run: Run, local_cloud: LocalCloud, racing: Callable[[str], None]
    ) -> None:
        racing("ServiceId-00000000-0000-0000-0000-000000000000")
        result = run(name="ci")
        assert list(local_cloud.app.state.service_ids) == [result["service_id"]["id"]]
        assert result["service_id"]["id"].endswith("-000000000000")

    def test_the_other_is_waited_for_and_was_over_before(
        self,
        run: Run,
        local_cloud: LocalCloud,
        racing: Callable[[str], None],
        pauses: list[float],
    ) -> None:
        racing("ServiceId-ffffffff-ffff-ffff-ffff-ffffffffffff")
        result = run(name="ci")
        assert list(local_cloud.app.state.service_ids) == [result["service_id"]["id"]]
        assert result["service_id"]["id"].endswith("-ffffffffffff")
        assert pauses == [1, 2, 4]


class TestRefusals:
    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ({}, "one of the following is required: name, id"),
            ({"name": " "}, "name is empty"),
            ({"name": "ci "}, "begins or ends with white space"),
            ({"name": "ServiceId-1"}, "give it in id"),
            ({"id": "ci"}, "a name goes into name"),
            ({"id": "ServiceId-0"}, "There is no service ID ServiceId-0 in account"),
            ({"name": "two"}, "2 service IDs are named 'two': ServiceId-"),
            ({"name": "ci", "access": [{}]}, "missing required arguments: roles"),
            (
                {"name": "ci", "access": [{"roles": ["Owner"]}]},
                "must be one or more of",
            ),
            ({"name": "ci", "access": [{"roles": []}]}, "access[0] grants nothing"),
            (
                {"name": "ci", "access": [{**READ_A, "region": "mars"}]},
                "There is no registry region 'mars'",
            ),
            (
                {"name": "ci", "access": [{**READ_A, "namespaces": []}]},
                "access[0] has an empty list of namespaces",
            ),
            ({"name": "ci", "account_id": "b" * 32}, "is for account"),
        ],
    )
    def test_nonsense_writes_nothing(
        self, run: Run, local_cloud: LocalCloud, options: dict[str, Any], told: str
    ) -> None:
        local_cloud.seed(service_ids=[{"name": "two"}, {"name": "two"}])
        result = run(**options)
        assert told in result["msg"]
        assert local_cloud.writes() == []

    def test_no_rights_are_told(self, run: Run, local_cloud: LocalCloud) -> None:
        stranger = local_cloud.service_id("stranger")
        result = run(name="ci", api_key=stranger["api_key"])
        assert "has no right to do this" in result["msg"]
        assert result["error"]["status"] == 403

    def test_rename_by_id(self, run: Run, local_cloud: LocalCloud) -> None:
        service_id = local_cloud.service_id("ci")["id"]
        result = run(id=service_id, name="builds")
        assert (result["changed"], result["service_id"]["name"]) == (True, "builds")
        assert not run(id=service_id, name="builds")["changed"]


def test_documentation_and_options_agree() -> None:
    documented = yaml.safe_load(cr_service_id.DOCUMENTATION)["options"]
    shared = {*CLOUD_OPTIONS, *WAIT_OPTIONS}
    assert set(documented) | shared == set(cr_service_id.OPTIONS)
    choices = documented["access"]["suboptions"]["roles"]["choices"]
    assert tuple(choices) == ROLES
