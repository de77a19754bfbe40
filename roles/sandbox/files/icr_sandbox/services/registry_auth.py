# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""/oauth/token: where container clients turn a login into a registry token.

Sources: the distribution token specification; IBM's pages on user names and refusals.
"""

from __future__ import annotations

from icr_sandbox import wire_errors
from icr_sandbox.access_tokens import AccessTokens
from icr_sandbox.clock import milliseconds_text
from icr_sandbox.jwt import TokenError
from icr_sandbox.messages import Call, Response, json_response
from icr_sandbox.records import ServiceId
from icr_sandbox.registry_access import (
    LIFETIME,
    NOBODY,
    SERVICE,
    RegistryAccess,
    Scope,
    Subject,
    parse_scopes,
)
from icr_sandbox.routing import Routes
from icr_sandbox.services.iam_tokens import IamTokens, basic_credentials
from icr_sandbox.state import State, same_secret
from icr_sandbox.wire_errors import RefusalError

_HISTORICAL = "historical"


class RegistryAuth:
    """Both forms of the token endpoint, on every registry host."""

    def __init__(
        self,
        state: State,
        *,
        iam: IamTokens,
        access_tokens: AccessTokens,
        access: RegistryAccess,
    ) -> None:
        self._state = state
        self._iam = iam
        self._access_tokens = access_tokens
        self._access = access
        self._logins = {
            "iamapikey": self._by_api_key,
            "iambearer": self._by_access_token,
            "iamrefresh": self._by_refresh_token,
        }

    def add_routes(self, routes: Routes) -> None:
        routes.add("registry", "GET", "/oauth/token", self.get)
        routes.add("registry", "POST", "/oauth/token", self.post)

    def get(self, call: Call) -> Response:
        """A token for HTTP Basic, or an anonymous one for public repositories [observed].
        Less access than asked for is no refusal here; the resource refuses [inferred]."""
        request = call.request
        scopes = parse_scopes(request.arguments("scope"))
        offline = request.argument("offline_token") == "true"
        subject = NOBODY
        if request.header("authorization") is not None:
            basic = basic_credentials(request)
            if basic is None:
                raise self._bad_secret()
            subject = self._log_in(call, *basic)
        return self._answer(
            call, subject, scopes, request.argument("service") or SERVICE, offline
        )

    def post(self, call: Call) -> Response:
        """The OAuth form: `grant_type=refresh_token` [observed], `password` [assumed]."""
        form = call.request.form()
        if form is None:
            raise wire_errors.unsupported_media_type(wire_errors.DISTRIBUTION)
        fields = dict(form)
        grant = fields.get("grant_type")
        offline = fields.get("access_type") == "offline"
        if grant == "password":
            subject = self._log_in(
                call, fields.get("username", ""), fields.get("password", "")
            )
        elif grant == "refresh_token":
            subject = self._by_refresh_token(call, fields.get("refresh_token", ""))
        else:
            raise wire_errors.login_method_unsupported(
                self._state.switches.bad_secret_status
            )
        scopes = parse_scopes([value for name, value in form if name == "scope"])
        return self._answer(
            call, subject, scopes, fields.get("service") or SERVICE, offline
        )

    def _answer(
        self,
        call: Call,
        subject: Subject,
        scopes: list[Scope],
        audience: str,
        offline: bool,
    ) -> Response:
        region = call.request.region or ""
        access = [
            (scope, self._access.granted(subject, scope, region)) for scope in scopes
        ]
        if subject is NOBODY and not any(actions for _scope, actions in access):
            raise wire_errors.authorization_required()
        token, issued_at = self._access.issue(subject, access, audience)
        answer: dict[str, object] = {
            "token": token,
            "access_token": token,
            "expires_in": LIFETIME,
            "issued_at": milliseconds_text(issued_at),
        }
        identity = self._state.identity(subject.iam_id or "")
        if offline and self._state.switches.identity_tokens and identity is not None:
            answer["refresh_token"] = self._iam.new_refresh_token(
                identity, credential=subject.credential
            )
        return json_response(200, answer)

    # --- logins, by user name ---

    def _log_in(self, call: Call, user_name: str, secret: str) -> Subject:
        login = self._logins.get(user_name)
        if login is not None:
            return login(call, secret)
        if user_name.startswith("Profile-"):
            return self._as_profile(call, user_name, secret)
        if user_name == "token" and self._state.switches.tokens == _HISTORICAL:
            return self._by_legacy_token(call, secret)
        raise wire_errors.login_method_unsupported(
            self._state.switches.bad_secret_status
        )

    def _bad_secret(self) -> RefusalError:
        return wire_errors.login_refused(self._state.switches.bad_secret_status)

    def _by_api_key(self, call: Call, secret: str) -> Subject:
        try:
            key = self._iam.usable_key(secret)
        except RefusalError:
            raise self._bad_secret() from None
        call.note(key.iam_id, key.id)
        return Subject(key.iam_id, key.account_id, key.id)

    def _by_access_token(self, call: Call, secret: str) -> Subject:
        try:
            caller = self._access_tokens.caller_of(secret)
        except TokenError:
            raise self._bad_secret() from None
        call.note(caller.iam_id, caller.credential)
        return Subject(caller.iam_id, caller.account_id, caller.credential)

    def _by_refresh_token(self, call: Call, secret: str) -> Subject:
        try:
            token = self._iam.usable_refresh_token(secret)
        except RefusalError:
            raise self._bad_secret() from None
        if self._state.identity(token.iam_id) is None:
            raise self._bad_secret()
        call.note(token.iam_id, token.credential)
        return Subject(token.iam_id, token.account_id, token.credential)

    def _as_profile(self, call: Call, profile_id: str, secret: str) -> Subject:
        """A trusted profile, by the key of a service ID that may assume it [documented]."""
        login = self._by_api_key(call, secret)
        profile = self._state.profiles.get(profile_id)
        identity = self._state.identity(login.iam_id or "")
        if (
            profile is None
            or not isinstance(identity, ServiceId)
            or identity.iam_id not in profile.trusts
        ):
            raise self._bad_secret()
        call.note(profile.iam_id, login.credential)
        return Subject(profile.iam_id, profile.account_id, login.credential)

    def _by_legacy_token(self, call: Call, secret: str) -> Subject:
        """A registry token: every namespace of its account in its own region, whatever the
        policies say [documented]."""
        now = self._state.clock.now()
        for token in self._state.legacy_tokens.values():
            if token.region == call.request.region and same_secret(secret, token.value):
                if token.expiry and token.expiry <= now:
                    break
                call.note(None, token.id)
                return Subject(None, token.account_id, token.id, token)
        raise self._bad_secret()
