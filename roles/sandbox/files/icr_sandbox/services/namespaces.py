# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Namespaces of a regional registry.

Source: https://cloud.ibm.com/apidocs/container-registry
"""

from __future__ import annotations

import re

from icr_sandbox import entities, wire_errors
from icr_sandbox.access_tokens import AccessTokens, Caller
from icr_sandbox.clock import seconds_text
from icr_sandbox.messages import Call, Response, json_response
from icr_sandbox.records import Namespace
from icr_sandbox.routing import Routes
from icr_sandbox.services.callers import Callers
from icr_sandbox.state import State

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{2,28}[a-z0-9]")
_GROUP_HEADER = "x-auth-resource-group"


class Namespaces:
    """All calls on /api/v1/namespaces."""

    def __init__(self, state: State, tokens: AccessTokens) -> None:
        self._state = state
        self._callers = Callers(state, tokens)

    def add_routes(self, routes: Routes) -> None:
        for method, path, handler in (
            ("GET", "/api/v1/namespaces", self.list_names),
            ("GET", "/api/v1/namespaces/details", self.list_details),
            ("PUT", "/api/v1/namespaces/{name}", self.create),
            ("PATCH", "/api/v1/namespaces/{name}", self.assign),
            ("DELETE", "/api/v1/namespaces/{name}", self.delete),
        ):
            routes.add("registry", method, path, handler)

    def list_names(self, call: Call) -> Response:
        """Those that the caller may list; none is an empty list and no refusal
        [documented]. Writer alone does not list [documented]."""
        return json_response(200, [item.name for item in self._visible(call)])

    def list_details(self, call: Call) -> Response:
        return json_response(200, [_shape(item) for item in self._visible(call)])

    def _visible(self, call: Call) -> list[Namespace]:
        caller = self._callers.of_registry_call(call)
        region = call.request.region or ""
        return [
            namespace
            for (where, name), namespace in sorted(self._state.namespaces.items())
            if where == region
            and namespace.account_id == caller.account_id
            and self._callers.may_in_registry(caller, "namespace.list", region, name)
        ]

    def create(self, call: Call) -> Response:
        """201, or 200 when it is the account's already [observed]. Names are unique across
        accounts in a region [documented]."""
        caller = self._callers.of_registry_call(call)
        region, name = call.request.region or "", call.params["name"]
        self._check_may(caller, "namespace.create", region)
        if not _NAME.fullmatch(name):
            raise wire_errors.namespace_invalid()
        known = self._state.namespaces.get((region, name))
        if known is not None:
            if known.account_id != caller.account_id:
                raise wire_errors.resource_not_authorized(
                    self._state.switches.taken_namespace_status
                )
            return json_response(200, {"namespace": name})
        group = self._resource_group(call, caller)
        limit = self._state.limits.namespaces_per_region
        if self._count(region, caller.account_id) >= limit:
            raise wire_errors.namespace_limit(limit)
        entities.add_namespace(self._state, region, name, caller.account_id, group)
        return json_response(201, {"namespace": name})

    def _check_may(self, caller: Caller, action: str, region: str) -> None:
        """At account level: a policy on a namespace or a group is not enough."""
        if not self._callers.may_in_registry(caller, action, region):
            raise wire_errors.resource_not_authorized()

    def _resource_group(self, call: Call, caller: Caller) -> str:
        """The group that the header names, else the default one. Raises RefusalError."""
        groups = self._state.accounts[caller.account_id].resource_groups
        group = call.request.header(_GROUP_HEADER) or groups[0]
        if group not in groups:
            raise wire_errors.resource_group_not_found()
        if (
            self._state.switches.resource_group_check
            and not self._callers.may_use_resource_group(caller, group)
        ):
            raise wire_errors.resource_not_authorized()
        return group

    def _count(self, region: str, account_id: str) -> int:
        return sum(
            item.region == region and item.account_id == account_id
            for item in self._state.namespaces.values()
        )

    def assign(self, call: Call) -> Response:
        """Once, for a namespace from before there were resource groups [documented]."""
        caller, namespace = self._own(call, "namespace.create")
        if namespace.resource_group is not None:
            raise wire_errors.resource_group_fixed()
        namespace.resource_group = self._resource_group(call, caller)
        namespace.updated_at = self._state.clock.now()
        return json_response(200, {"namespace": namespace.name})

    def delete(self, call: Call) -> Response:
        """With all images in it [documented]. The name is free again at once, unlike there."""
        _caller, namespace = self._own(call, "namespace.delete")
        del self._state.namespaces[(namespace.region, namespace.name)]
        self._state.repositories.remove_namespace(namespace.region, namespace.name)
        return Response(204)

    def _own(self, call: Call, action: str) -> tuple[Caller, Namespace]:
        caller = self._callers.of_registry_call(call)
        region, name = call.request.region or "", call.params["name"]
        self._check_may(caller, action, region)
        namespace = self._state.namespaces.get((region, name))
        if namespace is None:
            raise wire_errors.namespace_not_found()
        if namespace.account_id != caller.account_id:
            raise wire_errors.resource_not_authorized()
        return caller, namespace


def _shape(namespace: Namespace) -> dict[str, object]:
    answer: dict[str, object] = {
        "account": namespace.account_id,
        "name": namespace.name,
        "created_date": seconds_text(namespace.created_at),
        "updated_date": seconds_text(namespace.updated_at),
        "crn": (
            f"crn:v1:bluemix:public:container-registry:{namespace.region}"
            f":a/{namespace.account_id}::namespace:{namespace.name}"
        ),
    }
    if namespace.resource_group is not None:
        answer["resource_created_date"] = seconds_text(namespace.created_at)
        answer["resource_group"] = namespace.resource_group
    return answer
