# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""New entities, with their ids and times; used by the services and by seeding alike.

Nothing is checked here: who may make what, and how many, is the caller's to decide.
"""

from __future__ import annotations

from icr_sandbox.jwt import Claims, sign_hs256
from icr_sandbox.permissions import Attribute
from icr_sandbox.records import (
    Account,
    ApiKey,
    LegacyToken,
    Namespace,
    Policy,
    Profile,
    ServiceId,
    User,
)
from icr_sandbox.state import State


def add_account(state: State, name: str, account_id: str | None = None) -> Account:
    """An account with an owner and a default resource group."""
    account_id = account_id or state.ids.hex()
    owner = add_user(state, account_id, f"Owner of {name}")
    account = Account(account_id, name, owner.iam_id, [state.ids.hex()])
    state.accounts[account_id] = account
    return account


def add_user(
    state: State, account_id: str, name: str, email: str | None = None
) -> User:
    number = state.ids.digits(10)
    user = User(
        f"IBMid-{number}", account_id, name, email or f"user{number}@example.com"
    )
    state.users[user.iam_id] = user
    return user


def add_profile(state: State, account_id: str, name: str, trusts: list[str]) -> Profile:
    profile = Profile(f"Profile-{state.ids.uuid()}", account_id, name, trusts)
    state.profiles[profile.id] = profile
    return profile


def add_service_id(
    state: State,
    account_id: str,
    name: str,
    *,
    created_by: str,
    description: str | None = None,
    locked: bool = False,
    group_id: str | None = None,
    unique_instance_crns: list[str] | None = None,
) -> ServiceId:
    now = state.clock.now()
    service_id = ServiceId(
        id=f"ServiceId-{state.ids.uuid()}",
        account_id=account_id,
        name=name,
        description=description,
        created_at=now,
        modified_at=now,
        revision=state.new_revision(),
        locked=locked,
        group_id=group_id,
        unique_instance_crns=unique_instance_crns,
    )
    state.service_ids[service_id.id] = service_id
    state.remember(service_id, created_by, "create", [])
    return service_id


def add_api_key(
    state: State,
    *,
    iam_id: str,
    account_id: str,
    name: str,
    created_by: str,
    value: str | None = None,
    description: str | None = None,
    expires_at: float | None = None,
    action_when_leaked: str = "disable",
    support_sessions: bool = False,
    store_value: bool = False,
    locked: bool = False,
    disabled: bool = False,
    usable_at: float = 0.0,
) -> ApiKey:
    now = state.clock.now()
    key = ApiKey(
        id=f"ApiKey-{state.ids.uuid()}",
        value=value or state.ids.api_key_value(),
        iam_id=iam_id,
        account_id=account_id,
        name=name,
        description=description,
        created_at=now,
        created_by=created_by,
        modified_at=now,
        revision=state.new_revision(),
        usable_at=usable_at,
        expires_at=expires_at,
        action_when_leaked=action_when_leaked,
        support_sessions=support_sessions,
        store_value=store_value,
        locked=locked,
        disabled=disabled,
    )
    state.add_key(key)
    state.remember(key, created_by, "create", [])
    return key


def add_policy(
    state: State,
    *,
    account_id: str,
    subject: str,
    roles: list[str],
    resource: list[Attribute],
    created_by: str,
    description: str | None = None,
    visible_at: float = 0.0,
    enforced_at: float = 0.0,
    version: int = 1,
) -> Policy:
    now = state.clock.now()
    policy = Policy(
        id=state.ids.uuid(),
        account_id=account_id,
        subject=subject,
        roles=roles,
        resource=resource,
        description=description,
        created_at=now,
        created_by=created_by,
        modified_at=now,
        modified_by=created_by,
        revision=state.new_revision(),
        visible_at=visible_at,
        enforced_at=enforced_at,
        version=version,
    )
    state.policies[policy.id] = policy
    return policy


def add_namespace(
    state: State, region: str, name: str, account_id: str, group: str | None
) -> Namespace:
    now = state.clock.now()
    namespace = Namespace(region, name, account_id, now, now, group)
    state.namespaces[(region, name)] = namespace
    return namespace


def add_legacy_token(
    state: State,
    region: str,
    account_id: str,
    *,
    description: str = "",
    readonly: bool = True,
    expiry: int = 0,
) -> LegacyToken:
    """A registry token; `expiry` in epoch seconds, 0 for never. Its value is a JWT whose
    `jti` is the id and whose issuer is a registry host of that time."""
    token_id = state.ids.uuid()
    claims: Claims = {"jti": token_id, "iss": "registry.ng.bluemix.net"}
    if expiry:
        claims["exp"] = expiry
    token = LegacyToken(
        id=token_id,
        region=region,
        account_id=account_id,
        description=description,
        readonly=readonly,
        expiry=expiry,
        value=sign_hs256(claims, state.legacy_secret),
    )
    state.legacy_tokens[(region, token_id)] = token
    return token


def remove_service_id(state: State, service_id: ServiceId) -> None:
    """The service ID with its keys; its policies are deleted softly."""
    for key in state.keys_of(service_id.iam_id):
        state.remove_key(key)
    for policy in state.policies.values():
        if policy.subject == service_id.iam_id:
            policy.state = "deleted"
    for profile in state.profiles.values():
        if service_id.iam_id in profile.trusts:
            profile.trusts.remove(service_id.iam_id)
    del state.service_ids[service_id.id]
