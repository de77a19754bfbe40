# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""/oauth/token and the door of /v2/."""

from __future__ import annotations

import pytest

from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import (
    START,
    Cloud,
    claims_of,
)

SCOPE = "repository:team/app:pull,push"


@pytest.fixture
def team(cloud: Cloud) -> Cloud:
    cloud.seed(
        namespaces=[
            {"region": region, "name": "team"} for region in ("us-south", "global")
        ],
        repositories=[{"region": "us-south", "name": "team/app", "tags": ["1", "2"]}],
    )
    return cloud


class TestChallenge:
    def test_base_has_no_scope(self, cloud: Cloud) -> None:
        answer = cloud.registry("GET", "/v2/")
        assert answer.status == 401
        assert answer.header("WWW-Authenticate") == (
            'Bearer realm="https://us.icr.io/oauth/token",service="registry"'
        )
        assert answer.json()["errors"][0]["code"] == "UNAUTHORIZED"

    def test_resource_has_one(self, cloud: Cloud) -> None:
        answer = cloud.registry("POST", "/v2/team/deep/app/blobs/uploads/")
        assert (answer.header("WWW-Authenticate") or "").endswith(
            'scope="repository:team/deep/app:pull,push"'
        )

    def test_unquoted(self, cloud: Cloud) -> None:
        cloud.switch(challenge_quoting="unquoted")
        answer = cloud.registry("GET", "/v2/team/app/tags/list")
        assert answer.header("WWW-Authenticate") == (
            "Bearer realm=https://us.icr.io/oauth/token, service=registry, "
            "scope=repository:team/app:pull"
        )

    @pytest.mark.parametrize(
        ("forwarded", "scheme"), [("http", "http"), ("https", "https"), ("?", "https")]
    )
    def test_realm_as_the_front_says(
        self, cloud: Cloud, forwarded: str, scheme: str
    ) -> None:
        headers = {"Host": "front.example:8443", "X-Forwarded-Proto": forwarded}
        answer = cloud.registry("GET", "/v2/", headers=headers)
        realm = f'realm="{scheme}://front.example:8443/oauth/token"'
        assert realm in (answer.header("WWW-Authenticate") or "")


class TestPermissions:
    """Which of pull and push each kind of policy gives in us-south and globally."""

    @pytest.mark.parametrize(
        ("policy", "south", "everywhere"),
        [
            pytest.param(None, [], [], id="no-policy"),
            pytest.param({"roles": ["Reader"]}, ["pull"], ["pull"], id="reader"),
            pytest.param(
                {"roles": ["Writer"]}, ["pull", "push"], ["pull", "push"], id="writer"
            ),
            pytest.param(
                {"roles": ["Manager"], "region": "us-south"},
                ["pull", "push"],
                [],
                id="one-region",
            ),
            pytest.param({"roles": ["Reader"], "region": "eu-de"}, [], [], id="other"),
            pytest.param(
                {"roles": ["Reader"], "region": "global"}, [], ["pull"], id="global"
            ),
            pytest.param(
                {"roles": ["Reader"], "namespace": "team"}, ["pull"], ["pull"], id="ns"
            ),
            pytest.param(
                {"roles": ["Reader"], "namespace": "else"}, [], [], id="no-ns"
            ),
            pytest.param({"roles": ["Administrator"]}, [], [], id="platform-role"),
            pytest.param(
                {"roles": ["Manager"], "service_name": "kms"}, [], [], id="service"
            ),
        ],
    )
    def test_from_policy(
        self,
        team: Cloud,
        policy: dict[str, object] | None,
        south: list[str],
        everywhere: list[str],
    ) -> None:
        made = team.service_id(policies=[policy] if policy else [])
        for region, actions in (("us-south", south), ("global", everywhere)):
            expected = (
                [{"type": "repository", "name": "team/app", "actions": actions}]
                if actions
                else []
            )
            assert team.access(made["api_key"], SCOPE, region=region) == expected

    def test_policies_add_up(self, team: Cloud) -> None:
        made = team.service_id(
            policies=[
                {"roles": ["Reader"], "region": "us-south"},
                {"roles": ["Writer"], "namespace": "team"},
            ]
        )
        assert team.access(made["api_key"], SCOPE)[0]["actions"] == ["pull", "push"]

    def test_owner_has_everything_in_the_own_account_only(self, team: Cloud) -> None:
        other = team.seed(accounts=[{"name": "other"}])["accounts"][0]
        everything = "repository:team/app:*"
        assert team.access(team.api_key, everything)[0]["actions"] == ["*"]
        assert team.access(other["api_key"], everything) == []

    def test_several_scopes_in_both_spellings(self, team: Cloud) -> None:
        scopes = ("repository:team/a:pull repository:team/b:push", "registry:catalog:*")
        granted = team.access(team.api_key, *scopes)
        assert [item["name"] for item in granted] == ["team/a", "team/b"]

    def test_namespace_that_is_not_there(self, team: Cloud) -> None:
        assert team.access(team.api_key, "repository:nowhere/app:pull") == []


