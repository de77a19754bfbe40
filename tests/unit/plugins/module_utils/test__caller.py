# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import pytest

from ansible_collections.icr.access.plugins.module_utils._caller import Caller
from ansible_collections.icr.access.plugins.module_utils._cloud import CloudSession
from ansible_collections.icr.access.plugins.module_utils._errors import (
    ApiError,
    AuthError,
    BadResponseError,
    InputError,
)
from ansible_collections.icr.access.plugins.module_utils._verdict import Settings
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud

EXCHANGE = "POST /identity/token"
EXPIRED = (
    '{"errors": [{"code": "invalid_access_token", "message": "expired"}], "trace": "t"}'
)


@pytest.fixture
def session() -> CloudSession:
    return CloudSession(Settings(sleep=lambda _seconds: None))


def caller(
    cloud: LocalCloud, session: CloudSession, api_key: str | None = None
) -> Caller:
    return Caller(session, cloud.iam_url, api_key=api_key or cloud.api_key)


def look(cloud: LocalCloud, who: Caller) -> int:
    return who.call("GET", f"{cloud.iam_url}/v1/apikeys", action="Looking").status


class TestExchange:
    def test_nothing_is_sent_before_it_is_needed(
        self, local_cloud: LocalCloud, session: CloudSession
    ) -> None:
        caller(local_cloud, session)
        assert local_cloud.requests() == []

    def test_one_exchange_serves_all_calls(
        self, local_cloud: LocalCloud, session: CloudSession
    ) -> None:
        who = caller(local_cloud, session)
        assert who.iam_id() == local_cloud.owner_iam_id
        assert who.account_id() == local_cloud.account_id
        assert look(local_cloud, who) == look(local_cloud, who) == 200
        calls = ["GET /v1/apikeys"] * 2
        assert local_cloud.requests() == [EXCHANGE, *calls]

    @pytest.mark.parametrize("status", [400, 401, 403])
    def test_refusal_is_about_the_key_whatever_its_status(
        self, local_cloud: LocalCloud, session: CloudSession, status: int
    ) -> None:
        body = '{"errorCode": "BXNIM9999E", "errorMessage": "New."}'
        local_cloud.fault("text", "/identity/token", status=status, body=body)
        with pytest.raises(AuthError, match="Getting an access token") as caught:
            caller(local_cloud, session).iam_id()
        assert (caught.value.status, caught.value.code) == (status, "BXNIM9999E")
        assert "IAM does not take the API key" in str(caught.value)
        assert "iam_token" not in str(caught.value) and "role" not in str(caught.value)

    def test_other_refusal_is_not(
        self, local_cloud: LocalCloud, session: CloudSession
    ) -> None:
        body = '{"errorCode": "BXNIM0060E", "errorMessage": "Method."}'
        local_cloud.fault("text", "/identity/token", status=405, body=body)
        with pytest.raises(ApiError) as caught:
            caller(local_cloud, session).iam_id()
        assert not isinstance(caught.value, AuthError)

    def test_unknown_key_is_told(
        self, local_cloud: LocalCloud, session: CloudSession
    ) -> None:
        with pytest.raises(AuthError, match="mistyped, deleted or expired"):
            caller(local_cloud, session, "k" * 44).iam_id()

    @pytest.mark.parametrize("status", [400, 401])
    def test_disabled_key_is_told(
        self, local_cloud: LocalCloud, session: CloudSession, status: int
    ) -> None:
        local_cloud.switch(disabled_key_status=status)
        made = local_cloud.seed(api_keys=[{"disabled": True}])["api_keys"][0]
        with pytest.raises(AuthError, match="is disabled"):
            caller(local_cloud, session, made["value"]).iam_id()

    def test_expired_key_is_told(
        self, local_cloud: LocalCloud, session: CloudSession
    ) -> None:
        key = {"expires_at": "2020-01-01T00:00+00:00"}
        made = local_cloud.seed(api_keys=[key])["api_keys"][0]
        with pytest.raises(AuthError, match="deleted or expired"):
            caller(local_cloud, session, made["value"]).iam_id()

    @pytest.mark.parametrize(
        "body", ["{}", '{"access_token": 7}', '{"access_token": "opaque"}']
    )
    def test_answer_without_a_token_is_bad(
        self, local_cloud: LocalCloud, session: CloudSession, body: str
    ) -> None:
        local_cloud.fault("text", "/identity/token", status=200, body=body)
        with pytest.raises(BadResponseError, match="without a JSON web token"):
            caller(local_cloud, session).iam_id()

    def test_exchange_is_repeated(
        self, local_cloud: LocalCloud, session: CloudSession
    ) -> None:
        local_cloud.fault("status", "/identity/token", status=503)
        assert caller(local_cloud, session).iam_id() == local_cloud.owner_iam_id
        assert local_cloud.requests() == [EXCHANGE] * 2


