# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Policies of version 2 over the wire: made, changed, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import (
    ROLE,
    Cloud,
    attribute_v2,
    policy_for,
    policy_v2_for,
)
from ansible_collections.icr.access.tests.unit.roles.sandbox.policy_calls import (
    LIMITED,
    SCOPE,
    actions,
    code_of,
    create,
    path_of,
    replace,
)
from icr_sandbox.messages import Response


@pytest.fixture
def ci(cloud: Cloud) -> dict[str, Any]:
    cloud.seed(namespaces=[{"region": "us-south", "name": "team"}])
    return cloud.service_id()


class TestCreate:
    def test_shape_and_effect(self, cloud: Cloud, ci: dict[str, Any]) -> None:
        body = policy_v2_for(cloud, ci["iam_id"], "Reader", "Writer", **LIMITED)
        answer = create(cloud, {**body, "description": "for CI"})
        made = answer.json()
        assert answer.status == 201
        assert (answer.header("ETag") or "").startswith("1-")
        assert {name: made[name] for name in body} == body
        assert made["href"].endswith(path_of(answer))
        assert (made["state"], made["description"]) == ("active", "for CI")
        assert actions(cloud, ci["api_key"]) == ["pull", "push"]
        read = cloud.iam("GET", path_of(answer), token=cloud.owner)
        assert (read.json(), read.header("ETag")) == (made, answer.header("ETag"))

    @pytest.mark.parametrize(
        ("given", "shown"),
        [
            ("container-registry::::serviceRole:Reader", "iam::::serviceRole:Reader"),
            (
                "container-registry::::serviceRole:Administrator",
                "iam::::role:Administrator",
            ),
        ],
    )
    def test_both_forms_of_role_names(
        self, cloud: Cloud, ci: dict[str, Any], given: str, shown: str
    ) -> None:
        prefix = "crn:v1:bluemix:public:"
        body = policy_v2_for(cloud, ci["iam_id"])
        body["control"]["grant"]["roles"] = [{"role_id": prefix + given}]
        roles = create(cloud, body).json()["control"]["grant"]["roles"]
        assert roles == [{"role_id": prefix + shown}]

    @pytest.mark.parametrize("kind", ["object", "id"])
    @pytest.mark.parametrize("first", [1, 2])
    def test_identical_attributes_conflict(
        self, cloud: Cloud, ci: dict[str, Any], first: int, kind: str
    ) -> None:
        cloud.switch(conflicting_policy=kind)
        body = policy_for if first == 1 else policy_v2_for
        made = cloud.iam(
            "POST",
            f"/v{first}/policies",
            token=cloud.owner,
            json_body=body(cloud, ci["iam_id"], "Reader"),
        )
        answer = create(cloud, policy_v2_for(cloud, ci["iam_id"], "Writer"))
        assert code_of(answer) == (409, "policy_conflict_error")
        conflict = answer.json()["errors"][0]["details"]["conflicts_with"]
        read = cloud.iam("GET", path_of(made), token=cloud.owner).json()
        assert conflict["etag"] == made.header("ETag")
        assert conflict["policy"] == (read if kind == "object" else read["id"])

    @pytest.mark.parametrize(
        ("spoil", "code"),
        [
            pytest.param({"type": "authorization"}, "invalid_body", id="type"),
            pytest.param({"subject": None}, "invalid_body", id="no-subject"),
            pytest.param(
                {"subject": {"attributes": [attribute_v2("access_group_id", "x")]}},
                "invalid_body",
                id="access-group",
            ),
            pytest.param({"control": {}}, "invalid_body", id="no-grant"),
            pytest.param(
                {"control": {"grant": {"roles": []}}}, "invalid_body", id="no-role"
            ),
            pytest.param(
                {"control": {"grant": {"roles": [{"role_id": f"{ROLE}Emperor"}]}}},
                "role_not_found",
                id="role",
            ),
            pytest.param({"rule": {}}, "invalid_body", id="rule"),
            pytest.param({"roles": []}, "invalid_body", id="v1-field"),
        ],
    )
    def test_invalid_body(
        self, cloud: Cloud, ci: dict[str, Any], spoil: dict[str, object], code: str
    ) -> None:
        body = {**policy_v2_for(cloud, ci["iam_id"], "Reader"), **spoil}
        assert code_of(create(cloud, body)) == (400, code)

    @pytest.mark.parametrize(
        "attribute",
        [
            pytest.param({"key": "region", "value": "us-south"}, id="no-operator"),
            pytest.param(attribute_v2("region", "mars-north"), id="region"),
            pytest.param(attribute_v2("region", "global"), id="global"),
            pytest.param(attribute_v2("resource", "team"), id="resource-alone"),
            pytest.param(attribute_v2("resourceType", "namespace"), id="type-alone"),
            pytest.param(attribute_v2("accountId", "x"), id="twice"),
            pytest.param(attribute_v2("region", "x" * 1001), id="long"),
            pytest.param(attribute_v2("region", "us-south", "equals"), id="operator"),
            pytest.param(
                {"name": "region", "operator": "stringEquals", "value": "us-south"},
                id="v1-name",
            ),
        ],
    )
    def test_invalid_resource(
        self, cloud: Cloud, ci: dict[str, Any], attribute: dict[str, str]
    ) -> None:
        body = policy_v2_for(cloud, ci["iam_id"], "Reader")
        body["resource"]["attributes"].append(attribute)
        assert code_of(create(cloud, body)) == (400, "invalid_body")

    @pytest.mark.parametrize("kept", ["accountId", "serviceName"])
    def test_account_and_service_are_needed(
        self, cloud: Cloud, ci: dict[str, Any], kept: str
    ) -> None:
        body = policy_v2_for(cloud, ci["iam_id"], "Reader")
        body["resource"]["attributes"] = [
            item for item in body["resource"]["attributes"] if item["key"] == kept
        ]
        assert code_of(create(cloud, body)) == (400, "invalid_body")

    def test_global_registry_is_a_geography(
        self, cloud: Cloud, ci: dict[str, Any]
    ) -> None:
        cloud.seed(namespaces=[{"region": "global", "name": "team"}])
        body = policy_v2_for(cloud, ci["iam_id"], "Reader", geography="global")
        assert create(cloud, body).status == 201
        assert actions(cloud, ci["api_key"]) == []
        assert cloud.access(ci["api_key"], SCOPE, region="global") != []