class TestLogins:
    def test_user_names(self, team: Cloud) -> None:
        made = team.service_id(policies=[{"roles": ["Reader"]}])
        refresh = team.exchange(team.api_key, basic=("bx", "bx")).json()
        for user_name, secret, identity in (
            ("iamapikey", made["api_key"], made["iam_id"]),
            ("iambearer", team.token_of(made["api_key"]), made["iam_id"]),
            ("iamrefresh", refresh["refresh_token"], team.app.state.founder.iam_id),
        ):
            answer = team.login(user_name, secret)
            assert claims_of(answer.json()["token"])["sub"] == identity, user_name

    def test_profile_takes_the_key_of_a_trusted_service_id(self, team: Cloud) -> None:
        trusted, stranger = team.service_id("trusted"), team.service_id("stranger")
        profile = team.seed(
            profiles=[
                {
                    "name": "builder",
                    "service_ids": ["trusted"],
                    "policies": [{"roles": ["Reader"]}],
                }
            ]
        )["profiles"][0]
        answer = team.login(profile["id"], trusted["api_key"], SCOPE)
        claims = claims_of(answer.json()["token"])
        assert (claims["sub"], claims["access"][0]["actions"]) == (
            profile["iam_id"],
            ["pull"],
        )
        assert team.login(profile["id"], stranger["api_key"]).status == 401
        assert team.login(profile["id"], team.api_key).status == 401

    @pytest.mark.parametrize("status", [400, 401])
    @pytest.mark.parametrize("user_name", ["iamapikey", "iambearer", "iamrefresh"])
    def test_bad_secret(self, cloud: Cloud, user_name: str, status: int) -> None:
        cloud.switch(bad_secret_status=status)
        answer = cloud.login(user_name, "wrong")
        assert answer.status == status
        assert answer.json()["errors"][0]["code"] == "UNAUTHORIZED"

    @pytest.mark.parametrize("user_name", ["somebody", "token", "Iamapikey", ""])
    def test_unsupported_user_name(self, cloud: Cloud, user_name: str) -> None:
        answer = cloud.login(user_name, cloud.api_key)
        assert answer.status == 401
        assert answer.json()["errors"][0]["code"] == "UNSUPPORTED"

    def test_deleted_service_id(self, cloud: Cloud) -> None:
        made = cloud.service_id()
        token = cloud.token_of(made["api_key"])
        path = f"/v1/serviceids/{made['id']}"
        assert cloud.iam("DELETE", path, token=cloud.owner).status == 204
        assert cloud.login("iamapikey", made["api_key"]).status == 401
        assert cloud.login("iambearer", token).status == 401

    def test_unreadable_basic(self, cloud: Cloud) -> None:
        answer = cloud.registry(
            "GET", "/oauth/token", headers={"Authorization": "Basic %%%"}
        )
        assert answer.status == 401


class TestAnonymous:
    def test_public_repository(self, cloud: Cloud) -> None:
        cloud.seed(
            repositories=[
                {
                    "region": "us-south",
                    "name": "ibm/tool",
                    "public": True,
                    "tags": ["1"],
                }
            ]
        )
        target = "/oauth/token?service=registry&scope=repository:ibm/tool:pull,push"
        token = cloud.registry("GET", target).json()["token"]
        assert claims_of(token)["access"][0]["actions"] == ["pull"]
        tags = cloud.registry("GET", "/v2/ibm/tool/tags/list", token=token)
        assert tags.json() == {"name": "ibm/tool", "tags": ["1"]}

    @pytest.mark.parametrize("query", ["", "?scope=repository:team/app:pull"])
    def test_nothing_else(self, team: Cloud, query: str) -> None:
        assert team.registry("GET", f"/oauth/token{query}").status == 401


