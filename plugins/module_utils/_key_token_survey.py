# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What IBM Cloud has for a token that is an API key. Reads only."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.icr.access.plugins.module_utils import (
    _access,
    _errors,
    _identities,
    _key_token_obstacles,
    _key_token_plan,
    _key_tokens,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ansible_collections.icr.access.plugins.module_utils import (
        _clients,
        _identities,
        _token_wanted,
    )


def look(
    clients: _clients.Clients, want: _token_wanted.Wanted, region: str, now: float
) -> _key_token_plan.Found:
    """All that there is for the token that is meant; `now` in seconds since 1970, UTC.

    Raises what `_key_token_obstacles` says of what is found, and the errors of the calls.
    """
    service_id = (
        _by_name(clients, want, region)
        if want.token_id is None
        else _by_key(clients, want.token_id, region)
    )
    if service_id is None:
        return _key_token_plan.Found(region)
    return look_around(
        clients, service_id, region, None if want.absent else now, want.token_id
    )


def look_around(
    clients: _clients.Clients,
    service_id: _identities.ServiceId,
    region: str,
    now: float | None,
    token_id: str | None = None,
) -> _key_token_plan.Found:
    """What a service ID of ours has, with the values of the tokens that could be used, or of
    the one of that id; without a moment `now`, with no values."""
    account_id = clients.account_id()
    keys = clients.iam.list_api_keys(account_id, service_id.iam_id)
    policies = clients.policies.list_policies(account_id, service_id.iam_id)
    on_registry = _access.survey(
        policies, _key_token_plan.subject_of(service_id, account_id)
    )
    found = _key_token_plan.Found(
        region,
        service_id,
        tuple(keys),
        on_registry,
        len(policies) - len(on_registry.present) - len(on_registry.others),
    )
    if now is None:
        return found
    usable = {
        key.id
        for key in found.tokens
        if token_id in (None, key.id)
        and not (key.disabled or _key_tokens.has_ended(key, now))
    }
    told = (_with_value(clients, key) if key.id in usable else key for key in keys)
    return replace(found, keys=tuple(key for key in told if key is not None))


def list_tokens(
    clients: _clients.Clients,
    region: str,
    *,
    description: str | None,
    token_id: str | None,
    reveal: bool,
    now: float,
) -> list[dict[str, object]]:
    """What is told of the tokens in a region, each with its value if that is to be revealed.

    Those that vanish while they are read are left out. Raises the errors of the calls.
    """
    account_id = clients.account_id()
    rows = []
    for service_id in clients.service_ids.list_service_ids(account_id, description):
        if _key_tokens.region_of(service_id) != region:
            continue
        found = look_around(clients, service_id, region, None)
        for key in found.tokens:
            if token_id not in (None, key.id):
                continue
            row = {
                **_key_tokens.shown(key, found.access),
                "expired": _key_tokens.has_ended(key, now),
                "revoked": key.disabled,
            }
            if reveal:
                fresh = clients.iam.find_api_key(key.id)
                if fresh is None:
                    continue
                row["token"] = fresh.value
            rows.append(row)
    return rows


def _by_name(
    clients: _clients.Clients, want: _token_wanted.Wanted, region: str
) -> _identities.ServiceId | None:
    name = want.description or ""
    if name != name.strip():
        raise _errors.InputError(
            f"description begins or ends with white space: {name!r}."
        )
    candidates = clients.service_ids.list_service_ids(clients.account_id(), name)
    return _key_token_obstacles.only_service_id(
        candidates, name, region, may_be_made=not want.absent
    )


def _by_key(
    clients: _clients.Clients, token_id: str, region: str
) -> _identities.ServiceId | None:
    clients.account_id()
    key = clients.iam.find_api_key(token_id)
    if key is None:
        return None
    owner = None
    if key.iam_id.startswith(_identities.SERVICE_IAM_ID_PREFIX):
        owner = clients.service_ids.find_service_id(key.iam_id[len("iam-") :])
    _key_token_obstacles.refuse_stranger(key, owner, region)
    return owner


def _with_value(
    clients: _clients.Clients, key: _identities.ApiKey
) -> _identities.ApiKey | None:
    """None when it has vanished since it was listed."""
    return clients.iam.find_api_key(key.id)