class TestReplace:
    @pytest.fixture
    def made(self, cloud: Cloud, ci: dict[str, Any]) -> Response:
        return create(cloud, policy_v2_for(cloud, ci["iam_id"], "Reader", **LIMITED))

    def test_counts_up(self, cloud: Cloud, ci: dict[str, Any], made: Response) -> None:
        body = policy_v2_for(cloud, ci["iam_id"], "Reader", "Writer", **LIMITED)
        answer = replace(cloud, made, body)
        assert answer.status == 200
        assert (answer.header("ETag") or "").startswith("2-")
        assert answer.json()["id"] == made.json()["id"]
        assert actions(cloud, ci["api_key"]) == ["pull", "push"]

    @pytest.mark.parametrize("status", [409, 412])
    def test_stale(
        self, cloud: Cloud, ci: dict[str, Any], made: Response, status: int
    ) -> None:
        cloud.switch(stale_etag_status=status)
        body = policy_v2_for(cloud, ci["iam_id"], "Reader")
        assert replace(cloud, made, body, "1-0").status == status

    def test_onto_another(
        self, cloud: Cloud, ci: dict[str, Any], made: Response
    ) -> None:
        create(cloud, policy_v2_for(cloud, ci["iam_id"], "Reader"))
        answer = replace(cloud, made, policy_v2_for(cloud, ci["iam_id"], "Writer"))
        assert code_of(answer) == (409, "policy_conflict_error")

    def test_the_old_one_stays_in_force_for_a_while(
        self, cloud: Cloud, ci: dict[str, Any], made: Response
    ) -> None:
        cloud.switch(policy_enforcement_seconds=20)
        replace(cloud, made, policy_v2_for(cloud, ci["iam_id"], "Writer"))
        seen = [actions(cloud, ci["api_key"])]
        cloud.advance(20)
        seen.append(actions(cloud, ci["api_key"]))
        assert seen == [["pull"], ["pull", "push"]]

    def test_only_who_may_decide_on_what_it_was_about(
        self, cloud: Cloud, ci: dict[str, Any], made: Response
    ) -> None:
        other = policy_v2_for(
            cloud, ci["iam_id"], "Reader", serviceName="cloud-object-storage"
        )
        of_other = create(cloud, other)
        boss = cloud.service_id("boss", policies=[{"roles": ["Administrator"]}])
        answer = cloud.iam(
            "PUT",
            path_of(of_other),
            token=cloud.token_of(boss["api_key"]),
            json_body=policy_v2_for(cloud, ci["iam_id"], "Manager"),
            headers={"If-Match": "*"},
        )
        assert code_of(answer) == (403, "insufficent_permissions")


