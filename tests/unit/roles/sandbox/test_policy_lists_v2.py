# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Lists of policies and roles in version 2, and what one version sees of the other."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import (
    ROLE,
    Cloud,
    policy_for,
    policy_v2_for,
)
from ansible_collections.icr.access.tests.unit.roles.sandbox.policy_calls import (
    LIMITED,
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


class TestList:
    def list_of(self, cloud: Cloud, query: str = "", version: int = 2) -> Response:
        target = f"/v{version}/policies?account_id={cloud.account_id}{query}"
        return cloud.iam("GET", target, token=cloud.owner)

    def test_needs_the_account(self, cloud: Cloud) -> None:
        answer = cloud.iam("GET", "/v2/policies", token=cloud.owner)
        assert code_of(answer) == (400, "missing_required_query_parameter")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", 3),
            ("&iam_id={iam_id}", 2),
            ("&iam_id={iam_id}&service_name=container-registry", 1),
            ("&service_name=cloud-object-storage", 1),
            ("&service_group_id=IAM", 0),
            ("&access_group_id=x", 0),
            ("&type=access", 3),
            ("&type=authorization", 0),
            ("&format=include_last_permit", 3),
        ],
    )
    def test_filters(
        self, cloud: Cloud, ci: dict[str, Any], query: str, found: int
    ) -> None:
        other = cloud.service_id("other")
        create(cloud, policy_v2_for(cloud, ci["iam_id"], "Reader"))
        create(cloud, policy_v2_for(cloud, other["iam_id"], "Reader"))
        body = policy_v2_for(
            cloud, ci["iam_id"], "Reader", serviceName="cloud-object-storage"
        )
        create(cloud, body)
        answer = self.list_of(cloud, query.format(**ci))
        assert len(answer.json()["policies"]) == found

    @pytest.mark.parametrize(
        "query", ["&tag_name=x", "&unknown=x", "&format=x", "&sort=x", "&limit=0"]
    )
    def test_invalid_query(self, cloud: Cloud, ci: dict[str, Any], query: str) -> None:
        assert code_of(self.list_of(cloud, query)) == (400, "invalid_body")

    def test_pages(self, cloud: Cloud, ci: dict[str, Any]) -> None:
        for region in ("us-south", "eu-de", "jp-tok"):
            create(cloud, policy_v2_for(cloud, ci["iam_id"], "Reader", region=region))
        whole = self.list_of(cloud).json()
        first = self.list_of(cloud, "&limit=2").json()
        assert first["next"]["href"].partition("?")[0].endswith("/v2/policies")
        start = first["next"]["start"]
        rest = self.list_of(cloud, f"&limit=2&start={start}").json()
        assert first["policies"] + rest["policies"] == whole["policies"]
        assert "next" not in rest and rest["previous"]["start"] == "0"

    def test_display_names_the_actions_of_roles(
        self, cloud: Cloud, ci: dict[str, Any]
    ) -> None:
        create(cloud, policy_v2_for(cloud, ci["iam_id"], "Reader"))
        (policy,) = self.list_of(cloud, "&format=display").json()["policies"]
        (role,) = policy["control"]["grant"]["roles"]
        assert (role["role_id"], role["display_name"]) == (f"{ROLE}Reader", "Reader")
        assert "container-registry.image.pull" in [
            action["id"] for action in role["actions"]
        ]


class TestBothVersions:
    def test_version_1_sees_placeholders(
        self, cloud: Cloud, ci: dict[str, Any]
    ) -> None:
        made = create(cloud, policy_v2_for(cloud, ci["iam_id"], "Reader", **LIMITED))
        target = f"/v1/policies?account_id={cloud.account_id}&iam_id={ci['iam_id']}"
        (shown,) = cloud.iam("GET", target, token=cloud.owner).json()["policies"]
        assert shown["href"].endswith(path_of(made))
        assert shown["subjects"][0]["attributes"][0]["value"] == "unsupported version"
        assert [role["role_id"] for role in shown["roles"]] == [
            "crn:v1:bluemix:public:iam::::role:UnsupportedVersion"
        ]

    def test_version_2_sees_version_1_converted(
        self, cloud: Cloud, ci: dict[str, Any]
    ) -> None:
        body = policy_for(cloud, ci["iam_id"], "Reader", **LIMITED)
        made = cloud.iam("POST", "/v1/policies", token=cloud.owner, json_body=body)
        shown = cloud.iam("GET", path_of(made), token=cloud.owner).json()
        wanted = policy_v2_for(cloud, ci["iam_id"], "Reader", **LIMITED)
        assert {name: shown[name] for name in wanted} == wanted
        assert shown["href"].endswith(path_of(made, 1))

    def test_changing_only_goes_forward(self, cloud: Cloud, ci: dict[str, Any]) -> None:
        old = policy_for(cloud, ci["iam_id"], "Reader")
        made = cloud.iam("POST", "/v1/policies", token=cloud.owner, json_body=old)
        new = policy_v2_for(cloud, ci["iam_id"], "Writer")
        assert replace(cloud, made, new).json()["href"].endswith(path_of(made))
        back = cloud.iam(
            "PUT",
            path_of(made, 1),
            token=cloud.owner,
            json_body=old,
            headers={"If-Match": "*"},
        )
        assert code_of(back) == (400, "invalid_body")
        assert actions(cloud, ci["api_key"]) == ["pull", "push"]


class TestRoles:
    def roles(self, cloud: Cloud, query: str) -> Any:
        return cloud.iam("GET", f"/v2/roles{query}", token=cloud.owner).json()

    def test_of_the_registry(self, cloud: Cloud) -> None:
        query = f"?account_id={cloud.account_id}&service_name=container-registry"
        roles = self.roles(cloud, query)
        assert roles["custom_roles"] == []
        assert [role["crn"] for role in roles["service_roles"]] == [
            f"{ROLE}Reader",
            f"{ROLE}Writer",
            f"{ROLE}Manager",
        ]
        writer = roles["service_roles"][1]
        assert "container-registry.image.push" in writer["actions"]
        assert "container-registry.namespace.list" not in writer["actions"]
        assert len(roles["system_roles"]) == 4

    def test_of_another_service(self, cloud: Cloud) -> None:
        assert self.roles(cloud, "?service_name=kms")["service_roles"] == []

    def test_refusals(self, cloud: Cloud) -> None:
        answer = cloud.iam("GET", "/v2/roles")
        assert code_of(answer) == (401, "invalid_token")
        answer = cloud.iam("GET", "/v2/roles?x=y", token=cloud.owner)
        assert code_of(answer) == (400, "invalid_body")
