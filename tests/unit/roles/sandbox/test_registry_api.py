# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Namespaces and registry tokens over the wire."""

from __future__ import annotations

import pytest

from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import (
    START,
    Cloud,
    ask,
    claims_of,
)

PATH = "/api/v1/namespaces"


class TestAccountHeader:
    @pytest.mark.parametrize("account", [None, "0" * 32])
    def test_missing_or_another(self, cloud: Cloud, account: str | None) -> None:
        headers = {} if account is None else {"Account": account}
        answer = cloud.registry("GET", PATH, token=cloud.owner, headers=headers)
        assert (answer.status, answer.json()["code"]) == (401, "CRG0009E")
        assert answer.json()["request-id"]

    def test_bad_token(self, cloud: Cloud) -> None:
        headers = {"Account": cloud.account_id}
        answer = cloud.registry("GET", PATH, token="x", headers=headers)
        assert (answer.status, answer.json()["code"]) == (401, "CRG0009E")


class TestNamespaces:
    def test_life(self, cloud: Cloud) -> None:
        assert ask(cloud, "PUT", f"{PATH}/team").status == 201
        again = ask(cloud, "PUT", f"{PATH}/team")
        assert (again.status, again.json()) == (200, {"namespace": "team"})
        assert ask(cloud, "GET", PATH).json() == ["team"]
        details = ask(cloud, "GET", f"{PATH}/details").json()[0]
        assert details["created_date"] == "2027-01-15 08:00:00"
        assert details["crn"].endswith(
            f":us-south:a/{cloud.account_id}::namespace:team"
        )
        assert ask(cloud, "GET", PATH, region="eu-de").json() == []
        assert ask(cloud, "DELETE", f"{PATH}/team").status == 204
        assert ask(cloud, "DELETE", f"{PATH}/team").status == 404

    @pytest.mark.parametrize(
        ("name", "status"),
        [
            ("abcd", 201),
            ("a_b-9", 201),
            ("details", 201),
            ("a" * 30, 201),
            ("abc", 400),
            ("a" * 31, 400),
            ("Team", 400),
            ("-team", 400),
            ("team_", 400),
        ],
    )
    def test_names(self, cloud: Cloud, name: str, status: int) -> None:
        assert ask(cloud, "PUT", f"{PATH}/{name}").status == status

    @pytest.mark.parametrize("status", [403, 409])
    def test_taken_by_another_account(self, cloud: Cloud, status: int) -> None:
        cloud.switch(taken_namespace_status=status)
        other = cloud.seed(accounts=[{}])["accounts"][0]
        cloud.seed(
            namespaces=[
                {"region": "us-south", "name": "team", "account_id": other["id"]}
            ]
        )
        answer = ask(cloud, "PUT", f"{PATH}/team")
        assert (answer.status, answer.json()["code"]) == (status, "CRG0020E")
        assert ask(cloud, "DELETE", f"{PATH}/team").status == 403

    @pytest.mark.parametrize(
        ("policies", "listed", "created"),
        [
            pytest.param([], [], 403, id="none"),
            pytest.param([{"roles": ["Reader"]}], ["other", "team"], 403, id="reader"),
            pytest.param([{"roles": ["Writer"]}], [], 403, id="writer"),
            pytest.param(
                [{"roles": ["Reader"], "namespace": "team"}], ["team"], 403, id="one"
            ),
            pytest.param(
                [{"roles": ["Manager"], "namespace": "team"}],
                ["team"],
                403,
                id="manager",
            ),
            pytest.param(
                [{"roles": ["Manager"]}], ["other", "team"], 201, id="account-manager"
            ),
        ],
    )
    def test_permissions(
        self,
        cloud: Cloud,
        policies: list[dict[str, object]],
        listed: list[str],
        created: int,
    ) -> None:
        cloud.switch(resource_group_check=False)
        cloud.seed(
            namespaces=[
                {"region": "us-south", "name": name} for name in ("team", "other")
            ]
        )
        key = cloud.service_id(policies=policies)["api_key"]
        assert ask(cloud, "GET", PATH, key).json() == listed
        assert ask(cloud, "PUT", f"{PATH}/fresh", key).status == created

    def test_new_one_needs_the_resource_group_too(self, cloud: Cloud) -> None:
        made = cloud.service_id(policies=[{"roles": ["Manager"]}])
        assert ask(cloud, "PUT", f"{PATH}/fresh", made["api_key"]).status == 403
        group = cloud.app.state.founder.resource_group
        values = {
            "accountId": cloud.account_id,
            "resourceType": "resource-group",
            "resource": group,
        }
        policy = {
            "type": "access",
            "subjects": [{"attributes": [{"name": "iam_id", "value": made["iam_id"]}]}],
            "roles": [{"role_id": "crn:v1:bluemix:public:iam::::role:Viewer"}],
            "resources": [
                {
                    "attributes": [
                        {"name": name, "value": value} for name, value in values.items()
                    ]
                }
            ],
        }
        answer = cloud.iam("POST", "/v1/policies", token=cloud.owner, json_body=policy)
        assert answer.status == 201
        assert ask(cloud, "PUT", f"{PATH}/fresh", made["api_key"]).status == 201

    def test_group_is_assigned_once(self, cloud: Cloud) -> None:
        cloud.seed(
            namespaces=[
                {"region": "us-south", "name": "aged", "without_resource_group": True}
            ]
        )
        bad = {"X-Auth-Resource-Group": "none"}
        assert ask(cloud, "PATCH", f"{PATH}/aged", headers=bad).status == 404
        good = {"X-Auth-Resource-Group": cloud.app.state.founder.resource_group}
        assert ask(cloud, "PATCH", f"{PATH}/aged", headers=good).status == 200
        assert ask(cloud, "PATCH", f"{PATH}/aged", headers=good).status == 409

    def test_limit(self, cloud: Cloud) -> None:
        cloud.seed(limits={"namespaces_per_region": 1})
        assert ask(cloud, "PUT", f"{PATH}/one1").status == 201
        assert ask(cloud, "PUT", f"{PATH}/two2").status == 403
        assert ask(cloud, "PUT", f"{PATH}/two2", region="eu-de").status == 201