class TestDelete:
    def test_softly(self, cloud: Cloud, ci: dict[str, Any]) -> None:
        made = create(cloud, policy_v2_for(cloud, ci["iam_id"], "Reader"))
        path = path_of(made)
        statuses = [
            cloud.iam("DELETE", path, token=cloud.owner).status for _turn in range(2)
        ]
        assert statuses == [204, 404]
        assert cloud.access(ci["api_key"], SCOPE) == []
        read = cloud.iam("GET", path, token=cloud.owner)
        assert read.json()["state"] == "deleted"
        target = f"/v2/policies?account_id={cloud.account_id}"
        for state, found in (("", 0), ("&state=deleted", 1)):
            listed = cloud.iam("GET", target + state, token=cloud.owner).json()
            assert len(listed["policies"]) == found

    def test_there_is_no_way_back(self, cloud: Cloud, ci: dict[str, Any]) -> None:
        made = create(cloud, policy_v2_for(cloud, ci["iam_id"], "Reader"))
        answer = cloud.iam("PATCH", path_of(made), token=cloud.owner, json_body={})
        assert code_of(answer) == (405, "request_not_processed")


def test_delays_cover_reading_listing_and_changing(
    cloud: Cloud, ci: dict[str, Any]
) -> None:
    cloud.switch(policy_visibility_seconds=10, policy_enforcement_seconds=20)
    body = policy_v2_for(cloud, ci["iam_id"], "Reader")
    made = create(cloud, body)
    target = f"/v2/policies?account_id={cloud.account_id}"

    def seen() -> tuple[int, int, int, int]:
        return (
            cloud.iam("GET", path_of(made), token=cloud.owner).status,
            len(cloud.iam("GET", target, token=cloud.owner).json()["policies"]),
            replace(cloud, made, body, "1-0").status,
            len(cloud.access(ci["api_key"], SCOPE)),
        )

    assert (made.status, seen()) == (201, (404, 0, 404, 0))
    assert create(cloud, body).status == 409
    cloud.advance(10)
    assert seen() == (200, 1, 409, 0)
    cloud.advance(10)
    assert seen() == (200, 1, 409, 1)


def test_clock_set_back_takes_nothing_away(cloud: Cloud, ci: dict[str, Any]) -> None:
    made = create(cloud, policy_v2_for(cloud, ci["iam_id"], "Reader"))
    cloud.advance(-3600)
    assert cloud.iam("GET", path_of(made), token=cloud.owner).status == 200
    assert actions(cloud, ci["api_key"]) == ["pull"]
