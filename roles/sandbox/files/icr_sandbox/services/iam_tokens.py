# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The IAM token service: API keys and refresh tokens into access tokens.

Source: https://cloud.ibm.com/apidocs/iam-identity-token-api
"""

from __future__ import annotations

import base64
import binascii

from icr_sandbox import wire_errors
from icr_sandbox.access_tokens import ISSUER, LIFETIME, AccessTokens
from icr_sandbox.messages import Call, Request, Response, json_response
from icr_sandbox.records import ApiKey, Identity, RefreshToken, User
from icr_sandbox.routing import Routes
from icr_sandbox.state import State

APIKEY_GRANT = "urn:ibm:params:oauth:grant-type:apikey"
REFRESH_GRANT = "refresh_token"
_REFRESH_LIFETIME = 72 * 3600
_ANONYMOUS_CLIENT = "default"
_CLI_CLIENT = "bx"
_CLIENT_SECRETS = {_CLI_CLIENT: "bx"}
_NO_REFRESH = "not_supported"
_FIELDS = {
    "grant_type",
    "response_type",
    "apikey",
    "refresh_token",
    "scope",
    "account",
    "bss_account",
    "ims_account",
}


class IamTokens:
    """POST /identity/token, the key set and the discovery document."""

    def __init__(self, state: State, tokens: AccessTokens) -> None:
        self._state = state
        self._tokens = tokens

    def add_routes(self, routes: Routes) -> None:
        routes.add("iam", "POST", "/identity/token", self.token)
        routes.add("iam", "GET", "/identity/keys", self.keys)
        routes.add(
            "iam", "GET", "/identity/.well-known/openid-configuration", self.discovery
        )

    def keys(self, call: Call) -> Response:
        """The public keys of access tokens [documented]."""
        return json_response(200, {"keys": [self._tokens.key.as_jwk()]})

    def discovery(self, call: Call) -> Response:
        """Where the token service is, under the name by which it was asked [observed]."""
        base = f"{call.request.base_url()}/identity"
        return json_response(
            200,
            {
                "issuer": ISSUER,
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/token",
                "jwks_uri": f"{base}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
                "subject_types_supported": ["public"],
                "response_types_supported": ["code"],
            },
        )

    def token(self, call: Call) -> Response:
        """An access token for an API key or a refresh token [documented]. A body that is not
        a form reads as empty, so the first field is what is missing [assumed]."""
        form = dict(call.request.form() or [])
        if self._state.switches.strict:
            for name in form:
                if name not in _FIELDS:
                    raise wire_errors.property_invalid("unknown field")
        client_id = _client_of(call.request)
        grant = form.get("grant_type", "")
        if not grant:
            raise wire_errors.property_missing("grant_type")
        if form.get("response_type", "cloud_iam") != "cloud_iam":
            raise wire_errors.property_invalid("response_type")
        if grant == APIKEY_GRANT:
            return self._by_api_key(call, form.get("apikey", ""), client_id)
        if grant == REFRESH_GRANT:
            return self._by_refresh_token(
                call, form.get("refresh_token", ""), client_id
            )
        raise wire_errors.property_invalid("grant_type")

    def _by_api_key(self, call: Call, value: str, client_id: str) -> Response:
        if not value:
            raise wire_errors.property_missing("apikey")
        key = self.usable_key(value)
        identity = self._state.identity(key.iam_id)
        if identity is None:
            raise wire_errors.api_key_unknown()
        call.note(identity.iam_id, key.id)
        return self._answer(identity, client_id, APIKEY_GRANT, key.id)

    def usable_key(self, value: str) -> ApiKey:
        """The key of that value, its use counted. Raises RefusalError when it is unknown, too
        new or expired (which read as unknown [assumed]) or disabled."""
        key = self._state.key_by_value(value)
        now = self._state.clock.now()
        if key is None or now < key.usable_at or self._state.is_expired(key):
            raise wire_errors.api_key_unknown()
        if key.disabled:
            raise wire_errors.api_key_disabled(self._state.switches.disabled_key_status)
        key.last_authn, key.authn_count = now, key.authn_count + 1
        service_id = self._state.service_ids.get(key.iam_id[len("iam-") :])
        if service_id is not None:
            service_id.last_authn = now
            service_id.authn_count += 1
        return key

    def _by_refresh_token(self, call: Call, value: str, client_id: str) -> Response:
        if not value:
            raise wire_errors.property_missing("refresh_token")
        token = self.usable_refresh_token(value)
        identity = self._state.identity(token.iam_id)
        # Only the client that was given the token may use it [observed].
        if identity is None or token.client_id != client_id:
            raise wire_errors.refresh_token_invalid()
        call.note(identity.iam_id, token.credential)
        return self._answer(identity, client_id, REFRESH_GRANT, token.credential)

    def usable_refresh_token(self, value: str) -> RefreshToken:
        """Raises RefusalError when the token is unknown or expired."""
        token = self._state.refresh_tokens.get(value)
        if token is None:
            raise wire_errors.refresh_token_invalid()
        if token.expires_at <= self._state.clock.now():
            raise wire_errors.refresh_token_expired()
        return token

    def _answer(
        self, identity: Identity, client_id: str, grant: str, credential: str | None
    ) -> Response:
        issued = self._tokens.issue(
            identity, client_id=client_id, grant=grant, credential=credential
        )
        answer: dict[str, object] = {
            "access_token": issued.text,
            "refresh_token": _NO_REFRESH,
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "expiration": issued.expires_at,
            "scope": "ibm openid",
        }
        if isinstance(identity, User):
            answer["ims_user_id"] = 1000001
            if client_id != _ANONYMOUS_CLIENT:
                answer["refresh_token"] = self.new_refresh_token(
                    identity, client_id=client_id, credential=credential
                )
        return json_response(200, answer)

    def new_refresh_token(
        self,
        identity: Identity,
        *,
        client_id: str = _CLI_CLIENT,
        credential: str | None,
    ) -> str:
        """A refresh token of 72 hours, for the client that is named."""
        value = self._state.ids.refresh_token()
        token = RefreshToken(
            iam_id=identity.iam_id,
            account_id=identity.account_id,
            client_id=client_id,
            expires_at=self._state.clock.now() + _REFRESH_LIFETIME,
            credential=credential,
        )
        self._state.add_refresh_token(value, token)
        return value


def _client_of(request: Request) -> str:
    """The client of HTTP Basic, or the anonymous one. Raises RefusalError for one unknown."""
    basic = basic_credentials(request)
    if basic is None:
        return _ANONYMOUS_CLIENT
    client_id, secret = basic
    if _CLIENT_SECRETS.get(client_id) != secret:
        raise wire_errors.client_unknown()
    return client_id


def basic_credentials(request: Request) -> tuple[str, str] | None:
    """User name and password of HTTP Basic; None without it or when it cannot be read."""
    scheme, _space, encoded = (request.header("authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    name, _colon, secret = text.partition(":")
    return name, secret
