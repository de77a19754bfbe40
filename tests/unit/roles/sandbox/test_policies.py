# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Policies of version 1 over the wire, and what follows from them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import (
    ROLE,
    Cloud,
    policy_for,
)
from icr_sandbox.messages import Response

SCOPE = "repository:team/app:pull"


def code_of(answer: Response) -> tuple[int, str]:
    return answer.status, answer.json()["errors"][0]["code"]


def create(cloud: Cloud, body: dict[str, Any], token: str | None = None) -> Response:
    return cloud.iam("POST", "/v1/policies", token=token or cloud.owner, json_body=body)


@pytest.fixture
def ci(cloud: Cloud) -> dict[str, Any]:
    cloud.seed(namespaces=[{"region": "us-south", "name": "team"}])
    return cloud.service_id()


class TestCreate:
    def test_shape_and_effect(self, cloud: Cloud, ci: dict[str, Any]) -> None:
        body = policy_for(cloud, ci["iam_id"], "Reader", region="us-south")
        assert cloud.access(ci["api_key"], SCOPE) == []
        answer = create(cloud, {**body, "description": "pull"})
        made = answer.json()
        assert answer.status == 201
        assert made["href"].endswith(f"/v1/policies/{made['id']}")
        assert (made["state"], made["description"]) == ("active", "pull")
        assert made["roles"] == [{"role_id": f"{ROLE}Reader", "display_name": "Reader"}]
        assert made["created_at"].endswith(".000Z")
        assert cloud.access(ci["api_key"], SCOPE)[0]["actions"] == ["pull"]

    @pytest.mark.parametrize(
        ("given", "shown"),
        [
            ("iam::::serviceRole:Writer", "iam::::serviceRole:Writer"),
            ("container-registry::::serviceRole:Writer", "iam::::serviceRole:Writer"),
            ("iam::::role:Administrator", "iam::::role:Administrator"),
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
        body = policy_for(cloud, ci["iam_id"])
        body["roles"] = [{"role_id": prefix + given}]
        made = create(cloud, body).json()
        assert made["roles"][0]["role_id"] == prefix + shown

    def test_identical_attributes_conflict(
        self, cloud: Cloud, ci: dict[str, Any]
    ) -> None:
        made = create(cloud, policy_for(cloud, ci["iam_id"], "Reader"))
        answer = create(cloud, policy_for(cloud, ci["iam_id"], "Writer"))
        assert code_of(answer) == (409, "policy_conflict_error")
        conflict = answer.json()["errors"][0]["details"]["conflicts_with"]
        assert conflict == {"etag": made.header("ETag"), "policy": made.json()}

    @pytest.mark.parametrize(
        ("spoil", "code"),
        [
            pytest.param({"type": "authorization"}, "invalid_body", id="type"),
            pytest.param({"subjects": []}, "invalid_body", id="no-subject"),
            pytest.param(
                {
                    "subjects": [
                        {"attributes": [{"name": "access_group_id", "value": "x"}]}
                    ]
                },
                "invalid_body",
                id="access-group",
            ),
            pytest.param({"roles": []}, "invalid_body", id="no-role"),
            pytest.param(
                {"roles": [{"role_id": f"{ROLE}Emperor"}]}, "role_not_found", id="role"
            ),
            pytest.param({"control": {}}, "invalid_body", id="v2-field"),
        ],
    )
    def test_invalid_body(
        self, cloud: Cloud, ci: dict[str, Any], spoil: dict[str, object], code: str
    ) -> None:
        body = {**policy_for(cloud, ci["iam_id"], "Reader"), **spoil}
        assert code_of(create(cloud, body)) == (400, code)

    @pytest.mark.parametrize(
        "attributes",
        [
            {"region": "mars-north"},
            {"region": "global"},
            {"resourceType": "namespace"},
            {"resource": "team"},
            {"resource": "x" * 1001, "resourceType": "namespace"},
        ],
        ids="-".join,
    )
    def test_invalid_resource(
        self, cloud: Cloud, ci: dict[str, Any], attributes: dict[str, str]
    ) -> None:
        body = policy_for(cloud, ci["iam_id"], "Reader", **attributes)
        assert code_of(create(cloud, body)) == (400, "invalid_body")

    def test_wildcards(self, cloud: Cloud, ci: dict[str, Any]) -> None:
        body = policy_for(
            cloud, ci["iam_id"], "Reader", resourceType="namespace", resource="te*"
        )
        assert create(cloud, body).status == 201
        assert cloud.access(ci["api_key"], SCOPE) == []
        body["resources"][0]["attributes"][3]["operator"] = "stringMatch"
        assert create(cloud, body).status == 201
        assert cloud.access(ci["api_key"], SCOPE)[0]["actions"] == ["pull"]

    def test_limits(self, cloud: Cloud, ci: dict[str, Any]) -> None:
        cloud.seed(limits={"policies_per_subject": 1})
        assert create(cloud, policy_for(cloud, ci["iam_id"], "Reader")).status == 201
        body = policy_for(cloud, ci["iam_id"], "Reader", region="eu-de")
        assert create(cloud, body).status == 422


class TestWho:
    def test_bad_token(self, cloud: Cloud) -> None:
        target = f"/v1/policies?account_id={cloud.account_id}"
        assert code_of(cloud.iam("GET", target)) == (401, "invalid_token")
        assert code_of(cloud.iam("GET", target, token="x")) == (401, "invalid_token")

    @pytest.mark.parametrize(
        ("role", "status"), [("Manager", 403), ("Editor", 403), ("Administrator", 201)]
    )
    def test_only_administrators_of_the_service_grant(
        self, cloud: Cloud, ci: dict[str, Any], role: str, status: int
    ) -> None:
        boss = cloud.service_id("boss", policies=[{"roles": [role]}])
        body = policy_for(cloud, ci["iam_id"], "Reader")
        assert create(cloud, body, cloud.token_of(boss["api_key"])).status == status

    def test_other_account(self, cloud: Cloud, ci: dict[str, Any]) -> None:
        other = cloud.seed(accounts=[{}])["accounts"][0]
        body = policy_for(cloud, ci["iam_id"], "Reader")
        answer = create(cloud, body, cloud.token_of(other["api_key"]))
        assert code_of(answer) == (403, "insufficent_permissions")

    def test_locked_service_id(self, cloud: Cloud) -> None:
        made = cloud.service_id(locked=True, policies=[{"roles": ["Reader"]}])
        body = policy_for(cloud, made["iam_id"], "Reader", region="us-south")
        assert create(cloud, body).status == 409
        path = f"/v1/policies/{made['policies'][0]['id']}"
        assert cloud.iam("DELETE", path, token=cloud.owner).status == 409


class TestLife:
    @pytest.fixture
    def made(self, cloud: Cloud, ci: dict[str, Any]) -> Response:
        return create(cloud, policy_for(cloud, ci["iam_id"], "Reader"))

    def path(self, made: Response) -> str:
        return f"/v1/policies/{made.json()['id']}"

    def test_replace(self, cloud: Cloud, ci: dict[str, Any], made: Response) -> None:
        body = policy_for(cloud, ci["iam_id"], "Reader", "Writer")
        put = {"token": cloud.owner, "json_body": body}
        assert cloud.iam("PUT", self.path(made), **put).status == 409
        headers = {"If-Match": made.header("ETag") or ""}
        answer = cloud.iam("PUT", self.path(made), **put, headers=headers)
        assert answer.status == 200
        assert (answer.header("ETag") or "").startswith("2-")
        assert cloud.access(ci["api_key"], "repository:team/app:push") != []
        assert cloud.iam("PUT", self.path(made), **put, headers=headers).status == 409

    def test_delete_and_restore(
        self, cloud: Cloud, ci: dict[str, Any], made: Response
    ) -> None:
        path, owner = self.path(made), cloud.owner
        assert cloud.iam("DELETE", path, token=owner).status == 204
        assert cloud.access(ci["api_key"], SCOPE) == []
        assert cloud.iam("DELETE", path, token=owner).status == 404
        deleted = cloud.iam("GET", path, token=owner)
        assert deleted.json()["state"] == "deleted"
        answer = cloud.iam(
            "PATCH",
            path,
            token=owner,
            json_body={"state": "active"},
            headers={"If-Match": deleted.header("ETag") or ""},
        )
        assert answer.json()["state"] == "active"
        assert cloud.access(ci["api_key"], SCOPE) != []

    def test_unknown(self, cloud: Cloud) -> None:
        answer = cloud.iam("GET", "/v1/policies/none", token=cloud.owner)
        assert code_of(answer) == (404, "policy_not_found")

    def test_visibility_and_enforcement_lag(
        self, cloud: Cloud, ci: dict[str, Any]
    ) -> None:
        cloud.switch(policy_visibility_seconds=10, policy_enforcement_seconds=20)
        path = self.path(create(cloud, policy_for(cloud, ci["iam_id"], "Reader")))
        target = f"/v1/policies?account_id={cloud.account_id}"

        def seen() -> tuple[int, int, bool]:
            listed = cloud.iam("GET", target, token=cloud.owner).json()["policies"]
            status = cloud.iam("GET", path, token=cloud.owner).status
            return status, len(listed), cloud.access(ci["api_key"], SCOPE) != []

        assert seen() == (404, 0, False)
        cloud.advance(10)
        assert seen() == (200, 1, False)
        cloud.advance(10)
        assert seen() == (200, 1, True)


class TestList:
    def test_needs_the_account(self, cloud: Cloud) -> None:
        answer = cloud.iam("GET", "/v1/policies", token=cloud.owner)
        assert code_of(answer) == (400, "missing_required_query_parameter")

    def test_filters_and_pages(self, cloud: Cloud) -> None:
        one = cloud.service_id(
            "one",
            policies=[{"region": name} for name in ("us-south", "eu-de", "jp-tok")],
        )
        cloud.service_id("two", policies=[{"roles": ["Reader"]}])
        target = f"/v1/policies?account_id={cloud.account_id}&iam_id={one['iam_id']}"
        whole = cloud.iam("GET", target, token=cloud.owner).json()
        assert (len(whole["policies"]), set(whole)) == (3, {"policies"})
        first = cloud.iam("GET", f"{target}&limit=2", token=cloud.owner).json()
        start = first["next"]["start"]
        rest = cloud.iam(
            "GET", f"{target}&limit=2&start={start}", token=cloud.owner
        ).json()
        assert first["policies"] + rest["policies"] == whole["policies"]
        assert "next" not in rest and "previous" in rest

    def test_without_rights_only_the_own(self, cloud: Cloud) -> None:
        one = cloud.service_id("one", policies=[{"roles": ["Reader"]}])
        cloud.service_id("two", policies=[{"roles": ["Reader"]}])
        target = f"/v1/policies?account_id={cloud.account_id}"
        listed = cloud.iam("GET", target, token=cloud.token_of(one["api_key"])).json()
        assert [policy["id"] for policy in listed["policies"]] == [
            one["policies"][0]["id"]
        ]
