#!/usr/bin/python
# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

DOCUMENTATION = r"""
module: cr_token_info
short_description: Tell which registry tokens there are
version_added: 0.1.0
description:
  - Lists the registry tokens of the account in one region, as C(ibmcloud cr token-list) and C(token-get) did.
  - Where nothing is found, the list is empty. With O(backend=registry), where IBM has ended the service, that is an error, as in
    M(icr.access.cr_token).
  - With O(backend=iam) it is told what M(icr.access.cr_token) has made, and what is marked as such; no other API key is. A service ID on
    which a run of it was interrupted has no token yet.
extends_documentation_fragment:
  - icr.access.attributes
  - icr.access.attributes.icr
  - icr.access.attributes.info
  - icr.access.cloud
  - icr.access.connection
options:
  backend:
    description:
      - What made the tokens, as in M(icr.access.cr_token).
    type: str
    choices: [iam, registry]
    default: iam
    version_added: 0.1.0
  region:
    description:
      - The region of the registry, as in M(icr.access.cr_login), but one only.
    type: str
    required: true
    version_added: 0.1.0
  description:
    description:
      - Only tokens of exactly this description. With O(backend=iam) this saves reading those of all others.
    type: str
    version_added: 0.1.0
  token_id:
    description:
      - Only the token of this id.
    type: str
    version_added: 0.1.0
  reveal:
    description:
      - Whether to return the tokens themselves.
      - This reads each token by itself. Set C(no_log) on the task.
    type: bool
    default: false
    version_added: 0.1.0
seealso:
  - module: icr.access.cr_token
author:
  - Contributors to the icr.access project (!UNKNOWN)
"""

EXAMPLES = r"""
- name: List the tokens for the registry in Frankfurt
  icr.access.cr_token_info:
    region: eu-de
  register: listed

- name: Read one of them again
  icr.access.cr_token_info:
    region: eu-de
    description: test cluster
    reveal: true
  register: pull_token
  no_log: true

- name: List tokens of the kind that IBM ended, in a sandbox of historical mode
  icr.access.cr_token_info:
    backend: registry
    region: us-south
    endpoints: "{{ sandbox_cloud.endpoints }}"
    api_key: "{{ sandbox_cloud.api_key }}"
  register: historical
"""

RETURN = r"""
tokens:
  description: The tokens that were found, by description and id.
  returned: success
  type: list
  elements: dict
  contains:
    token_id:
      description: The id of the token.
      type: str
      sample: ApiKey-3f6a1c1e-6a39-4a2b-8a5c-0d3a8f1b2c4d
    description:
      description: The description of the token, empty if it has none.
      type: str
      sample: test cluster
    readwrite:
      description: Whether the token may push too.
      type: bool
      sample: false
    namespaces:
      description: The namespaces that the token opens, V(null) for all of the region.
      type: list
      elements: str
      sample: [team-a]
    non_expiring:
      description: Whether the token never ends.
      type: bool
      sample: false
    expires_at:
      description: When the token ends, in UTC, V(null) for never.
      type: str
      sample: '2026-11-21T20:15:00Z'
    expired:
      description: Whether it has ended. IBM Cloud forgets such tokens by itself, with O(backend=iam) after 90 days.
      type: bool
      sample: false
    revoked:
      description: Whether it was taken back; with O(backend=iam), whether its API key is disabled.
      type: bool
      sample: false
    token:
      description: The token itself, which is a secret. V(null) where IBM Cloud does not tell it.
      returned: when O(reveal=true)
      type: str
region:
  description: The current name of the region.
  returned: success
  type: str
  sample: us-south
registry:
  description: The registry that the tokens are for, as C(host[:port]).
  returned: success
  type: str
  sample: us.icr.io
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
    _clients,
    _key_token_survey,
    _key_tokens,
    _module,
    _one_registry,
    _registry_api,
    _registry_tokens,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.icr.access.plugins.module_utils import _registries

OPTIONS = {
    "backend": {"type": "str", "choices": ["iam", "registry"], "default": "iam"},
    "region": {"type": "str", "required": True},
    "description": {"type": "str"},
    # An id opens nothing; it is the name under which a token is found.
    "token_id": {"type": "str", "no_log": False},
    "reveal": {"type": "bool", "default": False},
    **_module.CLOUD_OPTIONS,
}


def chosen(
    tokens: Sequence[_registry_tokens.RegistryToken], params: Mapping
) -> list[_registry_tokens.RegistryToken]:
    """Those that the options ask for. Pure."""
    return [
        token
        for token in tokens
        if params["description"] in (None, token.description)
        and params["token_id"] in (None, token.id)
    ]


def told(token: _registry_tokens.RegistryToken, now: float) -> dict[str, object]:
    """What is told of a token, which is not a secret. Pure."""
    return {
        **token.shown(),
        "expired": token.has_ended(now),
        "revoked": token.is_revoked,
    }


def revealed(
    token: _registry_tokens.RegistryToken, api: _registry_api.RegistryApi, now: float
) -> list[dict[str, object]]:
    """The token with its value; nothing when it has vanished since it was listed."""
    value = api.find_value(token.id)
    return [] if value is None else [{**told(token, now), "token": value}]


def registry_rows(
    clients: _clients.Clients, registry: _registries.Registry, params: Mapping
) -> list[dict[str, object]]:
    """The tokens of backend registry."""
    api = _registry_api.RegistryApi(clients.caller, registry, clients.account_id())
    listing = api.list_tokens()
    found = chosen(listing.tokens, params)
    if params["reveal"]:
        return [row for one in found for row in revealed(one, api, listing.now)]
    return [told(one, listing.now) for one in found]


def key_rows(
    clients: _clients.Clients, registry: _registries.Registry, params: Mapping
) -> list[dict[str, object]]:
    """The tokens of backend iam."""
    return _key_token_survey.list_tokens(
        clients,
        registry.region or "",
        description=params["description"],
        token_id=params["token_id"],
        reveal=params["reveal"],
        now=time.time(),
    )


def run(module: AnsibleModule, clients: _clients.Clients) -> None:
    params = module.params
    registry = _one_registry.one_region_registry(
        params["region"], params["visibility"], clients.endpoints
    )
    find = key_rows if params["backend"] == "iam" else registry_rows
    rows = find(clients, registry, params)
    _module.finish(
        module,
        changed=False,
        tokens=sorted(rows, key=lambda row: (row["description"], row["token_id"])),
        region=registry.region,
        registry=registry.host,
    )


def main() -> None:
    module = AnsibleModule(
        argument_spec=OPTIONS,
        mutually_exclusive=[_module.ONE_CALLER],
        supports_check_mode=True,
    )
    with _module.reporting(module):
        refuse = (
            _key_tokens.refuse_value
            if module.params["backend"] == "iam"
            else _registry_tokens.refuse_value
        )
        refuse(module.params["token_id"], module.no_log_values.add)
        with _clients.connected(module) as clients:
            run(module, clients)


if __name__ == "__main__":
    main()
