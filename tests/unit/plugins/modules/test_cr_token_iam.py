# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""cr_token of backend iam from its options to its result, on the local IBM Cloud."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils import (
    _api_key_change,
    _service_id_change,
    _waiting,
)
from ansible_collections.icr.access.plugins.module_utils._iam import Iam
from ansible_collections.icr.access.plugins.module_utils._key_tokens import mark
from ansible_collections.icr.access.plugins.module_utils._service_ids import (
    ServiceIds,
)
from ansible_collections.icr.access.plugins.modules.cr_token import main
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import (
    READS,
    LocalCloud,
)
from ansible_collections.icr.access.tests.unit.plugins.modules.key_tokens import (
    REGION,
    grants,
    is_accepted,
    keys,
    seed_token,
    service_ids,
)

EXCHANGE = "POST /identity/token"
SERVICE_IDS, KEYS, POLICIES = "/v1/serviceids/", "/v1/apikeys", "/v2/policies"
CI = {"description": "ci"}
HOUR = 3600
# What was asked for is done, but nobody can tell from the answer.
LOST_ANSWERS = [
    pytest.param({"kind": "truncate"}, id="cut off"),
    pytest.param({"kind": "reset", "after": True}, id="reset"),
    pytest.param({"kind": "html", "after": True, "status": 200}, id="a page"),
    pytest.param({"kind": "text", "after": True, "status": 500}, id="500"),
]

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def cloud(local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> LocalCloud:
    """With three namespaces, and a clock that waiting moves."""
    for name in ("IC_API_KEY", "IBMCLOUD_API_KEY", "IC_IAM_TOKEN", "ICR_ENDPOINTS"):
        monkeypatch.delenv(name, raising=False)
    local_cloud.seed(
        namespaces=[{"region": REGION, "name": f"team-{each}"} for each in "abc"]
    )
    monkeypatch.setattr(_waiting, "sleep", local_cloud.advance)
    monkeypatch.setattr(_waiting, "monotonic", local_cloud.app.clock.now)
    return local_cloud


@pytest.fixture
def run(cloud: LocalCloud, run_module: Run) -> Run:
    """`run(options, check_mode=False, diff=False)` in the region us-south."""

    def run_here(options: dict[str, Any], **mode: bool) -> dict[str, Any]:
        shared = {
            "region": REGION,
            "endpoints": cloud.endpoints,
            "api_key": cloud.api_key,
            "retries": 0,
            # http alone: the certificates of this machine need not be read
            "validate_certs": False,
        }
        return run_module(main, {**shared, **options}, **mode)

    return run_here


def written(cloud: LocalCloud) -> list[str]:
    """Methods and kinds of what was written, such as `POST apikeys`."""
    lines = (line.split("/") for line in cloud.writes())
    return [f"{first.strip()} {rest[1]}" for first, *rest in lines]


def make_old(cloud: LocalCloud) -> None:
    """The token was made eleven minutes ago."""
    for key in keys(cloud):
        key.created_at -= 11 * 60


class TestPresent:
    def test_makes_a_read_only_token_for_a_day(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        result = run(CI)
        (owner,), (key,) = service_ids(cloud), keys(cloud)
        assert written(cloud) == ["POST serviceids", "POST policies", "POST apikeys"]
        assert (owner.description, key.name) == ("icr.access.cr_token us-south", "ci")
        assert key.store_value
        assert abs(key.expires_at - cloud.app.clock.now() - 24 * HOUR) <= 120
        assert grants(cloud) == [("Reader", "us-south")]
        result["expires_at"] = result["expires_at"][-4:]
        assert {
            name: result[name] for name in sorted(result) if name != "invocation"
        } == {
            "changed": True,
            "description": "ci",
            "expires_at": ":00Z",
            "namespaces": None,
            "non_expiring": False,
            "readwrite": False,
            "region": "us-south",
            "registry": cloud.endpoints["registry"]["us-south"].split("//")[1],
            "token": key.value,
            "token_id": key.id,
            "username": "iamapikey",
        }

    def test_unchanged_with_the_same_token(self, cloud: LocalCloud, run: Run) -> None:
        first = run(CI)
        make_old(cloud)
        cloud.requests()
        second = run(CI)
        assert cloud.requests() == [
            EXCHANGE,
            f"GET {SERVICE_IDS}",
            f"GET {KEYS}",
            f"GET {POLICIES}",
            f"GET {KEYS}/{first['token_id']}",
        ]
        assert second == {**first, "changed": False}

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            pytest.param(
                {"readwrite": True}, [("Reader Writer", "us-south")], id="push"
            ),
            pytest.param(
                {"namespaces": ["team-b", "team-a"]},
                [("Reader", "us-south team-a"), ("Reader", "us-south team-b")],
                id="namespaces",
            ),
            pytest.param({"region": "global"}, [("Reader", "global")], id="global"),
            pytest.param(
                {"region": "uk-south"}, [("Reader", "eu-gb")], id="former name"
            ),
        ],
    )
    def test_gives_exactly_what_is_asked_for(
        self, cloud: LocalCloud, run: Run, options: dict[str, Any], expected: object
    ) -> None:
        assert run({**CI, **options})["changed"] is True
        assert grants(cloud) == expected
        assert run({**CI, **options})["changed"] is False

    @pytest.mark.parametrize(
        ("before", "options", "expected", "writes"),
        [
            pytest.param(
                {},
                {"readwrite": True},
                [("Reader Writer", "us-south")],
                ["PUT policies"],
                id="to push",
            ),
            pytest.param(
                {"readwrite": True, "namespaces": ["team-a"]},
                {"namespaces": ["team-b"]},
                [("Reader", "us-south team-b")],
                ["PUT policies"],
                id="another namespace, not to push",
            ),
            pytest.param(
                {"namespaces": ["team-a"]},
                {"namespaces": ["team-a", "team-b"]},
                [("Reader", "us-south team-a"), ("Reader", "us-south team-b")],
                ["POST policies"],
                id="one more",
            ),
            pytest.param(
                {"namespaces": ["team-a", "team-b"]},
                {},
                [("Reader", "us-south")],
                ["PUT policies", "DELETE policies"],
                id="all",
            ),
        ],
    )
    def test_access_changes_in_place_and_the_token_stays(
        self,
        cloud: LocalCloud,
        run: Run,
        before: dict[str, Any],
        options: dict[str, Any],
        expected: object,
        writes: list[str],
    ) -> None:
        old = run({**CI, **before})
        cloud.requests()
        new = run({**CI, **options})
        assert written(cloud) == writes
        assert (new["changed"], new["token"]) == (True, old["token"])
        assert new["token_id"] == old["token_id"]
        assert grants(cloud) == expected
        assert run({**CI, **options})["changed"] is False

    def test_renewed_when_too_little_time_is_left(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        seed_token(cloud, expires_at=cloud.app.clock.now() + 2 * HOUR + 300)
        (old,) = keys(cloud)
        assert run({**CI, "renew_before": "2h"})["token_id"] == old.id
        cloud.requests()
        new = run({**CI, "renew_before": "3h"})
        assert written(cloud) == ["POST apikeys", "DELETE apikeys"]
        assert [each.id for each in keys(cloud)] == [new["token_id"]]
        assert run({**CI, "renew_before": "3h"})["changed"] is False

    def test_expired_token_is_replaced(self, cloud: LocalCloud, run: Run) -> None:
        seed_token(cloud, expires_at=cloud.app.clock.now() - HOUR)
        (old,) = keys(cloud)
        new = run(CI)
        assert [each.id for each in keys(cloud)] == [new["token_id"]] != [old.id]

    def test_by_id_gives_what_is_there(self, cloud: LocalCloud, run: Run) -> None:
        made = run(CI)
        cloud.requests()
        result = run({"token_id": made["token_id"]})
        assert result == {**made, "changed": False, "invocation": result["invocation"]}
        assert cloud.writes() == []

    def test_tokens_of_other_regions_are_others(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        first = run(CI)
        assert run({**CI, "region": "eu-de"})["changed"] is True
        assert len(service_ids(cloud)) == 2
        assert run(CI)["token"] == first["token"]

    def test_calls_in_the_name_of_an_access_token(
        self, cloud: LocalCloud, run_module: Run
    ) -> None:
        options = {
            **CI,
            "region": REGION,
            "endpoints": cloud.endpoints,
            "iam_token": cloud.owner,
            "validate_certs": False,
        }
        assert run_module(main, options)["changed"] is True

    def test_policies_on_other_services_are_left_alone(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        run(CI)
        other = {
            "service_id": "ci",
            "roles": ["Viewer"],
            "service_name": "iam-identity",
        }
        cloud.seed(policies=[other])
        assert run({**CI, "readwrite": True})["changed"] is True
        assert ("Viewer", "") in grants(cloud)


class TestAbsent:
    @pytest.mark.parametrize("by", ["description", "token_id"])
    def test_removes_everything_of_it_and_nothing_else(
        self, cloud: LocalCloud, run: Run, by: str
    ) -> None:
        made, other = run(CI), run({"description": "other"})
        cloud.requests()
        options = {by: made[by], "state": "absent"}
        result = run(options)
        assert written(cloud) == ["DELETE serviceids"]
        assert (result["changed"], result["token_id"]) == (True, made["token_id"])
        assert result["token"] is None
        assert (service_ids(cloud), keys(cloud), grants(cloud)) == ([], [], [])
        assert is_accepted(cloud, other["token"])
        again = run(options)
        assert (again["changed"], again["token_id"]) == (False, None)

    @pytest.mark.parametrize("check_mode", [False, True])
    def test_policies_on_other_services_are_told_of(
        self, cloud: LocalCloud, run: Run, check_mode: bool
    ) -> None:
        made = run(CI)
        assert "warnings" not in made
        viewer = {"service_id": "ci", "roles": ["Viewer"]}
        cloud.seed(policies=[{**viewer, "service_name": "iam-identity"}])
        result = run({**CI, "state": "absent"}, check_mode=check_mode)
        (warning,) = result["warnings"]
        assert "1 policy that is not on Container Registry" in str(warning)

    def test_one_of_two_by_its_id(self, cloud: LocalCloud, run: Run) -> None:
        key = {"name": "ci", "store_value": True}
        seed_token(cloud, service_id={"api_keys": [key, key]})
        first, second = keys(cloud)
        run({"token_id": first.id, "state": "absent"})
        assert [each.id for each in keys(cloud)] == [second.id]

    @pytest.mark.parametrize("state", ["present", "absent"])
    @pytest.mark.parametrize(
        "description",
        ["by hand", "icr.access.cr_token", "icr.access.cr_token us-south!"],
    )
    def test_a_service_id_that_is_not_marked_is_never_touched(
        self, cloud: LocalCloud, run: Run, state: str, description: str
    ) -> None:
        seed_token(cloud, service_id={"description": description})
        (key,) = keys(cloud)
        cloud.requests()
        by_id = run({"token_id": key.id, "state": state})
        by_name = run({**CI, "state": state})
        assert by_id["failed"] is True
        assert by_name.get("failed", False) is (state == "present")
        assert by_name["changed"] is False if state == "absent" else True
        assert cloud.writes() == []

    def test_a_user_s_key_is_never_touched(self, cloud: LocalCloud, run: Run) -> None:
        (key,) = cloud.keys_of(cloud.owner_iam_id).values()
        cloud.requests()
        result = run({"token_id": key.id, "state": "absent"})
        assert "is not a token" in result["msg"]
        assert cloud.writes() == []

    def test_a_key_that_somebody_added_is_never_touched(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        seed_token(cloud)
        seeded = cloud.seed(api_keys=[{"service_id": "ci", "name": "by hand"}])
        key_id = seeded["api_keys"][0]["id"]
        cloud.requests()
        assert key_id in run({**CI, "state": "absent"})["msg"]
        by_id = run({"token_id": key_id, "state": "absent"})
        assert "is not a token" in by_id["msg"]
        assert cloud.writes() == []

    def test_a_token_of_another_region(self, cloud: LocalCloud, run: Run) -> None:
        made = run(CI)
        options = {"token_id": made["token_id"], "region": "eu-de", "state": "absent"}
        assert "is for region us-south, not eu-de" in run(options)["msg"]
        assert len(keys(cloud)) == 1

    def test_collisions_are_tried_again(self, cloud: LocalCloud, run: Run) -> None:
        run(CI)
        cloud.switch(service_id_delete_conflicts=3)
        cloud.requests()
        assert run({**CI, "state": "absent"})["changed"] is True
        assert written(cloud) == ["DELETE serviceids"] * 4

    def test_collisions_without_end_are_told(self, cloud: LocalCloud, run: Run) -> None:
        run(CI)
        cloud.switch(service_id_delete_conflicts=1000)
        result = run({**CI, "state": "absent"})
        assert "Waited 30 s for service ID" in result["msg"]
        assert result["error"]["status"] == 409


class TestCheckMode:
    @pytest.mark.parametrize(
        ("before", "options"),
        [
            pytest.param(None, CI, id="make"),
            pytest.param({}, {**CI, "non_expiring": True}, id="keep"),
            pytest.param(
                {}, {**CI, "non_expiring": True, "readwrite": True}, id="change access"
            ),
            pytest.param({}, CI, id="replace"),
            pytest.param({"service_id": {"api_keys": []}}, CI, id="go on"),
            pytest.param({}, {**CI, "state": "absent"}, id="remove"),
            pytest.param(None, {**CI, "state": "absent"}, id="absent already"),
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
            seed_token(cloud, **before)
        cloud.requests()
        predicted = run(options, check_mode=True, diff=True)
        asked = cloud.requests()
        done = run(options, diff=True)
        assert {line.split()[0] for line in asked if line != EXCHANGE} <= set(READS)
        assert predicted["changed"] == done["changed"]
        assert predicted["diff"] == done["diff"]
        assert predicted.keys() == done.keys()
        known = {key: value for key, value in predicted.items() if value is not None}
        known.pop("invocation")
        assert {key: done[key] for key in known} == known
        assert done["token"] is None or done["token"] not in str(done["diff"])
        if predicted["token_id"] is None:
            assert predicted["token"] is None
        else:
            assert predicted["token"] == done["token"]


class TestWaiting:
    @pytest.mark.parametrize(
        "switch",
        [
            {"api_key_visibility_seconds": 60},
            {"policy_visibility_seconds": 60},
            {"policy_enforcement_seconds": 60},
            {
                "api_key_visibility_seconds": 30,
                "policy_visibility_seconds": 60,
                "policy_enforcement_seconds": 90,
            },
        ],
        ids=["key", "policy", "enforcement", "all"],
    )
    @pytest.mark.parametrize("namespaces", [None, ["team-b"]], ids=["all", "one"])
    def test_token_works_when_the_task_ends(
        self,
        cloud: LocalCloud,
        run: Run,
        switch: dict[str, int],
        namespaces: list[str] | None,
    ) -> None:
        cloud.switch(**switch)
        began = cloud.app.clock.now()
        options = {**CI, "namespaces": namespaces} if namespaces else CI
        made = run(options)
        assert cloud.app.clock.now() - began >= 60
        assert is_accepted(cloud, made["token"])
        pull = "repository:team-b/icr-access-probe:pull"
        assert cloud.access(made["token"], pull)[0]["actions"] == ["pull"]

    @pytest.mark.parametrize(
        ("switch", "said"),
        [
            ({"api_key_visibility_seconds": 600}, "to be accepted"),
            ({"policy_visibility_seconds": 600}, "the policies of service ID"),
            ({"policy_enforcement_seconds": 600}, "does not permit to pull in team-a"),
        ],
        ids=["key", "policy", "enforcement"],
    )
    def test_time_is_over(
        self, cloud: LocalCloud, run: Run, switch: dict[str, int], said: str
    ) -> None:
        cloud.switch(**switch)
        result = run({**CI, "wait_timeout": "90s"})
        (key,) = keys(cloud)
        assert result["failed"] is True
        assert said in result["msg"]
        assert f"The token {key.id} is there and is kept" in result["msg"]
        assert key.value not in str(result)
        cloud.advance(600)
        later = run(CI)
        assert (later["changed"], later["token"]) == (False, key.value)

    def test_the_next_run_goes_on_waiting(self, cloud: LocalCloud, run: Run) -> None:
        cloud.switch(api_key_visibility_seconds=90)
        assert run({**CI, "wait_timeout": "30s"})["failed"] is True
        (key,) = keys(cloud)
        assert "to be accepted" in run({**CI, "wait_timeout": "30s"})["msg"]
        assert run({**CI, "wait": False})["token"] == key.value
        assert not is_accepted(cloud, key.value)
        for named in (CI, {"token_id": key.id}):
            result = run(named)
            assert (result["changed"], result["token"]) == (False, key.value)
            assert is_accepted(cloud, key.value)

    def test_an_old_token_is_trusted(self, cloud: LocalCloud, run: Run) -> None:
        cloud.switch(api_key_visibility_seconds=6000)
        made = run({**CI, "wait": False})
        make_old(cloud)
        cloud.requests()
        assert run(CI)["token"] == made["token"]
        assert cloud.requests().count(EXCHANGE) == 1

    def test_policy_that_was_not_listed_yet_is_not_left_behind(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        cloud.switch(policy_visibility_seconds=60)
        first = run({**CI, "namespaces": ["team-a"], "wait": False})
        assert "failed" not in first
        second = run({**CI, "namespaces": ["team-b"]})
        assert (second["token"], second["namespaces"]) == (first["token"], ["team-b"])
        assert grants(cloud) == [("Reader", "us-south team-b")]

    def test_policy_that_is_right_although_it_is_not_listed_is_no_change(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        cloud.switch(policy_visibility_seconds=60)
        assert run({**CI, "wait": False})["changed"] is True
        predicted = run(CI, check_mode=True, diff=True)
        assert predicted["changed"] is True
        cloud.requests()
        again = run(CI, diff=True)
        assert written(cloud) == ["POST policies"]  # which is answered by 409
        assert again["changed"] is False
        assert again["diff"]["before"] == again["diff"]["after"]
        assert (again["readwrite"], again["namespaces"]) == (False, None)

    def test_not_asked_for(self, cloud: LocalCloud, run: Run) -> None:
        cloud.switch(api_key_visibility_seconds=600, policy_visibility_seconds=600)
        made = run({**CI, "wait": False})
        assert made["token"] is not None
        assert not is_accepted(cloud, made["token"])

    def test_namespaces_that_do_not_exist_yet_are_not_waited_for(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        began = cloud.app.clock.now()
        assert run({**CI, "namespaces": ["not-yet"]})["changed"] is True
        assert cloud.app.clock.now() - began < 30

    @pytest.mark.parametrize(
        "fault", [{"status": 403, "kind": "text", "body": '{"code": "CRG0020E"}'}]
    )
    def test_whoever_sees_no_namespace_asks_for_the_login_alone(
        self, cloud: LocalCloud, run: Run, fault: dict[str, Any]
    ) -> None:
        cloud.fault(path="/api/v1/namespaces/details", **fault)
        assert run(CI)["changed"] is True
        assert not any("tags/list" in line for line in cloud.requests())

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_a_registry_that_is_busy_is_asked_again(
        self, cloud: LocalCloud, run: Run, status: int
    ) -> None:
        path = "/api/v1/namespaces/details"
        cloud.fault(kind="text", path=path, status=status, body='{"code": "BUSY"}')
        assert run(CI)["changed"] is True
        requests = cloud.requests()
        assert requests.count(f"GET {path}") == 2
        assert any("tags/list" in line for line in requests)

    def test_old_token_works_until_the_new_one_does(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        seed_token(cloud)
        (old,) = keys(cloud)
        cloud.switch(api_key_visibility_seconds=600)
        result = run({**CI, "wait_timeout": "60s"})
        assert result["failed"] is True
        assert is_accepted(cloud, old.value)
        assert len(keys(cloud)) == 2
        cloud.advance(600)
        new = run(CI)
        assert (new["changed"], is_accepted(cloud, new["token"])) == (True, True)
        assert [each.id for each in keys(cloud)] == [new["token_id"]] != [old.id]

    def test_without_waiting_the_old_one_stays_until_a_later_run(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        seed_token(cloud)
        (old,) = keys(cloud)
        cloud.switch(api_key_visibility_seconds=600)
        options = {**CI, "wait": False}
        made = run(options)
        assert old.id in str(made["warnings"])
        assert len(keys(cloud)) == 2
        cloud.advance(600)
        assert run(options)["token"] == made["token"]
        assert [each.id for each in keys(cloud)] == [made["token_id"]]
        assert run(options)["changed"] is False


class TestFailures:
    def test_two_service_ids_of_one_token(self, cloud: LocalCloud, run: Run) -> None:
        ids = sorted(seed_token(cloud)["id"] for _turn in range(2))
        for state in ("present", "absent"):
            assert ", ".join(ids) in run({**CI, "state": state})["msg"]

    def test_disabled_token(self, cloud: LocalCloud, run: Run) -> None:
        seed_token(cloud, disabled=True)
        (key,) = keys(cloud)
        advice = f"icr.access.cr_apikey: {{id: {key.id}, disabled: false}}"
        assert advice in run({**CI, "non_expiring": True})["msg"]
        assert run({**CI, "state": "absent"})["changed"] is True

    def test_value_that_is_not_stored(self, cloud: LocalCloud, run: Run) -> None:
        seed_token(cloud, store_value=False)
        assert "does not tell the value" in run({**CI, "non_expiring": True})["msg"]

    @pytest.mark.parametrize("state", ["present", "absent"])
    def test_locked_service_id(self, cloud: LocalCloud, run: Run, state: str) -> None:
        seed_token(cloud, service_id={"locked": True})
        cloud.requests()
        options = {**CI, "non_expiring": True, "readwrite": True, "state": state}
        assert "locked: false" in run(options)["msg"]
        assert cloud.writes() == []

    @pytest.mark.parametrize("fault", LOST_ANSWERS)
    def test_service_id_of_a_lost_answer_is_found(
        self, cloud: LocalCloud, run: Run, fault: dict[str, Any]
    ) -> None:
        cloud.fault(method="POST", path=SERVICE_IDS, **fault)
        assert run(CI)["changed"] is True
        assert (len(service_ids(cloud)), len(keys(cloud))) == (1, 1)
        assert grants(cloud) == [("Reader", "us-south")]

    def test_service_id_that_is_refused(self, cloud: LocalCloud, run: Run) -> None:
        cloud.fault(method="POST", path=SERVICE_IDS, kind="text", status=403)
        result = run(CI)
        assert result["error"]["status"] == 403
        assert service_ids(cloud) == []

    @pytest.mark.parametrize(
        "fault",
        [*LOST_ANSWERS, pytest.param({"kind": "text", "status": 403}, id="declined")],
    )
    @pytest.mark.parametrize("path", [POLICIES, KEYS])
    def test_a_step_that_fails_is_taken_up_by_the_next_run(
        self, cloud: LocalCloud, run: Run, path: str, fault: dict[str, Any]
    ) -> None:
        cloud.fault(method="POST", path=path, **fault)
        result = run(CI)
        assert result["failed"] is True
        assert "\n" not in result["msg"]
        assert "the next run goes on from there" in result["msg"]
        assert "failed" not in run(CI)
        assert (len(service_ids(cloud)), len(keys(cloud))) == (1, 1)
        assert grants(cloud) == [("Reader", "us-south")]

    def test_old_key_that_cannot_be_removed(self, cloud: LocalCloud, run: Run) -> None:
        seed_token(cloud)
        cloud.fault(kind="text", method="DELETE", path=f"{KEYS}/*", status=500)
        result = run(CI)
        assert "is there in its place. Run this again" in result["msg"]
        assert run(CI)["changed"] is True
        assert len(keys(cloud)) == 1

    def test_identity_without_the_right(self, cloud: LocalCloud, run: Run) -> None:
        nobody = cloud.service_id("nobody")
        result = run({**CI, "api_key": nobody["api_key"]})
        assert result["failed"] is True
        assert result["error"]["status"] == 403

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            pytest.param({}, "description, token_id", id="nothing names the token"),
            pytest.param(
                {**CI, "token_id": "ApiKey-a"}, "mutually exclusive", id="both"
            ),
            pytest.param({"description": " ci"}, "white space", id="white space"),
            pytest.param({**CI, "region": "all"}, "one region", id="all regions"),
            pytest.param({**CI, "region": "mars"}, "no registry region", id="unknown"),
            pytest.param(
                {**CI, "namespaces": []}, "namespaces is empty", id="no namespace"
            ),
            pytest.param({**CI, "namespaces": ["A/b"]}, "'A/b'", id="not a namespace"),
            pytest.param(
                {**CI, "wait_timeout": "2d"}, "a day at most", id="too patient"
            ),
        ],
    )
    def test_options_that_make_no_sense(
        self, cloud: LocalCloud, run: Run, options: dict[str, Any], said: str
    ) -> None:
        result = run(options)
        assert result["failed"] is True
        assert said in result["msg"]
        assert cloud.requests() == []


class TestTwoRunsAtOnce:
    def test_service_id_made_by_another_run_meanwhile(
        self, cloud: LocalCloud, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        create = ServiceIds.create_service_id

        def create_beside_another(calls: ServiceIds, *given: Any) -> Any:
            made = create(calls, *given)
            ids.append(seed_token(cloud, service_id={"api_keys": []})["id"])
            return made

        ids: list[str] = []
        monkeypatch.setattr(ServiceIds, "create_service_id", create_beside_another)
        monkeypatch.setattr(_service_id_change, "sleep", cloud.advance)
        result = run(CI)
        (theirs,) = service_ids(cloud)
        (key,) = keys(cloud)
        assert [theirs.id] == ids
        assert (result["token_id"], key.iam_id) == (key.id, theirs.iam_id)
        assert grants(cloud) == [("Reader", "us-south")]

    def test_key_made_by_another_run_meanwhile(
        self, cloud: LocalCloud, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seed_token(cloud, service_id={"api_keys": []})
        create = Iam.create_api_key
        rivals: list[str] = []

        def create_beside_another(calls: Iam, *given: Any, **more: Any) -> Any:
            made = create(calls, *given, **more)
            entry = {"service_id": "ci", "name": "ci", "store_value": True}
            rivals.append(cloud.seed(api_keys=[entry])["api_keys"][0]["id"])
            return made

        monkeypatch.setattr(Iam, "create_api_key", create_beside_another)
        monkeypatch.setattr(_api_key_change, "sleep", cloud.advance)
        result = run(CI)
        assert rivals[0] in result["msg"]
        assert [each.id for each in keys(cloud)] == rivals

    def test_made_all_the_same_when_nobody_can_say(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        cloud.fault(kind="text", method="GET", path=SERVICE_IDS, status=500, skip=1)
        assert run(CI)["changed"] is True


class TestSecrets:
    def test_value_in_place_of_the_id(self, cloud: LocalCloud, run: Run) -> None:
        value = run(CI)["token"]
        cloud.requests()
        result = run({"token_id": value, "state": "absent"})
        assert "begins with ApiKey-" in result["msg"]
        assert value not in str(result)
        assert cloud.requests() == []

    def test_only_the_documented_key_has_the_token(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        for options in (CI, CI, {**CI, "readwrite": True}, {**CI, "state": "absent"}):
            result = run(options, diff=True)
            token = result.pop("token")
            assert cloud.api_key not in str(result)
            assert token is None or token not in str(result)

    @pytest.mark.parametrize(
        "path", ["/oauth/token", "/identity/token", f"{KEYS}/*"], ids=["1", "2", "3"]
    )
    def test_answer_that_gives_secrets_back_is_not_repeated(
        self, cloud: LocalCloud, run: Run, path: str
    ) -> None:
        seed_token(cloud)
        (key,) = keys(cloud)
        body = f"no: {cloud.api_key} {key.value}"
        cloud.fault(kind="text", path=path, status=400, body=body, skip=1, calls=0)
        result = run({**CI, "non_expiring": True, "readwrite": True})
        assert cloud.api_key not in str(result)
        result.pop("token", None)
        assert key.value not in str(result)


def test_the_mark_is_what_the_documentation_says() -> None:
    assert mark("us-south") == "icr.access.cr_token us-south"
