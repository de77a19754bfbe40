#!/usr/bin/python
# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

DOCUMENTATION = r"""
module: cr_token
short_description: Manage a registry token
version_added: 0.1.0
description:
  - Makes sure that there is, or is not, a token for the registry of one region, with which anybody who holds it can pull, or pull
    and push, in every namespace of the account, or in some. This is what C(ibmcloud cr token-add), C(token-get) and C(token-rm) gave.
  - IBM ended registry tokens. What the backend V(iam) makes in their place is an API key of a service ID that has no other purpose,
    and policies on Container Registry for that service ID. Log in with it as O(icr.access.cr_login#module:api_key), or with the user
    name C(iamapikey).
  - A token is left alone while one of that description exists that has not expired. What it opens is changed in its policies, so that
    the token stays the same. One that has expired, or is not to last as long as it does, is replaced, and the new one is proven to work
    before the old one is removed.
  - The service ID is named exactly as O(description) says, and its own description is C(icr.access.cr_token) and the name of the
    region, and nothing else. That is how it is known. What is not marked so is never changed or removed, whatever its name; so do not
    edit that text. The tokens of a service ID are those of its keys that have its name.
  - Where several hosts run the task, use C(run_once). Runs that make a token of the same description at the same time notice each
    other, remove what they made and fail.
extends_documentation_fragment:
  - icr.access.attributes
  - icr.access.attributes.icr
  - icr.access.cloud
  - icr.access.cloud.wait
  - icr.access.connection
notes:
  - A run that was interrupted is taken up by the next one, wherever it ended. With O(backend=iam) a service ID without keys or policies may
    be there in between.
  - With O(backend=iam) and O(wait), a token that was made less than ten minutes ago is proven to work even when nothing has to be done,
    because the run that made it may have ended too early.
  - With O(backend=iam) and without O(wait), a change of O(namespaces) right after another one may leave the access of before, because
    IBM Cloud does not list a policy at once. The next run takes it away.
  - With O(backend=iam) the calling identity needs the platform role Operator or higher on the IAM Identity Service, and Administrator
    on Container Registry for the policies.
  - With O(backend=iam) the value of the token is stored in IAM, so that it can be returned on every run. Whoever may read the API keys of
    the account's service IDs can read the token.
  - Times count by the clock of the host where the module runs with O(backend=iam), and by the registry's with O(backend=registry).
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - The token is never part of it. Under C(superseded) it tells the ids of keys that are removed beside it.
  idempotent:
    support: full
options:
  backend:
    description:
      - What makes the token.
      - V(iam) makes an API key of a service ID, which works today.
      - V(registry) is the original service of the registry, which IBM ended. No token can be made with it since 2019-07-01 and none
        is accepted since 2021-08-19, so that on IBM Cloud it is good for nothing but an error that says what to use instead. It works
        with the sandbox in its historical mode. Log in with its tokens as O(icr.access.cr_login#module:registry_token), or with the user
        name C(token).
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
      - What the token is for. It is also how the token is found again. With O(backend=registry), two tokens that have it are an error;
        expired and revoked ones do not count.
      - With O(backend=iam) it is the name of the service ID. It is an error when a service ID that is not a token's has that name, when a
        token is to be made.
    type: str
    version_added: 0.1.0
  token_id:
    description:
      - The id of a token that exists; with O(backend=iam) that of its API key (C(ApiKey-...)). Ids are given by IBM Cloud, so that a token
        cannot be made, changed or replaced by its id.
    type: str
    version_added: 0.1.0
  state:
    description:
      - With V(present) the token exists. With V(absent) it does not, and no other token is touched.
      - With O(backend=iam) and V(absent), the service ID goes with the token, and so do all of its policies, unless O(token_id) names one of
        several tokens that it has. Keys of that service ID that are no tokens are an error. Policies on other services, which somebody
        else gave it, go too, with a warning.
    type: str
    choices: [present, absent]
    default: present
    version_added: 0.1.0
  readwrite:
    description:
      - Whether the token may push too. With O(backend=iam) it gives the roles Reader and Writer instead of Reader.
    type: bool
    default: false
    version_added: 0.1.0
  namespaces:
    description:
      - Namespaces of the region that the token opens. They need not exist yet. For O(backend=iam) only.
      - Without it, the token opens all namespaces of the account in the region, also one that was limited before. An empty list is an
        error.
    type: list
    elements: str
    version_added: 0.1.0
  non_expiring:
    description:
      - Whether the token lives for ever instead of 24 hours.
    type: bool
    default: false
    version_added: 0.1.0
  renew_before:
    description:
      - Replace the token when less than this span of time is left to it, such as V(30m), V(2h) or a number of seconds.
      - Without it a token is used until it has expired, and another one made then.
      - The old token stops working when the new one does work; whoever holds it has to be given the new one.
    type: str
    version_added: 0.1.0
seealso:
  - module: icr.access.cr_token_info
  - module: icr.access.cr_login
  - module: icr.access.cr_service_id
  - module: icr.access.cr_apikey
author:
  - Contributors to the icr.access project (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Have a token that may pull from one namespace
  icr.access.cr_token:
    region: eu-de
    description: test cluster
    namespaces: [team-a]
    renew_before: 2h
  delegate_to: localhost
  run_once: true
  register: pull_token
  no_log: true

- name: Log in with it
  icr.access.cr_login:
    region: eu-de
    api_key: "{{ pull_token.token }}"

- name: Have a token that may push everywhere in the region, and never expires
  icr.access.cr_token:
    region: eu-de
    description: release builds
    readwrite: true
    non_expiring: true
  delegate_to: localhost
  run_once: true
  register: push_token
  no_log: true

- name: Remove the one, and the service ID that was made for it
  icr.access.cr_token:
    region: eu-de
    description: test cluster
    state: absent

- name: Have a token of the kind that IBM ended, in a sandbox of historical mode
  icr.access.cr_token:
    backend: registry
    region: us-south
    description: test cluster
    endpoints: "{{ sandbox_cloud.endpoints }}"
    api_key: "{{ sandbox_cloud.api_key }}"
  register: historical_token
  no_log: true
"""

