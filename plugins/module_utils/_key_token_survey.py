# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What IBM Cloud has for a token that is an API key. Reads only."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.icr.access.plugins.module_utils._access import survey
from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._identities import (
    SERVICE_IAM_ID_PREFIX,
)
from ansible_collections.icr.access.plugins.module_utils._key_token_obstacles import (
    only_service_id,
    refuse_stranger,
)
from ansible_collections.icr.access.plugins.module_utils._key_token_plan import (
    Found,
    subject_of,
)
from ansible_collections.icr.access.plugins.module_utils._key_tokens import (
    has_ended,
    region_of,
    shown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ansible_collections.icr.access.plugins.module_utils._clients import Clients
    from ansible_collections.icr.access.plugins.module_utils._identities import (
        ApiKey,
        ServiceId,
    )
    from ansible_collections.icr.access.plugins.module_utils._token_wanted import Wanted


def look(clients: Clients, want: Wanted, region: str, now: float) -> Found:
    """All that there is for the token that is meant; `now` in seconds since 1970, UTC.

    Raises what `_key_token_obstacles` says of what is found, and the errors of the calls.
    """
    service_id = (
        _by_name(clients, want, region)
        if want.token_id is None
        else _by_key(clients, want.token_id, region)
    )
    if service_id is None:
        return Found(region)
    return look_around(
        clients, service_id, region, None if want.absent else now, want.token_id
    )


def look_around(
    clients: Clients,
    service_id: ServiceId,
    region: str,
    now: float | None,
    token_id: str | None = None,
) -> Found:
    """What a service ID of ours has, with the values of the tokens that could be used, or of
    the one of that id; without a moment `now`, with no values."""
    account_id = clients.account_id()
    keys = clients.iam.list_api_keys(account_id, service_id.iam_id)
    policies = clients.policies.list_policies(account_id, service_id.iam_id)
    on_registry = survey(policies, subject_of(service_id, account_id))
    found = Found(
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
        if token_id in (None, key.id) and not (key.disabled or has_ended(key, now))
    }
    told = (_with_value(clients, key) if key.id in usable else key for key in keys)
    return replace(found, keys=tuple(key for key in told if key is not None))


def list_tokens(
    clients: Clients,
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
        if region_of(service_id) != region:
            continue
        found = look_around(clients, service_id, region, None)
        for key in found.tokens:
            if token_id not in (None, key.id):
                continue
            row = {
                **shown(key, found.access),
                "expired": has_ended(key, now),
                "revoked": key.disabled,
            }
            if reveal:
                fresh = clients.iam.find_api_key(key.id)
                if fresh is None:
                    continue
                row["token"] = fresh.value
            rows.append(row)
    return rows


def _by_name(clients: Clients, want: Wanted, region: str) -> ServiceId | None:
    name = want.description or ""
    if name != name.strip():
        raise InputError(f"description begins or ends with white space: {name!r}.")
    candidates = clients.service_ids.list_service_ids(clients.account_id(), name)
    return only_service_id(candidates, name, region, may_be_made=not want.absent)


def _by_key(clients: Clients, token_id: str, region: str) -> ServiceId | None:
    clients.account_id()
    key = clients.iam.find_api_key(token_id)
    if key is None:
        return None
    owner = None
    if key.iam_id.startswith(SERVICE_IAM_ID_PREFIX):
        owner = clients.service_ids.find_service_id(key.iam_id[len("iam-") :])
    refuse_stranger(key, owner, region)
    return owner


def _with_value(clients: Clients, key: ApiKey) -> ApiKey | None:
    """None when it has vanished since it was listed."""
    return clients.iam.find_api_key(key.id)
