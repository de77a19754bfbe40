#!/usr/bin/python
# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

DOCUMENTATION = r"""
module: cr_apikey_info
short_description: Tell which IAM API keys there are
version_added: 0.1.0
description:
  - Lists the API keys of the calling identity, of a service ID or of a whole account. All pages are read.
  - Where nothing is found, the list is empty.
extends_documentation_fragment:
  - icr.access.attributes
  - icr.access.attributes.icr
  - icr.access.attributes.info
  - icr.access.cloud
  - icr.access.connection
options:
  name:
    description:
      - Only keys of exactly this name.
    type: str
    version_added: 0.1.0
  id:
    description:
      - Only the key of this id (C(ApiKey-...)), whoever owns it, unless O(service_id) is given too.
    type: str
    version_added: 0.1.0
  service_id:
    description:
      - Only keys of the service ID of this name or id (C(ServiceId-...)).
    type: str
    version_added: 0.1.0
  scope:
    description:
      - With V(identity) the keys of the calling identity, or of O(service_id), are listed.
      - With V(account) those of all users and service IDs of the account, which needs the right to see them.
    type: str
    choices: [identity, account]
    default: identity
    version_added: 0.1.0
  reveal:
    description:
      - Whether to return values. IBM Cloud tells them only of keys that were made with O(icr.access.cr_apikey#module:store_value).
      - This reads each key by itself. Set C(no_log) on the task.
    type: bool
    default: false
    version_added: 0.1.0
seealso:
  - module: icr.access.cr_apikey
author:
  - Contributors to the icr.access project (!UNKNOWN)
"""

EXAMPLES = r"""
- name: List the keys of a service ID
  icr.access.cr_apikey_info:
    service_id: ci-puller
  register: keys

- name: Read a stored value again
  icr.access.cr_apikey_info:
    name: deployer
    service_id: ci-puller
    reveal: true
  no_log: true
  register: deployer

- name: List every key of the account
  icr.access.cr_apikey_info:
    scope: account
  register: all_keys
"""

RETURN = r"""
api_keys:
  description: The keys that were found, by name and id.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Id of the key.
      type: str
      sample: ApiKey-3f6a1c1e-6a39-4a2b-8a5c-0d3a8f1b2c4d
    name:
      description: Name of the key.
      type: str
      sample: build-hosts
    description:
      description: Description of the key, empty if it has none.
      type: str
    iam_id:
      description: Identity that the key authenticates.
      type: str
      sample: iam-ServiceId-0b7b5b6e-1b0a-4c0f-9b3f-2a6a3f0d5c11
    account_id:
      description: Account of the key.
      type: str
    crn:
      description: Cloud resource name of the key.
      type: str
    created_at:
      description: When it was made, as the service writes it (UTC).
      type: str
      sample: 2026-10-01T12:00+0000
    created_by:
      description: Identity that made it.
      type: str
    modified_at:
      description: When it was last changed.
      type: str
      sample: 2026-10-01T12:00+0000
    expires_at:
      description: When it ends, V(null) for never.
      type: str
      sample: 2026-12-30T12:00+0000
    locked:
      description: Whether it is locked against changes.
      type: bool
      sample: false
    disabled:
      description: Whether it is disabled. IBM Cloud disables a key by itself when it finds its value in public, unless
        RV(api_keys[].action_when_leaked) says otherwise.
      type: bool
      sample: false
    expired:
      description: Whether it has ended. V(false) also where that cannot be told.
      type: bool
      sample: false
    action_when_leaked:
      description: What happens when its value is found in public.
      type: str
      sample: disable
    value:
      description: The value of the key, V(null) when it is not stored. This is a secret.
      returned: when O(reveal=true)
      type: str
error:
  description: The service's part in a failure, to branch on.
  returned: when a service had a part in a failure
  type: dict
  contains:
    url:
      description: What was asked, without its query.
      type: str
    status:
      description: HTTP status of the answer.
      type: int
    code:
      description: The service's own code.
      type: str
    trace_id:
      description: What IBM's support asks for.
      type: str
"""

import time

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.icr.access.plugins.module_utils import (
    _api_key_plan,
    _clients,
    _errors,
    _iam,
    _identities,
    _key_owner,
    _module,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

OPTIONS = {
    "name": {"type": "str"},
    "id": {"type": "str"},
    "service_id": {"type": "str"},
    "scope": {"type": "str", "choices": ["identity", "account"], "default": "identity"},
    "reveal": {"type": "bool", "default": False},
    **_module.CLOUD_OPTIONS,
}


def find(clients: _clients.Clients, params: Mapping) -> list[_identities.ApiKey]:
    """The keys that the options name, in no order. Raises the errors of the calls."""
    account_id = clients.account_id()
    owner = None
    if params["service_id"] is not None or (
        params["id"] is None and params["scope"] == "identity"
    ):
        owner = _key_owner.find_owner(clients, params["service_id"])
        if owner is None:
            return []
    if params["id"] is not None:
        key = clients.iam.find_api_key(params["id"])
        return [key] if key and (owner is None or key.iam_id == owner.iam_id) else []
    if owner is not None:
        return clients.iam.list_api_keys(account_id, owner.iam_id)
    return clients.iam.list_all_api_keys(account_id)


def with_name(
    keys: list[_identities.ApiKey], name: str | None
) -> list[_identities.ApiKey]:
    """Those of that name, or all without one, by name and id. Pure."""
    found = [key for key in keys if name in (None, key.name)]
    return sorted(found, key=lambda key: (key.name, key.id))


def shown(key: _identities.ApiKey, now: float) -> dict[str, object]:
    """The key as a result shows it; `now` is in seconds since 1970, UTC. Pure."""
    result = key.as_result()
    return {**result, "expired": _api_key_plan.is_expired(result, now)}


def stored_value(iam: _iam.Iam, key: _identities.ApiKey) -> str | None:
    """The value of a key, if IBM Cloud has kept it."""
    fresh = key if key.value is not None else iam.find_api_key(key.id)
    return fresh.value if fresh else None


def run(module: AnsibleModule, clients: _clients.Clients) -> None:
    params = module.params
    if params["scope"] == "account" and params["service_id"] is not None:
        raise _errors.InputError(
            "scope=account lists the keys of every identity; leave service_id out."
        )
    keys = with_name(find(clients, params), params["name"])
    now = time.time()
    results = [shown(key, now) for key in keys]
    if params["reveal"]:
        for key, result in zip(keys, results):
            result["value"] = stored_value(clients.iam, key)
    _module.finish(module, changed=False, api_keys=results)


def main() -> None:
    module = AnsibleModule(
        argument_spec=OPTIONS,
        supports_check_mode=True,
        mutually_exclusive=[_module.ONE_CALLER],
    )
    with _module.reporting(module), _clients.connected(module) as clients:
        run(module, clients)


if __name__ == "__main__":
    main()
