# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Registry tokens: how the API that IBM ended answers today, and how it answered once.

Source: IBM's client of that time, and the notices of the end; see docs/sandbox.md.
"""

from __future__ import annotations

from icr_sandbox import entities, wire_errors
from icr_sandbox.access_tokens import AccessTokens, Caller
from icr_sandbox.messages import Call, Response, json_response
from icr_sandbox.records import LegacyToken
from icr_sandbox.routing import Routes
from icr_sandbox.services.callers import Callers
from icr_sandbox.state import State

_LIFETIME = 24 * 3600
_HISTORICAL = "historical"
_GONE = 410


class LegacyTokens:
    """All calls on /api/v1/tokens."""

    def __init__(self, state: State, tokens: AccessTokens) -> None:
        self._state = state
        self._callers = Callers(state, tokens)

    def add_routes(self, routes: Routes) -> None:
        for method, path, handler in (
            ("GET", "/api/v1/tokens", self.list_tokens),
            ("POST", "/api/v1/tokens", self.create),
            ("DELETE", "/api/v1/tokens", self.delete_by_description),
            ("GET", "/api/v1/tokens/{id}", self.get),
            ("DELETE", "/api/v1/tokens/{id}", self.delete),
        ):
            routes.add("registry", method, path, handler)

    def create(self, call: Call) -> Response:
        """Today 410 [observed until 2019-07]; then, a token for 24 hours, read-only unless
        `write` is true, for ever if `permanent` is true [documented]."""
        caller = self._callers.of_registry_call(call)
        if not self._is_historical():
            raise wire_errors.registry_tokens_ended(_GONE)
        self._check_right(caller)
        permanent = _flag(call, "permanent")
        write = _flag(call, "write")
        expiry = 0 if permanent else int(self._state.clock.now()) + _LIFETIME
        token = entities.add_legacy_token(
            self._state,
            call.request.region or "",
            caller.account_id,
            description=call.request.argument("description") or "",
            readonly=not write,
            expiry=expiry,
        )
        return json_response(200, {"token": token.value})

    def list_tokens(self, call: Call) -> Response:
        tokens = self._tokens(call)
        return json_response(200, {"tokens": [_shape(token) for token in tokens]})

    def get(self, call: Call) -> Response:
        return json_response(200, {"token": self._token(call).value})

    def delete(self, call: Call) -> Response:
        self._remove(self._token(call))
        return self._deleted()

    def delete_by_description(self, call: Call) -> Response:
        """`?secondaryOwner=` removes all tokens of that description [inferred]."""
        tokens = self._tokens(call)
        description = call.request.argument("secondaryOwner")
        if not description:
            raise wire_errors.registry_argument_invalid("secondaryOwner")
        for token in tokens:
            if token.description == description:
                self._remove(token)
        return self._deleted()

    def _is_historical(self) -> bool:
        return self._state.switches.tokens == _HISTORICAL

    def _tokens(self, call: Call) -> list[LegacyToken]:
        """Those of the caller's account in this region; expired ones have vanished
        [documented]. Raises RefusalError, in modern mode always."""
        caller = self._callers.of_registry_call(call)
        if not self._is_historical():
            status = self._state.switches.gone_status
            if status == _GONE:
                raise wire_errors.registry_tokens_ended(status)
            raise wire_errors.no_route(call.request)
        self._check_right(caller)
        now = self._state.clock.now()
        for token in list(self._state.legacy_tokens.values()):
            if token.expiry and token.expiry <= now:
                self._remove(token)
        return [
            token
            for token in self._state.legacy_tokens.values()
            if token.region == call.request.region
            and token.account_id == caller.account_id
        ]

    def _token(self, call: Call) -> LegacyToken:
        for token in self._tokens(call):
            if token.id == call.params["id"]:
                return token
        raise wire_errors.registry_token_not_found()

    def _remove(self, token: LegacyToken) -> None:
        del self._state.legacy_tokens[(token.region, token.id)]

    def _deleted(self) -> Response:
        return Response(self._state.switches.token_delete_status)

    def _check_right(self, caller: Caller) -> None:
        """Platform role Administrator on the registry [documented]."""
        if not self._callers.may_manage_registry_tokens(caller):
            raise wire_errors.resource_not_authorized()


def _flag(call: Call, name: str) -> bool:
    value = call.request.argument(name)
    if value not in (None, "true", "false"):
        raise wire_errors.registry_argument_invalid(name)
    return value == "true"


def _shape(token: LegacyToken) -> dict[str, object]:
    """Fields that are false or zero are left out [observed]."""
    answer: dict[str, object] = {
        "_id": token.id,
        "owner": token.account_id,
        "secondary_owner": token.description,
        "token": token.value,
    }
    if token.readonly:
        answer["readonly"] = True
    if token.expiry:
        answer["expiry"] = token.expiry
    return answer
