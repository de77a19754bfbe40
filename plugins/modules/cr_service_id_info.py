#!/usr/bin/python
# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

DOCUMENTATION = r"""
module: cr_service_id_info
short_description: Tell which service IDs there are and what they may do in Container Registry
version_added: 0.1.0
description:
  - Lists the service IDs of the account with the access to Container Registry that their own policies give. All pages
    are read.
  - What they may do as members of access groups is not part of it.
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
      - Only service IDs of exactly this name.
    type: str
    version_added: 0.1.0
  id:
    description:
      - Only the service ID of this id (C(ServiceId-...)).
    type: str
    version_added: 0.1.0
notes:
  - Without the right to see policies, IBM Cloud shows none, so that nobody seems to have access.
seealso:
  - module: icr.access.cr_service_id
author:
  - Contributors to the icr.access project (!UNKNOWN)
"""

EXAMPLES = r"""
- name: See what a service ID may do
  icr.access.cr_service_id_info:
    name: ci-puller
  register: puller

- name: List all service IDs of the account
  icr.access.cr_service_id_info:
  register: everyone

- name: Show which of them have access to Container Registry
  ansible.builtin.debug:
    msg: "{{ everyone.service_ids | rejectattr('access', 'eq', []) | map(attribute='name') }}"
"""

RETURN = r"""
service_ids:
  description: The service IDs that were found, by name and id.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Id of the service ID.
      type: str
      sample: ServiceId-0b7b5b6e-1b0a-4c0f-9b3f-2a6a3f0d5c11
    name:
      description: Its name.
      type: str
      sample: ci-puller
    description:
      description: Its description, empty if it has none.
      type: str
    iam_id:
      description: Identity that policies and API keys name.
      type: str
      sample: iam-ServiceId-0b7b5b6e-1b0a-4c0f-9b3f-2a6a3f0d5c11
    account_id:
      description: Its account.
      type: str
    crn:
      description: Its cloud resource name.
      type: str
    created_at:
      description: When it was made, as the service writes it (UTC).
      type: str
      sample: 2026-10-01T12:00+0000
    modified_at:
      description: When it was last changed; its policies and keys do not count.
      type: str
      sample: 2026-10-01T12:00+0000
    locked:
      description: Whether it is locked against changes.
      type: bool
      sample: false
    access:
      description:
        - Its access to Container Registry by policies of its own, in the shape of the option
          O(icr.access.cr_service_id#module:access).
      type: list
      elements: dict
      contains:
        roles:
          description: What it may do.
          type: list
          elements: str
          sample: [Reader]
        region:
          description: Region that it is limited to, V(null) for all.
          type: str
          sample: eu-de
        namespaces:
          description: Namespaces that it is limited to, V(null) for all.
          type: list
          elements: str
          sample: [team-a]
    other_policies:
      description:
        - Policies of its own on Container Registry that say more than an entry of
          O(icr.access.cr_service_id#module:access) can.
      type: list
      elements: dict
      contains:
        id:
          description: Id of the policy.
          type: str
          sample: 8c7b7d3b-2b51-4cb8-9e0e-0f3f5c9a1d77
        reason:
          description: What makes it another kind of policy.
          type: str
          sample: it depends on resourceGroupId
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
    _access,
    _clients,
    _identities,
    _module,
    _policies,
    _service_id_plan,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

OPTIONS = {
    "name": {"type": "str"},
    "id": {"type": "str"},
    **_module.CLOUD_OPTIONS,
}


def find(clients: _clients.Clients, params: Mapping) -> list[_identities.ServiceId]:
    """The service IDs that the options name, by name and id. Raises `InputError` for what can be
    neither, and the errors of the calls."""
    service_id, name = (
        _service_id_plan.checked_id(params["id"]),
        _service_id_plan.checked_name(params["name"]),
    )
    if service_id is None:
        found = clients.service_ids.list_service_ids(clients.account_id(), name)
        return sorted(found, key=lambda each: (each.name, each.id))
    one = clients.service_ids.find_service_id(service_id)
    return [one] if one and name in (None, one.name) else []


def policies_of(
    clients: _clients.Clients, found: list[_identities.ServiceId]
) -> list[_policies.Policy]:
    """The policies of these, and perhaps of others: one list for all takes fewer requests than
    one for each. Raises the errors of the calls."""
    if not found:
        return []
    iam_id = found[0].iam_id if len(found) == 1 else None
    account_id = found[0].account_id or clients.account_id()
    return clients.policies.list_policies(account_id, iam_id)


def run(module: AnsibleModule, clients: _clients.Clients) -> None:
    found = find(clients, module.params)
    policies = policies_of(clients, found)
    results = []
    for each in found:
        account_id = each.account_id or clients.account_id()
        subject = _access.Subject(each.iam_id, account_id, f"service ID {each.name}")
        results.append(_service_id_plan.shown(each, _access.survey(policies, subject)))
    _module.finish(module, changed=False, service_ids=results)


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
