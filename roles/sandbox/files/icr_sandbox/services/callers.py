# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Who calls, and whether they may: the same question, in the words of each service."""

from __future__ import annotations

from icr_sandbox import wire_errors
from icr_sandbox.access_tokens import AccessTokens, Caller
from icr_sandbox.jwt import TokenError
from icr_sandbox.messages import Call
from icr_sandbox.permissions import (
    IDENTITY_SERVICE,
    PLATFORM_ROLES,
    SERVICE,
    Target,
    has_platform_role,
    may,
    may_use_resource_group,
)
from icr_sandbox.state import State

_WRITERS = ("Operator", "Editor", "Administrator")
_ADMINISTRATORS = ("Administrator",)


class Callers:
    """Account owners may do everything in their account; others what policies say."""

    def __init__(self, state: State, tokens: AccessTokens) -> None:
        self._state = state
        self._tokens = tokens

    # --- who ---

    def of_identity_call(self, call: Call) -> Caller:
        """Raises RefusalError as the identity API does."""
        try:
            caller = self._tokens.caller_of_call(call)
        except TokenError:
            raise wire_errors.access_token_invalid() from None
        if caller is None:
            raise wire_errors.no_authorization()
        return caller

    def of_policy_call(self, call: Call) -> Caller:
        """Raises RefusalError as the policy API does."""
        try:
            caller = self._tokens.caller_of_call(call)
        except TokenError:
            caller = None
        if caller is None:
            raise wire_errors.policy_token_invalid()
        return caller

    def of_registry_call(self, call: Call) -> Caller:
        """Raises RefusalError: CRG0009E also when the Account header is missing or names
        another account than the token [documented]."""
        try:
            caller = self._tokens.caller_of_call(call)
        except TokenError:
            caller = None
        if caller is None or call.request.header("account") != caller.account_id:
            raise wire_errors.account_not_authorized()
        return caller

    # --- whether ---

    def owns(self, caller: Caller, account_id: str) -> bool:
        return self._state.is_owner(caller.iam_id, account_id)

    def may_write_identities(self, caller: Caller, account_id: str) -> bool:
        return self._has_role(caller, account_id, IDENTITY_SERVICE, _WRITERS)

    def may_read_identities(self, caller: Caller, account_id: str) -> bool:
        return self._has_role(caller, account_id, IDENTITY_SERVICE, PLATFORM_ROLES)

    def may_write_policies(
        self, caller: Caller, account_id: str, service: str | None
    ) -> bool:
        wanted = service or "(every service)"
        return self._has_role(caller, account_id, wanted, _ADMINISTRATORS)

    def may_read_policies(self, caller: Caller, account_id: str) -> bool:
        return self.may_read_identities(caller, account_id)

    def may_manage_registry_tokens(self, caller: Caller) -> bool:
        return self._has_role(caller, caller.account_id, SERVICE, _ADMINISTRATORS)

    def may_in_registry(
        self, caller: Caller, action: str, region: str, namespace: str | None = None
    ) -> bool:
        """Whether the caller has the registry action in the own account."""
        if self.owns(caller, caller.account_id):
            return True
        known = self._state.namespaces.get((region, namespace or ""))
        group = None if known is None else known.resource_group
        target = Target(caller.account_id, region, namespace, group)
        return may(self._state.grants_of(caller.iam_id), action, target)

    def may_use_resource_group(self, caller: Caller, group: str) -> bool:
        return self.owns(caller, caller.account_id) or may_use_resource_group(
            self._state.grants_of(caller.iam_id), caller.account_id, group
        )

    def _has_role(
        self, caller: Caller, account_id: str, service: str, roles: tuple[str, ...]
    ) -> bool:
        if self.owns(caller, account_id):
            return True
        if caller.account_id != account_id:
            return False
        grants = self._state.grants_of(caller.iam_id)
        return has_platform_role(grants, roles, account_id, service)
