# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Access policies, version 1.

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
from icr_sandbox.services.policy_body import WantedPolicy, read_policy, shape
from icr_sandbox.services.policy_listing import list_page, matches
from icr_sandbox.state import State

_ACTIVE = "active"
_DELETED = "deleted"


class Policies:
    """All calls on /v1/policies."""

    def __init__(self, state: State, tokens: AccessTokens) -> None:
        self._state = state
        self._callers = Callers(state, tokens)

    def add_routes(self, routes: Routes) -> None:
        for method, path, handler in (
            ("GET", "/v1/policies", self.list_policies),
            ("POST", "/v1/policies", self.create),
            ("GET", "/v1/policies/{id}", self.get),
            ("PUT", "/v1/policies/{id}", self.replace),
            ("PATCH", "/v1/policies/{id}", self.restore),
            ("DELETE", "/v1/policies/{id}", self.delete),
        ):
            routes.add("iam", method, path, handler)

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
        return json_response(200, list_page(call.request, found, self._state.switches))

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
        return json_response(status, shape(policy, call.request.base_url()), headers)

    # --- writing ---

    def create(self, call: Call) -> Response:
        """201, and 409 with the policy that is in the way, as an object [observed]."""
        caller = self._callers.of_policy_call(call)
        wanted = read_policy(call.request, self._state.switches.strict)
        account_id = self._check_allowed(caller, wanted)
        self._check_conflict(call, wanted)
        self._check_limits(account_id, wanted.subject)
        now = self._state.clock.now()
        switches = self._state.switches
        policy = entities.add_policy(
            self._state,
            account_id=account_id,
            subject=wanted.subject,
            roles=wanted.roles,
            resource=wanted.resource,
            created_by=caller.iam_id,
            description=wanted.description,
            visible_at=now + switches.policy_visibility_seconds,
            enforced_at=now + switches.policy_enforcement_seconds,
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
        self._check_unlocked(wanted.subject)
        return account_id

    def _check_unlocked(self, subject: str) -> None:
        service_id = self._state.service_ids.get(subject[len("iam-") :])
        if service_id is not None and service_id.locked:
            raise wire_errors.policy_state_invalid(
                "The service ID is locked, and with it its policies.",
                self._state.switches.locked_status,
            )

    def _check_conflict(
        self, call: Call, wanted: WantedPolicy, but: Policy | None = None
    ) -> None:
        for policy in self._state.policies.values():
            if (
                policy is not but
                and policy.state == _ACTIVE
                and policy.subject == wanted.subject
                and set(policy.resource) == set(wanted.resource)
            ):
                raise wire_errors.policy_conflict(
                    policy.id,
                    policy.revision.text,
                    shape(policy, call.request.base_url()),
                )

    def _check_limits(self, account_id: str, subject: str) -> None:
        active = [
            policy
            for policy in self._state.policies.values()
            if policy.account_id == account_id and policy.state == _ACTIVE
        ]
        limits = self._state.limits
        of_subject = sum(policy.subject == subject for policy in active)
        if (
            len(active) >= limits.policies_per_account
            or of_subject >= limits.policies_per_subject
        ):
            raise wire_errors.policy_quota()

    def replace(self, call: Call) -> Response:
        caller = self._callers.of_policy_call(call)
        policy = self._policy(call)
        self._check_etag(call, policy)
        if policy.state == _DELETED:
            raise wire_errors.policy_not_found(policy.id)
        wanted = read_policy(call.request, self._state.switches.strict)
        account_id = self._check_allowed(caller, wanted)
        if account_id != policy.account_id:
            raise wire_errors.policy_forbidden()
        self._check_unlocked(policy.subject)
        self._check_conflict(call, wanted, but=policy)
        policy.subject = wanted.subject
        policy.roles = wanted.roles
        policy.resource = wanted.resource
        policy.description = wanted.description
        self._touch(policy, caller)
        return self._shown(call, policy)

    def restore(self, call: Call) -> Response:
        """`{"state": "active"}` brings a deleted policy back [documented]."""
        caller, policy = self._writable(call)
        self._check_etag(call, policy)
        body = JsonBody.of(
            call.request,
            wire_errors.POLICY,
            lambda name, reason: wire_errors.policy_body_invalid(f"{name}: {reason}"),
        )
        if body.required_text("state") != _ACTIVE:
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
        policy.state = _ACTIVE
        self._touch(policy, caller)
        return self._shown(call, policy)

    def delete(self, call: Call) -> Response:
        """Softly: the policy stays readable and can be restored [documented]."""
        caller, policy = self._writable(call)
        if policy.state == _DELETED:
            raise wire_errors.policy_not_found(policy.id)
        policy.state = _DELETED
        self._touch(policy, caller)
        return Response(204)

    def _writable(self, call: Call) -> tuple[Caller, Policy]:
        caller = self._callers.of_policy_call(call)
        policy = self._policy(call)
        service = next(
            (item.value for item in policy.resource if item.name == "serviceName"), None
        )
        if not self._callers.may_write_policies(caller, policy.account_id, service):
            raise wire_errors.policy_forbidden()
        self._check_unlocked(policy.subject)
        return caller, policy

    def _check_etag(self, call: Call, policy: Policy) -> None:
        given = (call.request.header("if-match") or "").strip('"')
        if given not in ("*", policy.revision.text):
            raise wire_errors.policy_etag_stale(self._state.switches.stale_etag_status)

    def _touch(self, policy: Policy, caller: Caller) -> None:
        policy.modified_at = self._state.clock.now()
        policy.modified_by = caller.iam_id
        policy.revision = Revision(policy.revision.count + 1, self._state.ids.hex())