class TestOAuthForm:
    def test_password_and_refresh(self, team: Cloud) -> None:
        team.switch(identity_tokens=True)
        form = {
            "grant_type": "password",
            "username": "iamapikey",
            "password": team.api_key,
            "access_type": "offline",
            "service": "registry",
            "scope": SCOPE,
        }
        first = team.registry("POST", "/oauth/token", form=form).json()
        form = {
            "grant_type": "refresh_token",
            "refresh_token": first["refresh_token"],
            "scope": SCOPE,
        }
        second = team.registry("POST", "/oauth/token", form=form).json()
        assert (
            claims_of(second["token"])["access"] == claims_of(first["token"])["access"]
        )

    def test_no_identity_token_by_default(self, team: Cloud) -> None:
        answer = team.registry(
            "GET", "/oauth/token?offline_token=true", basic=("iamapikey", team.api_key)
        )
        assert "refresh_token" not in answer.json()

    @pytest.mark.parametrize(
        ("form", "status", "code"),
        [
            (
                {"grant_type": "refresh_token", "refresh_token": "?"},
                401,
                "UNAUTHORIZED",
            ),
            ({"grant_type": "other"}, 401, "UNSUPPORTED"),
            (None, 415, "unsupported_content_type"),
        ],
    )
    def test_refusals(
        self, cloud: Cloud, form: dict[str, str] | None, status: int, code: str
    ) -> None:
        answer = cloud.registry("POST", "/oauth/token", form=form)
        assert (answer.status, answer.json()["errors"][0]["code"]) == (status, code)


class TestDoor:
    def token(self, cloud: Cloud, secret: str, scope: str) -> str:
        token: str = cloud.login("iamapikey", secret, scope).json()["token"]
        return token

    def test_any_valid_token_opens_the_base(self, team: Cloud) -> None:
        made = team.service_id()
        token = self.token(team, made["api_key"], "")
        assert team.registry("GET", "/v2/", token=token).status == 200

    def test_too_little_access_is_403_at_the_resource(self, team: Cloud) -> None:
        made = team.service_id(policies=[{"roles": ["Reader"]}])
        token = self.token(team, made["api_key"], SCOPE)
        assert team.registry("GET", "/v2/team/app/tags/list", token=token).status == 200
        answer = team.registry("POST", "/v2/team/app/blobs/uploads/", token=token)
        assert answer.status == 403
        assert (answer.header("WWW-Authenticate") or "").endswith(
            'scope="repository:team/app:pull,push",error="insufficient_scope"'
        )

    def test_empty_repository_is_unknown_by_name(self, team: Cloud) -> None:
        token = self.token(team, team.api_key, "repository:team/none:pull")
        answer = team.registry("GET", "/v2/team/none/tags/list", token=token)
        assert (answer.status, answer.json()["errors"][0]["code"]) == (
            404,
            "NAME_UNKNOWN",
        )

    @pytest.mark.parametrize("spoil", ["expired", "forged", "iam", "audience", "text"])
    def test_tokens_that_do_not_open(self, team: Cloud, spoil: str) -> None:
        token = self.token(team, team.api_key, SCOPE)
        if spoil == "expired":
            team.advance(claims_of(token)["exp"] - START)
        elif spoil == "forged":
            head, middle, _signature = token.split(".")
            token = f"{head}.{middle}.{'A' * 342}"
        elif spoil == "iam":
            token = team.owner
        elif spoil == "audience":
            answer = team.registry(
                "GET", "/oauth/token?service=other", basic=("iamapikey", team.api_key)
            )
            token = answer.json()["token"]
        else:
            token = "no.token.at-all"
        answer = team.registry("GET", "/v2/", token=token)
        assert answer.status == 401
        assert 'error="invalid_token"' in (answer.header("WWW-Authenticate") or "")

    def test_distribution_can_read_the_token(self, team: Cloud) -> None:
        claims = claims_of(self.token(team, team.api_key, SCOPE))
        assert (claims["iss"], claims["aud"]) == ("icr-sandbox", "registry")
        assert isinstance(claims["exp"], int)
        assert len(team.app.registry_key.key_id.split(":")) == 12
