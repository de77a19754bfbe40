#!/usr/bin/python
# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

DOCUMENTATION = r"""
module: cr_namespace_info
short_description: Tell which namespaces there are
version_added: 0.1.0
description:
  - Lists the namespaces that the account has in the registries of some regions, one region after the other.
  - Where nothing is found, the list is empty. The registry lists none either to a caller who may not list them.
extends_documentation_fragment:
  - icr.access.attributes
  - icr.access.attributes.icr
  - icr.access.attributes.info
  - icr.access.cloud
  - icr.access.connection
options:
  region:
    description:
      - The regions to look in, as in M(icr.access.cr_login). V(all) stands for all that IBM documents.
    type: list
    elements: str
    required: true
    version_added: 0.1.0
  name:
    description:
      - Only namespaces of exactly this name.
    type: str
    version_added: 0.1.0
seealso:
  - module: icr.access.cr_namespace
author:
  - Contributors to the icr.access project (!UNKNOWN)
"""

EXAMPLES = r"""
- name: List the namespaces in Frankfurt and in the global registry
  icr.access.cr_namespace_info:
    region: [eu-de, global]
  register: listed

- name: See where a namespace is
  icr.access.cr_namespace_info:
    region: all
    name: my-namespace
  register: found
"""

RETURN = r"""
namespaces:
  description: The namespaces that were found, by region in the order asked for, and name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the namespace.
      type: str
      sample: my-namespace
    region:
      description: The current name of its region.
      type: str
      sample: eu-de
    registry:
      description: The registry that it is in, as C(host[:port]).
      type: str
      sample: de.icr.io
    account_id:
      description: Account that it belongs to.
      type: str
    crn:
      description: Cloud resource name of the namespace.
      type: str
      sample: crn:v1:bluemix:public:container-registry:eu-de:a/0b5a00334eaf9eb9339d2ab48f20d7f5::namespace:my-namespace
    resource_group:
      description: Id of its resource group, V(null) for a namespace that has none.
      type: str
    created_at:
      description: When it was made, as the service writes it.
      type: str
      sample: '2026-10-01 12:00:00'
    updated_at:
      description: When it was last changed, as the service writes it.
      type: str
      sample: '2026-10-01 12:00:00'
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
    _errors,
    _module,
    _namespace_api,
    _namespaces,
    _registries,
)

OPTIONS = {
    "region": {"type": "list", "elements": "str", "required": True},
    "name": {"type": "str"},
    **_module.CLOUD_OPTIONS,
}


def chosen(
    namespaces: list[_namespaces.Namespace], name: str | None
) -> list[_namespaces.Namespace]:
    """Those of that name, or all without one, by name. Pure."""
    found = [each for each in namespaces if name in (None, each.name)]
    return sorted(found, key=lambda each: each.name)


def run(module: AnsibleModule, clients: _clients.Clients) -> None:
    params = module.params
    endpoints = None if clients.endpoints is None else dict(clients.endpoints)
    registries = _registries.region_registries(
        params["region"], params["visibility"], endpoints
    )
    if not registries:
        raise _errors.InputError(
            "region is empty; name the regions to look in, or all."
        )
    account_id = clients.account_id()
    found = []
    for registry in registries:
        api = _namespace_api.NamespaceApi(clients.caller, registry, account_id)
        found += [
            namespace.as_result(registry.region, registry.host)
            for namespace in chosen(api.list_namespaces(), params["name"])
        ]
    _module.finish(module, changed=False, namespaces=found)


def main() -> None:
    module = AnsibleModule(
        argument_spec=OPTIONS,
        mutually_exclusive=[_module.ONE_CALLER],
        supports_check_mode=True,
    )
    with _module.reporting(module), _clients.connected(module) as clients:
        run(module, clients)


if __name__ == "__main__":
    main()
