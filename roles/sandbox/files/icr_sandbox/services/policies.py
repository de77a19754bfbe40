# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Access policies, in both versions of the API: the same policies in two kinds of words.

Source: https://cloud.ibm.com/apidocs/iam-policy-management
"""

from __future__ import annotations

from icr_sandbox import entities, wire_errors
from icr_sandbox.access_tokens import AccessTokens, Caller
from icr_sandbox.messages import Call, Headers, Response, json_response
from icr_sandbox.records import Policy, Revision
from icr_sandbox.routing import Routes
from icr_sandbox.services.callers import Callers
from icr_sandbox.services.json_body import JsonBody
from icr_sandbox.services.policy_checks import ACTIVE, DELETED, PolicyChecks
from icr_sandbox.services.policy_content import (
    PolicyVersion,
    WantedPolicy,
    invalid,
    value_of,
)
from icr_sandbox.services.policy_listing import format_of, list_page, matches
from icr_sandbox.state import State


class Policies:
    """All calls on the policies of one version."""

    def __init__(
        self, state: State, tokens: AccessTokens, version: PolicyVersion
    ) -> None:
        self._state = state
        self._version = version
        self._callers = Callers(state, tokens)
        self._checks = PolicyChecks(state)

    def add_routes(self, routes: Routes) -> None:
        whole, one = self._version.path, f"{self._version.path}/{{id}}"
        for method, path, handler in (
            ("GET", whole, self.list_policies),
            ("POST", whole, self.create),
            ("GET", one, self.get),
            ("PUT", one, self.replace),
            ("DELETE", one, self.delete),
        ):
            routes.add("iam", method, path, handler)
        if self._version.number == 1:
            # Version 2 has no way back from deletion [documented].
            routes.add("iam", "PATCH", one, self.restore)

    # --- reading ---

    def list_policies(self, call: Call) -> Response:
        """`account_id` is needed; active ones unless `state` asks for others. Without the
        right to see the account's policies a caller sees its own [assumed]."""
        caller = self._callers.of_policy_call(call)
        account_id = call.request.argument("account_id")
        if not account_id:
            raise wire_errors.query_parameter_missing("account_id")
        sees_all = self._callers.may_read_policies(caller, account_id)
        now = self._state.clock.now()
        found = [
            policy
            for policy in self._state.policies.values()
            if policy.account_id == account_id
            and policy.visible_at <= now
            and (sees_all or policy.subject == caller.iam_id)
            and matches(policy, call.request)
        ]
        answer = list_page(call.request, found, self._version, self._state.switches)
        return json_response(200, answer)

    def get(self, call: Call) -> Response:
        """Also a deleted one, with that state [assumed]; 404 while it is not visible yet."""
        caller = self._callers.of_policy_call(call)
        policy = self._policy(call)
        if policy.subject != caller.iam_id and not self._callers.may_read_policies(
            caller, policy.account_id
        ):
            raise wire_errors.policy_forbidden()
        return self._shown(call, policy)

    def _policy(self, call: Call) -> Policy:
        policy = self._state.policies.get(call.params["id"])
        if policy is None or policy.visible_at > self._state.clock.now():
            raise wire_errors.policy_not_found(call.params["id"])
        return policy

    def _shown(self, call: Call, policy: Policy, status: int = 200) -> Response:
        headers: Headers = (("ETag", policy.revision.text),)
        return json_response(status, self._shape(call, policy), headers)

    def _shape(self, call: Call, policy: Policy) -> dict[str, object]:
        display = format_of(call.request)
        return self._version.show(policy, call.request.base_url(), display)

    # --- writing ---

    def create(self, call: Call) -> Response:
        """201, and 409 with the policy that is in the way: as an object [observed], or its
        id [documented] when a switch says so."""
        caller = self._callers.of_policy_call(call)
        wanted = self._version.read(call.request, self._state.switches.strict)
        account_id = self._check_allowed(caller, wanted)
        self._check_conflict(call, wanted)
        self._checks.within_limits(account_id, wanted.subject)
        switches = self._state.switches
        policy = entities.add_policy(
            self._state,
            account_id=account_id,
            subject=wanted.subject,
            roles=wanted.roles,
            resource=wanted.resource,
            created_by=caller.iam_id,
            description=wanted.description,
            visible_at=self._state.moment_after(switches.policy_visibility_seconds),
            enforced_at=self._state.moment_after(switches.policy_enforcement_seconds),
            version=self._version.number,
        )
        return self._shown(call, policy, 201)

    def _check_allowed(self, caller: Caller, wanted: WantedPolicy) -> str:
        """The account of the policy, once its subject is known there, is not locked, and the
        caller may decide on that service. Raises RefusalError."""
        account_id = wanted.value("accountId") or ""
        service = wanted.value("serviceName")
        if not self._callers.may_write_policies(caller, account_id, service):
            raise wire_errors.policy_forbidden()
        identity = self._state.identity(wanted.subject)
        if identity is None or identity.account_id != account_id:
            raise wire_errors.policy_body_invalid("subjects: the iam_id is unknown")
        self._checks.unlocked(wanted.subject)
        return account_id

    def _check_conflict(
        self, call: Call, wanted: WantedPolicy, but: Policy | None = None
    ) -> None:
        policy = self._checks.in_the_way(wanted, but)
        if policy is not None:
            by_id = self._state.switches.conflicting_policy == "id"
            shown = policy.id if by_id else self._shape(call, policy)
            raise wire_errors.policy_conflict(policy.id, policy.revision.text, shown)

    def replace(self, call: Call) -> Response:
        """What it gave before stays in force for as long as a new policy has no effect. A
        policy of version 1 can be written through version 2 and is of that version from
        then on, and not the other way round [assumed]."""
        caller, policy = self._writable(call)
        self._checks.current(call.request, policy)
        if policy.state == DELETED:
            raise wire_errors.policy_not_found(policy.id)
        if policy.version > self._version.number:
            raise wire_errors.policy_version_newer(policy.id)
        wanted = self._version.read(call.request, self._state.switches.strict)
        account_id = self._check_allowed(caller, wanted)
        if account_id != policy.account_id:
            raise wire_errors.policy_forbidden()
        self._check_conflict(call, wanted, but=policy)
        now = self._state.clock.now()
        policy.before = (
            policy.grant_at(now) if wanted.subject == policy.subject else None
        )
        policy.enforced_at = self._state.moment_after(
            self._state.switches.policy_enforcement_seconds
        )
        policy.version = self._version.number
        policy.subject = wanted.subject
        policy.roles = wanted.roles
        policy.resource = wanted.resource
        policy.description = wanted.description
        self._touch(policy, caller)
        return self._shown(call, policy)

    def restore(self, call: Call) -> Response:
        """`{"state": "active"}` brings a deleted policy back [documented]."""
        caller, policy = self._writable(call)
        self._checks.current(call.request, policy)
        body = JsonBody.of(call.request, wire_errors.POLICY, invalid)
        if body.required_text("state") != ACTIVE:
            raise body.refuse("state", "active is expected")
        body.done(self._state.switches.strict)
        if self._state.identity(policy.subject) is None:
            raise wire_errors.policy_state_invalid(
                "The subject does not exist any more."
            )
        as_wanted = WantedPolicy(
            policy.subject, policy.roles, policy.resource, policy.description
        )
        self._check_conflict(call, as_wanted, but=policy)
        policy.state = ACTIVE
        self._touch(policy, caller)
        return self._shown(call, policy)

    def delete(self, call: Call) -> Response:
        """Softly: the policy stays readable and can be restored [documented]."""
        caller, policy = self._writable(call)
        if policy.state == DELETED:
            raise wire_errors.policy_not_found(policy.id)
        policy.state = DELETED
        self._touch(policy, caller)
        return Response(204)

    def _writable(self, call: Call) -> tuple[Caller, Policy]:
        caller = self._callers.of_policy_call(call)
        policy = self._policy(call)
        service = value_of(policy.resource, "serviceName")
        if not self._callers.may_write_policies(caller, policy.account_id, service):
            raise wire_errors.policy_forbidden()
        self._checks.unlocked(policy.subject)
        return caller, policy

    def _touch(self, policy: Policy, caller: Caller) -> None:
        policy.modified_at = self._state.clock.now()
        policy.modified_by = caller.iam_id
        policy.revision = Revision(policy.revision.count + 1, self._state.ids.hex())