class TestRenewal:
    def test_token_that_expired_on_the_way_is_renewed_once(
        self, local_cloud: LocalCloud, session: CloudSession
    ) -> None:
        who = caller(local_cloud, session)
        look(local_cloud, who)
        local_cloud.advance(3601)
        assert look(local_cloud, who) == 200
        listing = "GET /v1/apikeys"
        assert local_cloud.requests() == [EXCHANGE, listing, listing, EXCHANGE, listing]

    def test_second_refusal_is_final(
        self, local_cloud: LocalCloud, session: CloudSession
    ) -> None:
        who = caller(local_cloud, session)
        look(local_cloud, who)
        local_cloud.fault("text", "/v1/apikeys", status=401, body=EXPIRED, calls=0)
        with pytest.raises(AuthError, match="lives an hour"):
            look(local_cloud, who)
        assert local_cloud.requests().count(EXCHANGE) == 2

    def test_token_that_is_fresh_is_not_renewed(
        self, local_cloud: LocalCloud, session: CloudSession
    ) -> None:
        local_cloud.fault("text", "/v1/apikeys", status=401, body=EXPIRED, calls=0)
        with pytest.raises(AuthError):
            look(local_cloud, caller(local_cloud, session))
        assert local_cloud.requests().count(EXCHANGE) == 1

    def test_given_token_cannot_be_renewed(
        self, local_cloud: LocalCloud, session: CloudSession
    ) -> None:
        who = Caller(session, local_cloud.iam_url, iam_token=local_cloud.owner)
        assert look(local_cloud, who) == 200
        local_cloud.advance(3601)
        local_cloud.requests()
        with pytest.raises(AuthError, match="Give api_key, or a fresh iam_token"):
            look(local_cloud, who)
        assert local_cloud.requests() == ["GET /v1/apikeys"]


class TestClaims:
    def test_api_key_given_as_a_token_is_told(
        self, local_cloud: LocalCloud, session: CloudSession
    ) -> None:
        who = Caller(session, local_cloud.iam_url, iam_token="k" * 44)
        with pytest.raises(InputError, match="iam_token is no IAM access token"):
            who.iam_id()

    def test_token_of_nobody_is_told(
        self, local_cloud: LocalCloud, session: CloudSession
    ) -> None:
        who = Caller(session, local_cloud.iam_url, iam_token="eyJhIjoxfQ.eyJhIjoxfQ.x")
        assert who.account_id() is None
        with pytest.raises(BadResponseError, match="does not say whose it is"):
            who.iam_id()


def test_secrets_are_hidden_from_the_beginning(
    local_cloud: LocalCloud, session: CloudSession
) -> None:
    who = caller(local_cloud, session)
    who.iam_id()
    echo = f'{{"errorCode": "X", "errorMessage": "{local_cloud.api_key}"}}'
    local_cloud.fault("text", "/v1/apikeys", status=400, body=echo)
    with pytest.raises(ApiError) as caught:
        look(local_cloud, who)
    assert local_cloud.api_key not in str(caught.value)
    assert "(hidden)" in str(caught.value)
