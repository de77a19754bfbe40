# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""POST /identity/token and what stands around it."""

from __future__ import annotations

import pytest

from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import (
    APIKEY_GRANT,
    START,
    Cloud,
    claims_of,
)

BX = ("bx", "bx")


class TestApiKeyGrant:
    def test_answers_with_a_token_of_an_hour(self, cloud: Cloud) -> None:
        answer = cloud.exchange(cloud.api_key)
        assert answer.status == 200
        body = answer.json()
        assert {name: body[name] for name in body if name != "access_token"} == {
            "refresh_token": "not_supported",
            "token_type": "Bearer",
            "expires_in": 3600,
            "expiration": START + 3600,
            "scope": "ibm openid",
            "ims_user_id": 1000001,
        }
        assert answer.header("Transaction-Id")

    def test_user_claims(self, cloud: Cloud) -> None:
        claims = claims_of(cloud.owner)
        assert claims["iam_id"] == cloud.app.state.founder.iam_id
        assert claims["account"]["bss"] == cloud.account_id
        assert claims["exp"] - claims["iat"] == 3600
        assert claims["iss"] == "https://iam.cloud.ibm.com/identity"
        assert "sub_type" not in claims

    def test_service_id_claims(self, cloud: Cloud) -> None:
        made = cloud.service_id()
        claims = claims_of(cloud.token_of(made["api_key"]))
        assert (claims["sub_type"], claims["iam_id"], claims["sub"]) == (
            "ServiceId",
            made["iam_id"],
            made["id"],
        )
        assert "ims" not in claims["account"]

    def test_key_may_have_any_value(self, cloud: Cloud) -> None:
        value = 'sp ace/"quote"+plus&amp=ü:colon'
        cloud.service_id(api_keys=[{"value": value}])
        assert cloud.exchange(value).status == 200
        assert cloud.login("iamapikey", value).status == 200


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        pytest.param({}, 400, "BXNIM0109E", id="nothing"),
        pytest.param({"grant_type": APIKEY_GRANT}, 400, "BXNIM0109E", id="no-key"),
        pytest.param(
            {"grant_type": APIKEY_GRANT, "apikey": "?"}, 400, "BXNIM0415E", id="unknown"
        ),
        pytest.param({"grant_type": "magic"}, 400, "BXNIM0106E", id="unknown-grant"),
        pytest.param(
            {"grant_type": APIKEY_GRANT, "response_type": "x"},
            400,
            "BXNIM0106E",
            id="response-type",
        ),
        pytest.param(
            {"grant_type": APIKEY_GRANT, "api_key": "x"}, 400, "BXNIM0106E", id="typo"
        ),
        pytest.param({"grant_type": "refresh_token"}, 400, "BXNIM0109E", id="no-token"),
        pytest.param(
            {"grant_type": "refresh_token", "refresh_token": "x"},
            400,
            "BXNIM0407E",
            id="wrong-token",
        ),
    ],
)
def test_refusals(cloud: Cloud, form: dict[str, str], status: int, code: str) -> None:
    answer = cloud.iam("POST", "/identity/token", form=form)
    assert (answer.status, answer.json()["errorCode"]) == (status, code)
    context = answer.json()["context"]
    assert context["requestId"] == answer.header("Transaction-Id")


def test_json_body_is_not_a_form(cloud: Cloud) -> None:
    body = {"grant_type": APIKEY_GRANT, "apikey": cloud.api_key}
    answer = cloud.iam("POST", "/identity/token", json_body=body)
    assert (answer.status, answer.json()["errorCode"]) == (400, "BXNIM0109E")


def test_key_past_its_expiry_is_unknown_and_its_token_lives_on(cloud: Cloud) -> None:
    made = cloud.service_id(api_keys=[{"expires_at": START + 60}])
    token = cloud.token_of(made["api_key"])
    cloud.advance(60)
    assert cloud.exchange(made["api_key"]).json()["errorCode"] == "BXNIM0415E"
    assert cloud.login("iambearer", token).status == 200
    cloud.advance(3600)
    assert cloud.login("iambearer", token).status == 401


@pytest.mark.parametrize("status", [400, 401])
def test_disabled_key(cloud: Cloud, status: int) -> None:
    cloud.switch(disabled_key_status=status)
    made = cloud.service_id(api_keys=[{"disabled": True}])
    answer = cloud.exchange(made["api_key"])
    assert (answer.status, answer.json()["errorCode"]) == (status, "BXNIM0462E")


class TestRefreshGrant:
    def refresh(self, cloud: Cloud, token: str, **more: object) -> tuple[int, str]:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        answer = cloud.iam("POST", "/identity/token", form=form, **more)
        return answer.status, answer.json().get("errorCode", "")

    def test_cli_client_of_a_user(self, cloud: Cloud) -> None:
        token = cloud.exchange(cloud.api_key, basic=BX).json()["refresh_token"]
        assert self.refresh(cloud, token, basic=BX) == (200, "")
        assert self.refresh(cloud, token) == (400, "BXNIM0407E")

    def test_expires_after_72_hours(self, cloud: Cloud) -> None:
        token = cloud.exchange(cloud.api_key, basic=BX).json()["refresh_token"]
        cloud.advance(72 * 3600)
        assert self.refresh(cloud, token, basic=BX) == (400, "BXNIM0408E")

    def test_service_id_gets_none(self, cloud: Cloud) -> None:
        made = cloud.service_id()
        answer = cloud.exchange(made["api_key"], basic=BX).json()
        assert answer["refresh_token"] == "not_supported"

    def test_unknown_client(self, cloud: Cloud) -> None:
        answer = cloud.exchange(cloud.api_key, basic=("bx", "wrong"))
        assert (answer.status, answer.json()["errorCode"]) == (400, "BXNIM0310E")


def test_key_set_and_discovery(cloud: Cloud) -> None:
    keys = cloud.iam("GET", "/identity/keys").json()["keys"]
    assert [key["alg"] for key in keys] == ["RS256"]
    found = cloud.iam("GET", "/identity/.well-known/openid-configuration").json()
    assert found["token_endpoint"] == "https://iam.cloud.ibm.com/identity/token"


def test_unknown_route_and_method(cloud: Cloud) -> None:
    assert cloud.iam("GET", "/identity/other").json()["errorCode"]
    answer = cloud.iam("GET", "/identity/token")
    assert (answer.status, answer.json()["errorCode"]) == (405, "BXNIM0060E")
    assert answer.header("Allow") == "POST"


def test_new_key_is_unknown_for_a_while(cloud: Cloud) -> None:
    cloud.switch(api_key_visibility_seconds=10)
    body = {"name": "new", "iam_id": cloud.app.state.founder.iam_id}
    made = cloud.iam("POST", "/v1/apikeys", token=cloud.owner, json_body=body).json()

    def seen() -> tuple[int, int]:
        login = cloud.login("iamapikey", made["apikey"])
        return cloud.exchange(made["apikey"]).status, login.status

    assert seen() == (400, 401)
    read = cloud.iam("GET", f"/v1/apikeys/{made['id']}", token=cloud.owner)
    assert read.status == 200
    cloud.advance(10)
    assert seen() == (200, 200)
