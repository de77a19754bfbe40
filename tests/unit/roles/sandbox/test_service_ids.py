# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Service IDs over the wire."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import (
    Cloud,
    policy_v2_for,
)
from icr_sandbox.messages import Response


def code_of(answer: Response) -> tuple[int, str]:
    return answer.status, answer.json()["errors"][0]["message_code"]


def create(cloud: Cloud, **more: Any) -> Response:
    headers = more.pop("headers", None)
    body = {"account_id": cloud.account_id, "name": "ci", **more}
    return cloud.iam(
        "POST", "/v1/serviceids/", token=cloud.owner, json_body=body, headers=headers
    )


def path_of(made: dict[str, Any]) -> str:
    return f"/v1/serviceids/{made['id']}"


class TestCreate:
    def test_shape(self, cloud: Cloud) -> None:
        answer = create(cloud, description="d")
        made = answer.json()
        assert answer.header("Etag") == made["entity_tag"]
        assert made["crn"].endswith(f"::serviceid:{made['id']}")
        assert (made["description"], made["locked"]) == ("d", False)
        assert "apikey" not in made

    def test_names_are_not_unique(self, cloud: Cloud) -> None:
        assert create(cloud).json()["id"] != create(cloud).json()["id"]

    @pytest.mark.parametrize(
        "body", [{"name": ""}, {"account_id": None}, {"unknown": 1}], ids=str
    )
    def test_invalid(self, cloud: Cloud, body: dict[str, object]) -> None:
        assert create(cloud, **body).status == 400

    def test_locked_from_the_start(self, cloud: Cloud) -> None:
        made = create(cloud, headers={"Entity-Lock": "true"}).json()
        assert made["locked"]
        assert cloud.iam("DELETE", path_of(made), token=cloud.owner).status == 409

    def test_with_key_inside(self, cloud: Cloud) -> None:
        answer = create(cloud, apikey={"name": "k", "store_value": True})
        made = answer.json()
        assert answer.status == 201
        assert made["iam_id"] == f"iam-{made['id']}"
        assert cloud.exchange(made["apikey"]["apikey"]).status == 200
        again = cloud.iam("GET", f"/v1/serviceids/{made['id']}", token=cloud.owner)
        assert "apikey" not in again.json()

    def test_bad_key_inside_makes_neither(self, cloud: Cloud) -> None:
        assert create(cloud, apikey={"name": "k", "apikey": "x"}).status == 400
        target = f"/v1/serviceids?account_id={cloud.account_id}"
        listed = cloud.iam("GET", target, token=cloud.owner).json()
        assert listed["serviceids"] == []

    def test_key_inside_takes_a_while_too(self, cloud: Cloud) -> None:
        cloud.switch(api_key_visibility_seconds=10)
        value = create(cloud, apikey={"name": "k"}).json()["apikey"]["apikey"]
        assert cloud.exchange(value).status == 400
        cloud.advance(10)
        assert cloud.exchange(value).status == 200


class TestList:
    def test_list_needs_the_account_and_filters_by_name(self, cloud: Cloud) -> None:
        for name in ("ci", "ci", "ci-2"):
            cloud.service_id(name)
        assert code_of(cloud.iam("GET", "/v1/serviceids/", token=cloud.owner))[0] == 400
        target = f"/v1/serviceids/?account_id={cloud.account_id}&name=ci&pagesize=1"
        first = cloud.iam("GET", target, token=cloud.owner).json()
        token = urlsplit(first["next"]).query
        second = cloud.iam("GET", f"/v1/serviceids/?{token}", token=cloud.owner).json()
        names = [item["name"] for item in first["serviceids"] + second["serviceids"]]
        assert names == ["ci", "ci"] and "next" not in second


class TestUpdate:
    @pytest.fixture
    def made(self, cloud: Cloud) -> dict[str, Any]:
        made: dict[str, Any] = create(cloud, description="d").json()
        return made

    def put(self, cloud: Cloud, made: dict[str, Any], tag: str | None) -> Response:
        headers = {} if tag is None else {"If-Match": tag}
        return cloud.iam(
            "PUT",
            path_of(made),
            token=cloud.owner,
            json_body={"name": "n", "description": ""},
            headers=headers,
        )

    @pytest.mark.parametrize("quote", ["", '"'])
    def test_current_tag(self, cloud: Cloud, made: dict[str, Any], quote: str) -> None:
        answer = self.put(cloud, made, f"{quote}{made['entity_tag']}{quote}")
        changed = answer.json()
        assert (answer.status, changed["name"]) == (200, "n")
        assert changed["entity_tag"].startswith("2-")
        assert "description" not in changed

    def test_tag_is_needed(self, cloud: Cloud, made: dict[str, Any]) -> None:
        assert code_of(self.put(cloud, made, None)) == (400, "BXNIM0109E")

    @pytest.mark.parametrize("status", [409, 412])
    def test_stale_tag(self, cloud: Cloud, made: dict[str, Any], status: int) -> None:
        cloud.switch(stale_etag_status=status)
        assert self.put(cloud, made, "*").status == 200
        assert self.put(cloud, made, made["entity_tag"]).status == status


class TestLock:
    def test_lock_and_update(self, cloud: Cloud) -> None:
        made = cloud.service_id()
        path, owner = f"/v1/serviceids/{made['id']}", cloud.owner
        put = {"token": owner, "json_body": {"name": "n"}, "headers": {"If-Match": "*"}}
        assert cloud.iam("PUT", path, **put).json()["name"] == "n"
        assert cloud.iam("POST", f"{path}/lock", token=owner).status == 204
        assert cloud.iam("PUT", path, **put).status == 409
        assert cloud.iam("DELETE", path, token=owner).status == 409

    def test_policies_are_locked_too(self, cloud: Cloud) -> None:
        made = cloud.service_id(policies=[{"roles": ["Reader"], "version": 2}])
        one = f"/v2/policies/{made['policies'][0]['id']}"
        owner, any_tag = cloud.owner, {"If-Match": "*"}
        same = policy_v2_for(cloud, made["iam_id"], "Writer")
        other = policy_v2_for(cloud, made["iam_id"], "Reader", region="eu-de")

        def statuses() -> list[int]:
            return [
                cloud.iam("POST", "/v2/policies", token=owner, json_body=other).status,
                cloud.iam(
                    "PUT", one, token=owner, json_body=same, headers=any_tag
                ).status,
                cloud.iam("DELETE", one, token=owner).status,
            ]

        assert cloud.iam("POST", f"{path_of(made)}/lock", token=owner).status == 204
        assert statuses() == [409, 409, 409]
        assert cloud.iam("GET", one, token=owner).status == 200
        assert cloud.iam("DELETE", f"{path_of(made)}/lock", token=owner).status == 204
        assert statuses() == [201, 200, 204]


class TestDelete:
    def test_delete_takes_keys_and_policies_along(self, cloud: Cloud) -> None:
        made = cloud.service_id(policies=[{"roles": ["Reader"]}])
        cloud.switch(service_id_delete_conflicts=1)
        path, owner = f"/v1/serviceids/{made['id']}", cloud.owner
        assert code_of(cloud.iam("DELETE", path, token=owner)) == (409, "BXNIM0105E")
        assert cloud.iam("DELETE", path, token=owner).status == 204
        assert cloud.exchange(made["api_key"]).status == 400
        policy = f"/v1/policies/{made['policies'][0]['id']}"
        assert cloud.iam("GET", policy, token=owner).json()["state"] == "deleted"
