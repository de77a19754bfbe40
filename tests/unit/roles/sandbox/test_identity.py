# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""API keys over the wire, and who may see and change identities."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import START, Cloud
from icr_sandbox.messages import Response


def code_of(answer: Response) -> tuple[int, str]:
    return answer.status, answer.json()["errors"][0]["message_code"]


def new_key(cloud: Cloud, iam_id: str, **more: object) -> Response:
    headers = more.pop("headers", None)
    body = {"name": "key", "iam_id": iam_id, **more}
    return cloud.iam(
        "POST", "/v1/apikeys", token=cloud.owner, json_body=body, headers=headers
    )


class TestCreateKey:
    def test_shape(self, cloud: Cloud) -> None:
        made = cloud.service_id()
        answer = new_key(cloud, made["iam_id"], expires_at="2030-01-02T03:04+0000")
        assert answer.status == 201
        key = answer.json()
        assert answer.header("Etag") == key["entity_tag"]
        assert re.fullmatch(r"1-[0-9a-f]{32}", key["entity_tag"])
        assert re.fullmatch(r"[A-Za-z0-9_-]{44}", key["apikey"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d\+0000", key["created_at"])
        assert key["expires_at"] == "2030-01-02T03:04+0000"
        assert key["crn"].endswith(f"::apikey:{key['id']}")
        assert "description" not in key
        assert cloud.exchange(key["apikey"]).status == 200

    def test_value_is_shown_once_unless_stored(self, cloud: Cloud) -> None:
        made = cloud.service_id()
        for stored in (False, True):
            key = new_key(cloud, made["iam_id"], store_value=stored).json()
            again = cloud.iam(
                "GET", f"/v1/apikeys/{key['id']}", token=cloud.owner
            ).json()
            assert again.get("apikey") == (key["apikey"] if stored else None)

    @pytest.mark.parametrize(
        "body",
        [
            {"name": ""},
            {"iam_id": "iam-ServiceId-unknown"},
            {"store_value": True},
            {"apikey": "short"},
            {"expires_at": "2030-01-02T03:04:05Z"},
            {"expires_at": "2020-01-02T03:04+0000"},
            {"action_when_leaked": "DELETE"},
            {"account_id": "0" * 32},
            {"unknown_field": 1},
            {"description": 5},
        ],
        ids=lambda body: next(iter(body)),
    )
    def test_invalid(self, cloud: Cloud, body: dict[str, object]) -> None:
        founder = cloud.app.state.founder
        answer = cloud.iam(
            "POST",
            "/v1/apikeys",
            token=cloud.owner,
            json_body={"name": "key", "iam_id": founder.iam_id, **body},
        )
        assert answer.status == 400
        assert answer.json()["errors"][0]["message_code"] in (
            "BXNIM0106E",
            "BXNIM0109E",
        )

    def test_twenty_per_identity(self, cloud: Cloud) -> None:
        iam_id = cloud.app.state.founder.iam_id
        for _number in range(19):
            assert new_key(cloud, iam_id).status == 201
        assert new_key(cloud, iam_id).status == 409
        cloud.switch(key_limit_status=422)
        assert new_key(cloud, iam_id).status == 422
        cloud.seed(limits={"api_keys_per_identity": 21})
        assert new_key(cloud, iam_id).status == 201

    def test_own_value_is_unique(self, cloud: Cloud) -> None:
        iam_id = cloud.app.state.founder.iam_id
        assert new_key(cloud, iam_id, apikey="v" * 32).status == 201
        assert new_key(cloud, iam_id, apikey="v" * 32).status == 409

    def test_wrong_content_type(self, cloud: Cloud) -> None:
        answer = cloud.iam("POST", "/v1/apikeys", token=cloud.owner, body=b"{}")
        assert answer.status == 415


class TestListKeys:
    def pages(self, cloud: Cloud, target: str) -> list[list[str]]:
        """Names by page, following `next` to the end."""
        pages = []
        while target:
            answer = cloud.iam("GET", target, token=cloud.owner).json()
            pages.append([key["name"] for key in answer["apikeys"]])
            parts = urlsplit(answer.get("next", ""))
            target = f"{parts.path}?{parts.query}" if parts.path else ""
        return pages

    def test_paging_keeps_filters(self, cloud: Cloud) -> None:
        made = cloud.service_id(api_keys=[{"name": name} for name in "abcde"])
        query = (
            f"iam_id={made['iam_id']}&type=serviceid&pagesize=2&sort=name&order=desc"
        )
        assert self.pages(cloud, f"/v1/apikeys?{query}") == [
            ["e", "d"],
            ["c", "b"],
            ["a"],
        ]
        cloud.switch(page_limit=4)
        query = query.replace("pagesize=2", "pagesize=100")
        assert self.pages(cloud, f"/v1/apikeys?{query}") == [list("edcb"), ["a"]]

    def test_scope_account(self, cloud: Cloud) -> None:
        cloud.service_id(api_keys=[{"name": "service"}])
        for kind, names in (("user", [["owner"]]), ("serviceid", [["service"]])):
            target = f"/v1/apikeys?scope=account&type={kind}"
            assert self.pages(cloud, target) == names

    def test_foreign_user(self, cloud: Cloud) -> None:
        user = cloud.seed(users=[{}])["users"][0]
        answer = cloud.iam(
            "GET", f"/v1/apikeys?iam_id={user['iam_id']}", token=cloud.owner
        )
        assert code_of(answer) == (400, "BXNIM0106E")

    @pytest.mark.parametrize(
        "query", ["pagesize=0", "pagesize=101", "pagetoken=x", "sort=id", "nope=1"]
    )
    def test_invalid(self, cloud: Cloud, query: str) -> None:
        answer = cloud.iam("GET", f"/v1/apikeys?{query}", token=cloud.owner)
        assert answer.status == 400

    def test_service_id_sees_its_own_only(self, cloud: Cloud) -> None:
        one, two = cloud.service_id("one"), cloud.service_id("two")
        token = cloud.token_of(one["api_key"])
        own = cloud.iam("GET", "/v1/apikeys?type=serviceid", token=token).json()
        assert [key["iam_id"] for key in own["apikeys"]] == [one["iam_id"]]
        target = f"/v1/apikeys?type=serviceid&iam_id={two['iam_id']}"
        assert code_of(cloud.iam("GET", target, token=token)) == (403, "BXNIM0513E")


class TestChangeKey:
    def test_update_counts_up_and_needs_the_tag(self, cloud: Cloud) -> None:
        key = new_key(cloud, cloud.service_id()["iam_id"], description="old").json()
        path, owner = f"/v1/apikeys/{key['id']}", cloud.owner
        put = {"token": owner, "json_body": {"name": "new"}}
        assert cloud.iam("PUT", path, **put).status == 400
        stale = {"If-Match": f"1-{'0' * 32}"}
        assert cloud.iam("PUT", path, **put, headers=stale).status == 409
        cloud.switch(stale_etag_status=412)
        assert cloud.iam("PUT", path, **put, headers=stale).status == 412
        answer = cloud.iam("PUT", path, **put, headers={"If-Match": key["entity_tag"]})
        changed = answer.json()
        assert (changed["name"], changed["description"]) == ("new", "old")
        assert changed["entity_tag"].startswith("2-")
        any_tag = {"If-Match": "*"}
        body = {"description": ""}
        answer = cloud.iam("PUT", path, token=owner, json_body=body, headers=any_tag)
        assert "description" not in answer.json()

    def test_lock_stops_every_change_but_unlocking(self, cloud: Cloud) -> None:
        key = new_key(
            cloud, cloud.service_id()["iam_id"], headers={"Entity-Lock": "true"}
        ).json()
        path, owner = f"/v1/apikeys/{key['id']}", cloud.owner
        assert cloud.iam("DELETE", path, token=owner).status == 409
        assert cloud.iam("POST", f"{path}/disable", token=owner).status == 409
        assert cloud.iam("DELETE", f"{path}/lock", token=owner).status == 204
        assert cloud.iam("DELETE", path, token=owner).status == 204
        assert code_of(cloud.iam("GET", path, token=owner)) == (404, "BXNIM0102E")

    def test_disable_and_enable(self, cloud: Cloud) -> None:
        made = cloud.service_id()
        path = f"/v1/apikeys/{made['api_key_id']}/disable"
        assert cloud.iam("POST", path, token=cloud.owner).status == 204
        assert cloud.exchange(made["api_key"]).status == 400
        assert cloud.iam("DELETE", path, token=cloud.owner).status == 204
        assert cloud.exchange(made["api_key"]).status == 200

    def test_details_by_value(self, cloud: Cloud) -> None:
        made = cloud.service_id()
        headers = {"IAM-ApiKey": made["api_key"]}
        answer = cloud.iam(
            "GET", "/v1/apikeys/details", token=cloud.owner, headers=headers
        )
        assert answer.json()["id"] == made["api_key_id"]
        assert "apikey" not in answer.json()
        headers = {"IAM-ApiKey": "unknown"}
        answer = cloud.iam(
            "GET", "/v1/apikeys/details", token=cloud.owner, headers=headers
        )
        assert answer.status == 404
        assert b"unknown" not in answer.body

    def test_history_and_activity_on_request(self, cloud: Cloud) -> None:
        made = cloud.service_id()
        cloud.exchange(made["api_key"])
        path = f"/v1/apikeys/{made['api_key_id']}"
        plain = cloud.iam("GET", path, token=cloud.owner).json()
        assert "history" not in plain and "activity" not in plain
        query = "?include_history=true&include_activity=true"
        full = cloud.iam("GET", path + query, token=cloud.owner).json()
        assert [event["action"] for event in full["history"]] == ["create"]
        assert full["activity"]["authn_count"] == 1

    def test_gone_90_days_after_expiry_even_when_locked(self, cloud: Cloud) -> None:
        made = cloud.service_id(
            api_keys=[{"expires_at": START + 60, "locked": True}], policies=[]
        )
        path = f"/v1/apikeys/{made['api_key_id']}"
        cloud.advance(90 * 86400)
        assert cloud.iam("GET", path, token=cloud.owner).status == 200
        cloud.advance(120)
        assert cloud.iam("GET", path, token=cloud.owner).status == 404


class TestWho:
    @pytest.mark.parametrize("path", ["/v1/apikeys", "/v1/serviceids/"])
    def test_no_and_bad_tokens(self, cloud: Cloud, path: str) -> None:
        assert code_of(cloud.iam("GET", path)) == (401, "BXNIM0308E")
        answer = cloud.iam("GET", path, token="bad")
        assert answer.status == 401
        assert answer.json()["errors"][0]["code"] == "invalid_access_token"

    @pytest.mark.parametrize(
        ("role", "status"), [("Viewer", 403), ("Operator", 201), ("Editor", 201)]
    )
    def test_platform_roles(self, cloud: Cloud, role: str, status: int) -> None:
        policy = {"roles": [role], "service_name": "iam-identity"}
        made = cloud.service_id(policies=[policy])
        answer = cloud.iam(
            "POST",
            "/v1/serviceids/",
            token=cloud.token_of(made["api_key"]),
            json_body={"account_id": cloud.account_id, "name": "x"},
        )
        assert answer.status == status