class TestTokensToday:
    def test_creation_is_gone(self, cloud: Cloud) -> None:
        answer = ask(cloud, "POST", "/api/v1/tokens?description=ci")
        assert (answer.status, answer.json()["code"]) == (410, "CRT0002E")

    @pytest.mark.parametrize("status", [404, 410])
    @pytest.mark.parametrize(
        ("method", "target"),
        [("GET", ""), ("GET", "/x"), ("DELETE", "/x"), ("DELETE", "?secondaryOwner=x")],
    )
    def test_the_rest_too(
        self, cloud: Cloud, method: str, target: str, status: int
    ) -> None:
        cloud.switch(gone_status=status)
        assert ask(cloud, method, f"/api/v1/tokens{target}").status == status


class TestTokensOnce:
    @pytest.fixture(autouse=True)
    def historical(self, cloud: Cloud) -> None:
        cloud.switch(tokens="historical")

    def make(self, cloud: Cloud, query: str = "") -> str:
        answer = ask(cloud, "POST", f"/api/v1/tokens?{query}")
        assert answer.status == 200
        token: str = answer.json()["token"]
        return token

    def test_defaults_and_flags(self, cloud: Cloud) -> None:
        claims = claims_of(self.make(cloud, "description=a"))
        assert claims["exp"] == START + 24 * 3600
        permanent = claims_of(
            self.make(cloud, "description=b&permanent=true&write=true")
        )
        assert "exp" not in permanent
        listed = ask(cloud, "GET", "/api/v1/tokens").json()["tokens"]
        assert [
            (item["secondary_owner"], item.get("readonly"), item.get("expiry"))
            for item in listed
        ] == [("a", True, START + 24 * 3600), ("b", None, None)]
        assert listed[0]["_id"] == claims["jti"]

    def test_login_ignores_policies_but_not_the_region(self, cloud: Cloud) -> None:
        cloud.seed(
            namespaces=[
                {"region": region, "name": "team"} for region in ("us-south", "eu-de")
            ]
        )
        scope = "repository:team/app:pull,push"
        for query, actions in (("", ["pull"]), ("write=true", ["pull", "push"])):
            token = self.make(cloud, query)
            answer = cloud.login("token", token, scope)
            granted = claims_of(answer.json()["token"])["access"]
            assert granted[0]["actions"] == actions
            assert cloud.login("token", token, scope, region="eu-de").status == 401

    def test_expired_ones_vanish(self, cloud: Cloud) -> None:
        token = self.make(cloud)
        cloud.advance(24 * 3600)
        assert cloud.login("token", token).status == 401
        assert ask(cloud, "GET", "/api/v1/tokens").json() == {"tokens": []}

    def test_delete_one_or_all_of_a_description(self, cloud: Cloud) -> None:
        first, second, third = (
            claims_of(self.make(cloud, f"description={name}"))["jti"] for name in "aab"
        )
        assert ask(cloud, "GET", f"/api/v1/tokens/{first}").status == 200
        assert ask(cloud, "DELETE", f"/api/v1/tokens/{first}").status == 200
        assert ask(cloud, "GET", f"/api/v1/tokens/{first}").status == 404
        cloud.switch(token_delete_status=204)
        answer = ask(cloud, "DELETE", "/api/v1/tokens?secondaryOwner=a")
        assert answer.status == 204
        assert ask(cloud, "GET", f"/api/v1/tokens/{second}").status == 404
        assert ask(cloud, "GET", f"/api/v1/tokens/{third}").status == 200

    def test_takes_an_administrator(self, cloud: Cloud) -> None:
        key = cloud.service_id(policies=[{"roles": ["Manager"]}])["api_key"]
        assert ask(cloud, "POST", "/api/v1/tokens", key).status == 403
        boss = cloud.service_id("boss", policies=[{"roles": ["Administrator"]}])
        assert ask(cloud, "POST", "/api/v1/tokens", boss["api_key"]).status == 200
