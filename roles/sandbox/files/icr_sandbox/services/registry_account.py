# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What an account has chosen for a registry: authorization, settings, plan, quotas.

Source: https://cloud.ibm.com/apidocs/container-registry
"""

from __future__ import annotations

from icr_sandbox import wire_errors
from icr_sandbox.access_tokens import AccessTokens
from icr_sandbox.messages import Call, Response, json_response
from icr_sandbox.registry_settings import (
    MEGABYTE,
    PLANS,
    UNLIMITED,
    RegistrySettings,
)
from icr_sandbox.routing import Routes
from icr_sandbox.services.callers import Callers
from icr_sandbox.services.json_body import JsonBody
from icr_sandbox.state import State

_AUTH = ("iam_authz", "private_only")
_SETTINGS = ("platform_metrics",)
_QUOTAS = ("storage_megabytes", "traffic_megabytes")


class RegistryAccount:
    """Kept and shown. Nothing else follows from it here: no push or pull is refused for a
    quota, or for coming over a public host."""

    def __init__(self, state: State, tokens: AccessTokens) -> None:
        self._state = state
        self._callers = Callers(state, tokens)

    def add_routes(self, routes: Routes) -> None:
        for method, path, handler in (
            ("GET", "/api/v1/auth", self.auth),
            ("PATCH", "/api/v1/auth", self.set_auth),
            ("GET", "/api/v1/settings", self.settings),
            ("PATCH", "/api/v1/settings", self.set_settings),
            ("GET", "/api/v1/plans", self.plan),
            ("PATCH", "/api/v1/plans", self.set_plan),
            ("GET", "/api/v1/quotas", self.quotas),
            ("PATCH", "/api/v1/quotas", self.set_quotas),
            ("GET", "/api/v1/messages", self.messages),
        ):
            routes.add("registry", method, path, handler)

    def _settings(self, call: Call, action: str) -> RegistrySettings:
        """Of the caller's account here, for a caller with that action at account level: a
        policy on a namespace is not enough. Raises RefusalError."""
        caller = self._callers.of_registry_call(call)
        region = call.request.region or ""
        if not self._callers.may_in_registry(caller, action, region):
            raise wire_errors.resource_not_authorized()
        return self._state.registry_settings_of(region, caller.account_id)

    # --- switches of the account ---

    def auth(self, call: Call) -> Response:
        return _shown(self._settings(call, "auth.get"), _AUTH)

    def set_auth(self, call: Call) -> Response:
        return self._set_flags(call, "auth.set", _AUTH)

    def settings(self, call: Call) -> Response:
        return _shown(self._settings(call, "settings.get"), _SETTINGS)

    def set_settings(self, call: Call) -> Response:
        return self._set_flags(call, "settings.set", _SETTINGS)

    def _set_flags(self, call: Call, action: str, names: tuple[str, ...]) -> Response:
        settings = self._settings(call, action)
        body = _body(call)
        changes = {name: body.flag(name) for name in names if body.has(name)}
        body.done(self._state.switches.strict)
        for name, value in changes.items():
            setattr(settings, name, value)
        return Response(204)

    # --- plan and quotas ---

    def plan(self, call: Call) -> Response:
        return _shown(self._settings(call, "plan.get"), ("plan",))

    def set_plan(self, call: Call) -> Response:
        """200 without a body [inferred]; either way between the plans [assumed]."""
        settings = self._settings(call, "plan.set")
        body = _body(call)
        plan = body.required_text("plan")
        body.done(self._state.switches.strict)
        if plan not in PLANS:
            raise body.refuse("plan", f"{' or '.join(PLANS)} is expected")
        settings.set_plan(plan)
        return Response(200)

    def quotas(self, call: Call) -> Response:
        """Storage in use is what is held here; traffic is not counted."""
        settings = self._settings(call, "quota.get")
        usage = self._storage_bytes(call)
        return json_response(
            200,
            {
                "limit": {
                    "storage_bytes": _bytes(settings.storage_megabytes),
                    "traffic_bytes": _bytes(settings.traffic_megabytes),
                },
                "usage": {"storage_bytes": usage, "traffic_bytes": 0},
            },
        )

    def set_quotas(self, call: Call) -> Response:
        """What is not named stays; no more than the plan allows [assumed]."""
        settings = self._settings(call, "quota.set")
        body = _body(call)
        changes: dict[str, int] = {}
        for name, allowed in zip(_QUOTAS, PLANS[settings.plan], strict=True):
            wanted = body.whole_number(name)
            if wanted is None:
                continue
            if wanted < UNLIMITED or (
                allowed != UNLIMITED and not 0 <= wanted <= allowed
            ):
                raise body.refuse(name, f"the plan {settings.plan} does not allow it")
            changes[name] = wanted
        body.done(self._state.switches.strict)
        for name, value in changes.items():
            setattr(settings, name, value)
        return Response(200)

    def _storage_bytes(self, call: Call) -> int:
        account, region = call.request.header("account"), call.request.region or ""
        repositories = self._state.repositories
        return sum(
            repositories.size_of(repository)
            for name, repository in repositories.in_region(region)
            if (known := self._state.namespaces.get((region, name.partition("/")[0])))
            and known.account_id == account
        )

    # --- messages ---

    def messages(self, call: Call) -> Response:
        """For everybody, without credentials [documented]; 204 when there is none."""
        message = self._state.messages.get(call.request.region or "")
        return Response(204) if message is None else json_response(200, message)


def _body(call: Call) -> JsonBody:
    return JsonBody.of(
        call.request, wire_errors.REGISTRY_API, wire_errors.registry_body_invalid
    )


def _shown(settings: RegistrySettings, names: tuple[str, ...]) -> Response:
    return json_response(200, {name: getattr(settings, name) for name in names})


def _bytes(megabytes: int) -> int:
    return UNLIMITED if megabytes == UNLIMITED else megabytes * MEGABYTE
