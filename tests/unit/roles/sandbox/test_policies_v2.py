# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Policies of version 2 over the wire: what is made and what is refused."""

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
)


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
                attribute_v2("region", ["us-south", "mars"], "stringEqualsAnyOf"),
                id="one-of-the-regions",
            ),
            pytest.param(attribute_v2("x", [], "stringMatchAnyOf"), id="none-of"),
            pytest.param(attribute_v2("x", "y", "stringMatchAnyOf"), id="no-list"),
            pytest.param(attribute_v2("x", "true", "stringExists"), id="no-boolean"),
            pytest.param({"key": "x", "operator": "stringExists"}, id="nothing"),
            pytest.param(
                {"name": "region", "operator": "stringEquals", "value": "us-south"},
                id="v1-name",
            ),
        ],
    )
    def test_invalid_resource(
        self, cloud: Cloud, ci: dict[str, Any], attribute: dict[str, object]
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

    @pytest.mark.parametrize(
        ("key", "operator", "value", "given"),
        [
            ("region", "stringEqualsAnyOf", ["us-south", "eu-de"], True),
            ("region", "stringEqualsAnyOf", ["eu-gb", "eu-de"], False),
            ("region", "stringExists", True, True),
            ("region", "stringExists", False, False),
            ("geography", "stringExists", False, True),
            ("serviceType", "stringMatchAnyOf", ["plat*", "ser*"], True),
            ("serviceType", "stringMatchAnyOf", ["plat*"], False),
        ],
    )
    def test_operators(
        self,
        cloud: Cloud,
        ci: dict[str, Any],
        key: str,
        operator: str,
        value: object,
        given: bool,
    ) -> None:
        body = policy_v2_for(cloud, ci["iam_id"], "Reader")
        wanted = attribute_v2(key, value, operator)
        body["resource"]["attributes"].append(wanted)
        made = create(cloud, body)
        assert made.status == 201
        assert made.json()["resource"]["attributes"][-1] == wanted
        assert (actions(cloud, ci["api_key"]) == ["pull"]) == given
