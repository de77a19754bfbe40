# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What the sandbox as it stands allows to be done to a policy."""

from __future__ import annotations

from icr_sandbox import wire_errors
from icr_sandbox.messages import Request
from icr_sandbox.records import Policy
from icr_sandbox.services.policy_content import WantedPolicy
from icr_sandbox.state import State

ACTIVE = "active"
DELETED = "deleted"


class PolicyChecks:
    """Each raises RefusalError, or finds nothing wrong; nothing is changed."""

    def __init__(self, state: State) -> None:
        self._state = state

    def unlocked(self, subject: str) -> None:
        """A locked service ID locks its policies [documented]."""
        service_id = self._state.service_ids.get(subject[len("iam-") :])
        if service_id is not None and service_id.locked:
            raise wire_errors.policy_state_invalid(
                "The service ID is locked, and with it its policies.",
                self._state.switches.locked_status,
            )

    def within_limits(self, account_id: str, subject: str) -> None:
        active = [
            policy
            for policy in self._state.policies.values()
            if policy.account_id == account_id and policy.state == ACTIVE
        ]
        limits = self._state.limits
        of_subject = sum(policy.subject == subject for policy in active)
        if (
            len(active) >= limits.policies_per_account
            or of_subject >= limits.policies_per_subject
        ):
            raise wire_errors.policy_quota()

    def current(self, request: Request, policy: Policy) -> None:
        """`If-Match` has to be the current tag or `*`."""
        given = (request.header("if-match") or "").strip('"')
        if given not in ("*", policy.revision.text):
            raise wire_errors.policy_etag_stale(self._state.switches.stale_etag_status)

    def in_the_way(self, wanted: WantedPolicy, but: Policy | None) -> Policy | None:
        """Another active policy for the same subject on the same resource. One that
        cannot be seen yet is in the way too [assumed]."""
        for policy in self._state.policies.values():
            if (
                policy is not but
                and policy.state == ACTIVE
                and policy.subject == wanted.subject
                and set(policy.resource) == set(wanted.resource)
            ):
                return policy
        return None
