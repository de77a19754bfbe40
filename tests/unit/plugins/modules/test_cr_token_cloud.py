# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""cr_token from its options to its result, on the local IBM Cloud."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._registry_api import (
    RegistryApi,
)
from ansible_collections.icr.access.plugins.modules.cr_token import main
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import (
    LocalCloud,
)

EXCHANGE = "POST /identity/token"
LIST = "GET /api/v1/tokens"
CREATE = "POST /api/v1/tokens"
CI = {"description": "ci"}
HOUR = 3600

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def cloud(local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> LocalCloud:
    for name in ("IC_API_KEY", "IBMCLOUD_API_KEY", "IC_IAM_TOKEN", "ICR_ENDPOINTS"):
        monkeypatch.delenv(name, raising=False)
    local_cloud.switch(tokens="historical")
    return local_cloud


@pytest.fixture
def run(cloud: LocalCloud, run_module: Run) -> Run:
    """`run(options, check_mode=False, diff=False)` in the region us-south."""

    def run_here(options: dict[str, Any], **mode: bool) -> dict[str, Any]:
        shared = {
            "backend": "registry",
            "region": "us-south",
            "endpoints": cloud.endpoints,
            "api_key": cloud.api_key,
            "retries": 0,
        }
        return run_module(main, {**shared, **options}, **mode)

    return run_here


def read(token_id: str) -> str:
    return f"GET /api/v1/tokens/{token_id}"


def remove(token_id: str) -> str:
    return f"DELETE /api/v1/tokens/{token_id}"


def count(cloud: LocalCloud) -> int:
    return len(cloud.app.state.legacy_tokens)


def ids(cloud: LocalCloud) -> set[str]:
    return {token.id for token in cloud.app.state.legacy_tokens.values()}


def seed(cloud: LocalCloud, **fields: object) -> dict[str, Any]:
    entry = {"region": "us-south", "description": "ci", **fields}
    made: dict[str, Any] = cloud.seed(legacy_tokens=[entry])["legacy_tokens"][0]
    return made


class TestPresent:
    def test_makes_a_read_only_token_for_a_day(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        result = run(CI)
        (stored,) = cloud.app.state.legacy_tokens.values()
        assert cloud.requests() == [EXCHANGE, LIST, CREATE, LIST]
        assert abs(stored.expiry - cloud.app.clock.now() - 24 * HOUR) < 60
        assert {**result, "expires_at": None, "invocation": None} == {
            "changed": True,
            "token_id": stored.id,
            "token": stored.value,
            "username": "token",
            "description": "ci",
            "readwrite": False,
            "namespaces": None,
            "non_expiring": False,
            "expires_at": None,
            "region": "us-south",
            "registry": cloud.endpoints["registry"]["us-south"].split("//")[1],
            "invocation": None,
        }

    def test_repeat_gives_the_same_token(self, cloud: LocalCloud, run: Run) -> None:
        made = run(CI)
        cloud.requests()
        again = run(CI)
        assert again == {**made, "changed": False, "invocation": again["invocation"]}
        assert cloud.requests() == [EXCHANGE, LIST, read(made["token_id"])]

    @pytest.mark.parametrize("readwrite", [False, True])
    @pytest.mark.parametrize("non_expiring", [False, True])
    def test_asks_for_the_access_that_is_wanted(
        self, cloud: LocalCloud, run: Run, readwrite: bool, non_expiring: bool
    ) -> None:
        options = {**CI, "readwrite": readwrite, "non_expiring": non_expiring}
        result = run(options)
        (stored,) = cloud.app.state.legacy_tokens.values()
        assert (stored.readonly, stored.expiry == 0) == (not readwrite, non_expiring)
        assert (result["readwrite"], result["non_expiring"]) == (
            readwrite,
            non_expiring,
        )
        assert (result["expires_at"] is None) is non_expiring
        assert run(options)["changed"] is False

    @pytest.mark.parametrize(
        "options",
        [
            pytest.param({"readwrite": True}, id="readwrite"),
            pytest.param({"non_expiring": True}, id="non_expiring"),
        ],
    )
    def test_other_access_makes_another_token_and_then_removes_the_old_one(
        self, cloud: LocalCloud, run: Run, options: dict[str, Any]
    ) -> None:
        old = run(CI)
        cloud.requests()
        new = run({**CI, **options})
        assert cloud.requests() == [
            EXCHANGE,
            LIST,
            CREATE,
            LIST,
            remove(old["token_id"]),
        ]
        assert new["changed"] is True
        assert new["token_id"] != old["token_id"]
        assert [token.id for token in cloud.app.state.legacy_tokens.values()] == [
            new["token_id"]
        ]
        assert run({**CI, **options})["changed"] is False

    def test_renewed_when_too_little_time_is_left_by_the_registry_s_clock(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        options = {**CI, "renew_before": "2h"}
        old = run(options)
        cloud.advance(22 * HOUR - 60)
        assert run(options)["token_id"] == old["token_id"]
        cloud.advance(120)
        new = run(options)
        assert (new["changed"], new["token_id"] != old["token_id"]) == (True, True)
        assert count(cloud) == 1

    def test_expired_token_is_not_used(self, cloud: LocalCloud, run: Run) -> None:
        old = run(CI)
        cloud.advance(25 * HOUR)
        new = run(CI)
        assert (new["changed"], new["token_id"] != old["token_id"]) == (True, True)

    def test_by_id_gives_what_is_there(self, cloud: LocalCloud, run: Run) -> None:
        made = run(CI)
        result = run({"token_id": made["token_id"]})
        assert result == {**made, "changed": False, "invocation": result["invocation"]}

    def test_tokens_of_other_regions_are_others(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        run(CI)
        assert run({**CI, "region": "eu-de"})["changed"] is True
        assert count(cloud) == 2

    def test_former_name_of_a_region(self, run: Run) -> None:
        assert run({**CI, "region": "uk-south"})["region"] == "eu-gb"


class TestAbsent:
    @pytest.mark.parametrize("by", ["description", "token_id"])
    @pytest.mark.parametrize("status", [200, 204])
    def test_removes_exactly_one_by_its_id(
        self, cloud: LocalCloud, run: Run, by: str, status: int
    ) -> None:
        cloud.switch(token_delete_status=status)
        made, other = run(CI), run({"description": "other"})
        cloud.requests()
        options = {by: made[by], "state": "absent"}
        result = run(options)
        assert cloud.requests() == [EXCHANGE, LIST, remove(made["token_id"])]
        assert result["changed"] is True
        assert (result["token_id"], result["token"]) == (made["token_id"], None)
        assert [token.id for token in cloud.app.state.legacy_tokens.values()] == [
            other["token_id"]
        ]
        again = run(options)
        assert cloud.requests() == [EXCHANGE, LIST]
        assert (again["changed"], again["token_id"]) == (False, None)

    def test_one_of_two_with_the_same_description(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        first, second = seed(cloud), seed(cloud)
        run({"token_id": first["id"], "state": "absent"})
        assert [token.id for token in cloud.app.state.legacy_tokens.values()] == [
            second["id"]
        ]

    def test_needs_no_access_to_agree(self, cloud: LocalCloud, run: Run) -> None:
        run({**CI, "readwrite": True})
        assert run({**CI, "state": "absent"})["changed"] is True
        assert count(cloud) == 0


class TestCheckMode:
    @pytest.mark.parametrize(
        ("before", "options"),
        [
            pytest.param([], CI, id="make"),
            pytest.param([{}], {**CI, "non_expiring": True}, id="keep"),
            pytest.param([{}], CI, id="replace"),
            pytest.param([{}], {**CI, "state": "absent"}, id="remove"),
            pytest.param([], {**CI, "state": "absent"}, id="absent already"),
        ],
    )
    def test_predicts_by_reading_only(
        self,
        cloud: LocalCloud,
        run: Run,
        before: list[dict[str, Any]],
        options: dict[str, Any],
    ) -> None:
        for fields in before:
            seed(cloud, **fields)
        predicted = run(options, check_mode=True, diff=True)
        asked = cloud.requests()
        done = run(options, diff=True)
        assert {entry.split()[0] for entry in asked if entry != EXCHANGE} == {"GET"}
        assert predicted["changed"] == done["changed"]
        assert predicted["diff"] == done["diff"]
        assert predicted.keys() == done.keys()
        known = {key: value for key, value in predicted.items() if value is not None}
        assert {key: done[key] for key in known if key != "invocation"} == {
            key: known[key] for key in known if key != "invocation"
        }
        if done["changed"]:
            assert predicted["token"] is None
        else:
            assert predicted["token"] == done["token"]

    def test_diff_has_no_token_in_it(self, run: Run) -> None:
        made = run(CI, diff=True)
        assert made["token"] not in str(made["diff"])


class TestFailures:
    def test_two_matches(self, cloud: LocalCloud, run: Run) -> None:
        ids = sorted(seed(cloud)["id"] for _turn in range(2))
        result = run(CI)
        assert result["failed"] is True
        assert ", ".join(ids) in result["msg"]
        assert cloud.requests() == [EXCHANGE, LIST]

    @pytest.mark.parametrize("gone_status", [404, 410])
    @pytest.mark.parametrize("state", ["present", "absent"])
    def test_gone_api(
        self, cloud: LocalCloud, run: Run, gone_status: int, state: str
    ) -> None:
        cloud.switch(tokens="modern", gone_status=gone_status)
        result = run({**CI, "state": state})
        assert result["failed"] is True
        assert result["error"]["status"] == gone_status
        for part in (
            "2019-07-01",
            "2021-08-19",
            "backend: iam",
            "cr_login",
            "us-south",
        ):
            assert part in result["msg"]
        assert "\n" not in result["msg"]

    def test_creation_gone_before_the_rest(self, cloud: LocalCloud, run: Run) -> None:
        cloud.fault(kind="html", method="POST", path="/api/v1/tokens", status=410)
        result = run(CI)
        assert "2019-07-01" in result["msg"]
        assert "may have been made" not in result["msg"]

    @pytest.mark.parametrize(
        "fault",
        [
            pytest.param({"kind": "truncate"}, id="cut off"),
            pytest.param({"kind": "reset", "after": True}, id="reset"),
            pytest.param({"kind": "html", "after": True, "status": 200}, id="a page"),
            pytest.param({"kind": "empty", "after": True, "status": 200}, id="empty"),
            pytest.param({"kind": "text", "after": True, "status": 500}, id="500"),
            pytest.param({"kind": "text", "after": True, "status": 408}, id="408"),
            pytest.param(
                {"kind": "text", "status": 200, "after": True, "body": "{}"},
                id="no token",
            ),
            pytest.param(
                {"kind": "text", "status": 200, "body": '{"token": "a.e30.c"}'},
                id="a token without an id",
            ),
        ],
    )
    def test_answer_to_a_create_that_cannot_be_read(
        self, cloud: LocalCloud, run: Run, fault: dict[str, Any]
    ) -> None:
        cloud.fault(method="POST", path="/api/v1/tokens", **fault)
        result = run({**CI, "retries": 3})
        assert result["failed"] is True
        assert "description 'ci' may have been made" in result["msg"]
        assert cloud.requests() == [EXCHANGE, LIST, CREATE]

    @pytest.mark.parametrize("status", [400, 403])
    def test_a_create_that_is_declined_leaves_no_doubt(
        self, cloud: LocalCloud, run: Run, status: int
    ) -> None:
        cloud.fault(kind="text", method="POST", path="/api/v1/tokens", status=status)
        result = run(CI)
        assert result["failed"] is True
        assert "may have been made" not in result["msg"]

    def test_throttled_create_is_repeated(self, cloud: LocalCloud, run: Run) -> None:
        cloud.fault(
            kind="status",
            method="POST",
            path="/api/v1/tokens",
            status=429,
            retry_after=0,
        )
        assert run({**CI, "retries": 1})["changed"] is True
        assert cloud.requests() == [EXCHANGE, LIST, CREATE, CREATE, LIST]
        assert count(cloud) == 1

    def test_old_token_that_cannot_be_removed(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        old = run(CI)
        cloud.fault(kind="text", method="DELETE", path="/api/v1/tokens/*", status=500)
        result = run({**CI, "readwrite": True})
        new = {token.id for token in cloud.app.state.legacy_tokens.values()}
        (new_id,) = new - {old["token_id"]}
        assert result["failed"] is True
        advice = f"(state: absent, token_id: {old['token_id']})"
        assert advice in result["msg"]
        assert new_id in result["msg"]
        again = run({**CI, "readwrite": True})["msg"]
        assert (
            f"Remove what is not as wanted (state: absent, by its token_id): {old['token_id']} "
            in again
        )
        assert f"{new_id} may" not in again

    def test_page_in_answer_to_a_removal(self, cloud: LocalCloud, run: Run) -> None:
        run(CI)
        cloud.fault(kind="html", method="DELETE", path="/api/v1/tokens/*", status=200)
        result = run({**CI, "state": "absent"})
        assert result["failed"] is True
        assert "proxy or portal" in result["msg"]

    def test_token_removed_by_somebody_else_in_between(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        made = run(CI)
        path = f"/api/v1/tokens/{made['token_id']}"
        cloud.fault(kind="text", method="DELETE", path=path, status=404)
        assert run({**CI, "state": "absent"})["changed"] is True
        cloud.fault(kind="text", method="GET", path=path, status=404)
        assert "vanished" in run(CI)["msg"]

    def test_identity_without_the_right(self, cloud: LocalCloud, run: Run) -> None:
        service_id = cloud.service_id()
        result = run({**CI, "api_key": service_id["api_key"]})
        assert result["failed"] is True
        assert result["error"]["status"] == 403

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            pytest.param({}, "description, token_id", id="nothing names the token"),
            pytest.param({**CI, "token_id": "a"}, "mutually exclusive", id="both do"),
            pytest.param({**CI, "region": "all"}, "one region", id="all regions"),
            pytest.param({**CI, "region": "mars"}, "no registry region", id="unknown"),
            pytest.param(
                {**CI, "backend": "cf"}, "value of backend must be", id="no backend"
            ),
            pytest.param(
                {**CI, "iam_token": "eyJ0"}, "mutually exclusive", id="two callers"
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
    @pytest.fixture
    def rivals(
        self, cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
    ) -> list[dict[str, Any]]:
        """To be filled with what others make while we make one."""
        rivals: list[dict[str, Any]] = []
        create = RegistryApi.create_token

        def create_beside_others(api: RegistryApi, *given: Any, **named: Any) -> Any:
            made = create(api, *given, **named)
            for fields in rivals:
                fields.update(seed(cloud, **fields))
            return made

        monkeypatch.setattr(RegistryApi, "create_token", create_beside_others)
        return rivals

    @pytest.mark.parametrize("before", [[], [{"readonly": False}]])
    def test_ours_gives_way(
        self,
        cloud: LocalCloud,
        run: Run,
        rivals: list[dict[str, Any]],
        before: list[dict[str, Any]],
    ) -> None:
        old = [seed(cloud, **fields)["id"] for fields in before]
        rivals.append({})
        result = run(CI)
        assert result["failed"] is True
        assert rivals[0]["id"] in result["msg"]
        assert "run_once: true" in result["msg"]
        assert "was removed again" in result["msg"]
        assert ids(cloud) == {*old, rivals[0]["id"]}

    def test_ours_that_cannot_be_removed_is_named(
        self, cloud: LocalCloud, run: Run, rivals: list[dict[str, Any]]
    ) -> None:
        rivals.append({})
        cloud.fault(kind="text", method="DELETE", path="/api/v1/tokens/*", status=500)
        result = run(CI)
        (ours,) = ids(cloud) - {rivals[0]["id"]}
        assert f"token_id: {ours}" in result["msg"]
        assert result["error"]["status"] == 500

    def test_tokens_of_another_description_do_not_matter(
        self, run: Run, rivals: list[dict[str, Any]]
    ) -> None:
        rivals.append({"description": "other"})
        assert run(CI)["changed"] is True

    def test_made_all_the_same_when_nobody_can_say(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        cloud.fault(
            kind="text", method="GET", path="/api/v1/tokens", status=500, skip=1
        )
        assert run(CI)["changed"] is True


class TestSecrets:
    def test_token_in_place_of_its_id(self, cloud: LocalCloud, run: Run) -> None:
        token = run(CI)["token"]
        cloud.requests()
        result = run({"token_id": token, "state": "absent"})
        assert result["failed"] is True
        assert "the id of the token, not the token" in result["msg"]
        assert token not in str(result)
        assert cloud.requests() == []

    def test_only_the_documented_key_has_the_token(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        for options in (CI, CI, {**CI, "readwrite": True}, {**CI, "state": "absent"}):
            result = run(options, diff=True)
            token = result.pop("token")
            assert cloud.api_key not in str(result)
            assert token is None or token not in str(result)

    def test_answer_that_gives_secrets_back_is_not_repeated(
        self, cloud: LocalCloud, run: Run
    ) -> None:
        made = run(CI)
        body = f"no: {cloud.api_key} {made['token']}"
        path = f"/api/v1/tokens/{made['token_id']}"
        cloud.fault(kind="text", method="GET", path=path, status=500, body=body)
        result = run(CI)
        assert result["failed"] is True
        assert cloud.api_key not in str(result)
