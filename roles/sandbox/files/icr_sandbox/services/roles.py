# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The roles that can be granted, as the policy API lists them.

Source: https://cloud.ibm.com/apidocs/iam-policy-management#list-roles
"""

from __future__ import annotations

from icr_sandbox import wire_errors
from icr_sandbox.access_tokens import AccessTokens
from icr_sandbox.messages import Call, Response, json_response
from icr_sandbox.permissions import (
    PLATFORM_ROLES,
    SERVICE,
    SERVICE_ROLES,
    actions_of,
    role_crn,
)
from icr_sandbox.routing import Routes
from icr_sandbox.services.callers import Callers
from icr_sandbox.state import State

_QUERY = frozenset(
    [
        *("account_id", "service_name", "service_group_id"),
        *("source_service_name", "policy_type"),
    ]
)


class Roles:
    """`GET /v2/roles`. There are no custom roles here."""

    def __init__(self, state: State, tokens: AccessTokens) -> None:
        self._state = state
        self._callers = Callers(state, tokens)

    def add_routes(self, routes: Routes) -> None:
        routes.add("iam", "GET", "/v2/roles", self.list_roles)

    def list_roles(self, call: Call) -> Response:
        """Service roles are those of the registry when `service_name` names it; of other
        services none are known here."""
        self._callers.of_policy_call(call)
        for name, _value in call.request.query:
            if self._state.switches.strict and name not in _QUERY:
                raise wire_errors.policy_query_unknown(name)
        of_registry = call.request.argument("service_name") == SERVICE
        return json_response(
            200,
            {
                "custom_roles": [],
                "service_roles": [
                    _role(name) for name in (SERVICE_ROLES if of_registry else ())
                ],
                "system_roles": [_role(name) for name in PLATFORM_ROLES],
            },
        )


def _role(name: str) -> dict[str, object]:
    return {
        "crn": role_crn(name),
        "display_name": name,
        "description": f"{name} of the service",
        "actions": _actions(name),
    }


def shown_role(crn: str) -> dict[str, object]:
    """A role of a policy with what the format `display` adds to it. Pure."""
    name = crn.rpartition(":")[2]
    return {
        "role_id": crn,
        "display_name": name,
        "description": f"{name} of the service",
        "actions": [
            {"id": action, "display_name": action, "description": action}
            for action in _actions(name)
        ],
    }


def _actions(name: str) -> list[str]:
    return [f"{SERVICE}.{action}" for action in sorted(actions_of(name))]