RETURN = r"""
token_id:
  description:
    - The id of the token, or of the one that was removed.
    - V(null) when there is none, and in check mode when one would be made.
  returned: success
  type: str
  sample: ApiKey-3f6a1c1e-6a39-4a2b-8a5c-0d3a8f1b2c4d
token:
  description:
    - The token itself, which is a secret, on every run with O(state=present). Use C(no_log) in the task.
    - V(null) with O(state=absent), and in check mode when one would be made.
  returned: success
  type: str
username:
  description: The user name to log in with, C(iamapikey) or, with O(backend=registry), C(token).
  returned: success
  type: str
  sample: iamapikey
description:
  description: The description of the token, V(null) when there is none.
  returned: success
  type: str
  sample: test cluster
readwrite:
  description: Whether the token may push too, V(null) when there is none.
  returned: success
  type: bool
  sample: false
namespaces:
  description: The namespaces that the token opens, V(null) for all of the region, and when there is none.
  returned: success
  type: list
  elements: str
  sample: [team-a]
non_expiring:
  description: Whether the token never ends, V(null) when there is none.
  returned: success
  type: bool
  sample: false
expires_at:
  description: When the token ends, in UTC. V(null) for one that never does, when there is none, and in check mode when one would
    be made.
  returned: success
  type: str
  sample: '2026-11-21T20:15:00Z'
region:
  description: The current name of the region.
  returned: success
  type: str
  sample: us-south
registry:
  description: The registry that the token is for, as C(host[:port]).
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

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.icr.access.plugins.module_utils import (
    _clients,
    _key_token_change,
    _key_tokens,
    _module,
    _one_registry,
    _plan,
    _registry_token_change,
    _registry_tokens,
    _settings,
    _token_wanted,
    _waiting,
)

OPTIONS = {
    "backend": {"type": "str", "choices": ["iam", "registry"], "default": "iam"},
    "region": {"type": "str", "required": True},
    "description": {"type": "str"},
    # An id opens nothing; it is the name under which a token is found.
    "token_id": {"type": "str", "no_log": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "readwrite": {"type": "bool", "default": False},
    "namespaces": {"type": "list", "elements": "str"},
    "non_expiring": {"type": "bool", "default": False},
    "renew_before": {"type": "str"},
    **_module.WAIT_OPTIONS,
    **_module.CLOUD_OPTIONS,
}


def run(module: AnsibleModule, clients: _clients.Clients) -> None:
    params = module.params
    want = _token_wanted.wanted(params)
    registry = _one_registry.one_region_registry(
        params["region"], params["visibility"], clients.endpoints
    )
    ways = _key_token_change.Ways(
        _settings.settings_of(params), _waiting.patience_of(params)
    )
    change: (
        _key_token_change.KeyTokenChange | _registry_token_change.RegistryTokenChange
    )
    if params["backend"] == "iam":
        change = _key_token_change.KeyTokenChange(clients, registry, want, ways)
    else:
        change = _registry_token_change.RegistryTokenChange(clients, registry, want)
    outcome = change.predicted() if module.check_mode else change.apply()
    for warning in change.warnings:
        module.warn(warning)
    diff = change.diff()
    if change.step.is_change and not outcome.is_change:  # it was right, unseen
        diff = _plan.Plan.nothing(outcome.told).diff()
    _module.finish(
        module,
        changed=outcome.is_change,
        diff=diff,
        **outcome.told,
        token=outcome.value,
        username=change.username,
        region=registry.region,
        registry=registry.host,
    )


def main() -> None:
    module = AnsibleModule(
        argument_spec=OPTIONS,
        mutually_exclusive=[_module.ONE_CALLER, ("description", "token_id")],
        required_one_of=[("description", "token_id")],
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
