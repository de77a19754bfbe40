#!/usr/bin/python
# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

DOCUMENTATION = r"""
module: cr_namespace
short_description: Make and remove a namespace of a registry
version_added: 0.1.0
description:
  - Makes sure that the account has, or has not, a namespace of that name in the registry of one region. Images live in namespaces, as in
    C(de.icr.io/NAMESPACE/IMAGE:TAG).
  - The caller needs the role Manager on Container Registry for the whole account, to make a namespace and to remove one.
  - A namespace that holds images is removed with O(force) only.
extends_documentation_fragment:
  - icr.access.attributes
  - icr.access.attributes.icr
  - icr.access.cloud
  - icr.access.connection
notes:
  - A namespace that the caller may not see counts as none, because the registry does not tell the two apart. Making it is then refused,
    or finds it; removing it changes nothing.
  - That a name is taken by another account shows when the namespace is made, and not in check mode.
attributes:
  check_mode:
    support: full
    details:
      - What the service fills in, such as the resource name, is V(null) in check mode when a namespace would be made.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  name:
    description:
      - Name of the namespace. It has 4 to 30 lower-case letters, digits, hyphens and underscores, and begins and ends with a letter or
        digit.
      - Names are unique across all accounts in a region. After a namespace was deleted, its name may take some minutes to be free again.
    type: str
    required: true
    version_added: 0.1.0
  region:
    description:
      - The region of the registry, as in M(icr.access.cr_login), but one only.
    type: str
    required: true
    version_added: 0.1.0
  resource_group:
    description:
      - Id of the resource group that a new namespace belongs to, as C(ibmcloud resource groups) shows it. Without it, IBM Cloud takes the
        default group of the account.
      - A namespace cannot be moved to another group, so that a difference is an error. One from before there were resource groups
        can be given one, once.
      - With O(state=absent) it does not matter.
    type: str
    version_added: 0.1.0
  state:
    description:
      - With V(present) the namespace exists, with V(absent) it does not.
    type: str
    choices: [present, absent]
    default: present
    version_added: 0.1.0
  force:
    description:
      - Whether O(state=absent) removes a namespace with the images that it holds. They are lost.
      - Images without a tag count too.
      - With it, the namespace is removed even if the caller may not count its images.
    type: bool
    default: false
    version_added: 0.1.0
seealso:
  - module: icr.access.cr_namespace_info
  - name: Setting up a namespace
    description: IBM's documentation of namespaces.
    link: https://cloud.ibm.com/docs/Registry?topic=Registry-registry_setup_cli_namespace
author:
  - Contributors to the icr.access project (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Have a namespace in Frankfurt
  icr.access.cr_namespace:
    name: my-namespace
    region: eu-de

- name: Have one in a resource group
  icr.access.cr_namespace:
    name: my-other-namespace
    region: eu-de
    resource_group: 9f4c7b1e2a3d4c5b8e6f7a8b9c0d1e2f

- name: Remove it, as long as it is empty
  icr.access.cr_namespace:
    name: my-other-namespace
    region: eu-de
    state: absent
"""

RETURN = r"""
namespace:
  description:
    - The namespace, V(null) when there is none.
    - In check mode, what the service will fill in is V(null).
  returned: success
  type: dict
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
images:
  description: How many images the removed namespace held, V(null) when none was, or would be, removed, and when O(force) is set
    and they could not be counted.
  returned: success
  type: int
  sample: 0
region:
  description: The current name of the region.
  returned: success
  type: str
  sample: eu-de
registry:
  description: The registry, as C(host[:port]).
  returned: success
  type: str
  sample: de.icr.io
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

from dataclasses import dataclass, replace

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.icr.access.plugins.module_utils import (
    _clients,
    _errors,
    _module,
    _namespace_api,
    _namespaces,
    _one_registry,
    _plan,
    _registries,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

OPTIONS = {
    "name": {"type": "str", "required": True},
    "region": {"type": "str", "required": True},
    "resource_group": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "force": {"type": "bool", "default": False},
    **_module.CLOUD_OPTIONS,
}


@dataclass(frozen=True)
class Wanted:
    """What the options ask for: `resource_group` is an id, or None for any."""

    name: str
    registry: _registries.Registry
    absent: bool = False
    force: bool = False
    resource_group: str | None = None

    def shown(self, namespace: _namespaces.Namespace) -> dict[str, object]:
        """The namespace as the result has it."""
        return namespace.as_result(self.registry.region, self.registry.host)


def wanted(params: Mapping, registry: _registries.Registry) -> Wanted:
    """Pure. Raises `InputError` for what can be no name and no id."""
    return Wanted(
        name=_namespaces.check_name(params["name"]),
        registry=registry,
        absent=params["state"] == "absent",
        force=params["force"],
        resource_group=_namespaces.check_resource_group(params["resource_group"]),
    )


def plan(
    current: _namespaces.Namespace | None, want: Wanted, images: int | None
) -> _plan.Plan:
    """What to do. `images` is how many a namespace holds that is to be absent, None for not
    counted. Pure.

    Raises `InputError` for a resource group that cannot be changed any more, and for images
    that would be lost without `force`.
    """
    if current is None:
        if want.absent:
            return _plan.Plan.nothing(None)
        predicted = _namespaces.Namespace(want.name, resource_group=want.resource_group)
        return _plan.Plan.create(want.shown(predicted))
    if want.absent:
        if images and not want.force:
            raise _errors.InputError(
                f"Namespace {want.name} in {want.registry.host} holds {counted(images)}, which "
                "would be lost. Remove what is in it first, or set force: true."
            )
        return _plan.Plan.remove(want.shown(current))
    wish = want.resource_group
    if current.resource_group and wish not in (None, current.resource_group):
        raise _errors.InputError(
            f"Namespace {want.name} in {want.registry.host} belongs to resource group "
            f"{current.resource_group}, and IBM Cloud lets none be moved to another. Leave "
            f"resource_group out, or make a namespace of another name in {wish}."
        )
    return _plan.Plan.update_if_different(want.shown(current), {"resource_group": wish})


def counted(images: int) -> str:
    """So many images, in words. Pure."""
    return f"{images} image{'' if images == 1 else 's'}"


def count(api: _namespace_api.NamespaceApi, want: Wanted) -> int | None:
    """How many images go with the namespace; with `force`, None when that cannot be told.

    Raises the errors of the calls.
    """
    try:
        return api.count_images(want.name)
    except _errors.AccessError as error:
        if want.force:
            return None
        if error.status != 403:
            raise
        raise error.extended(
            "So it is not known whether the namespace holds images that would be lost. The "
            "role Reader on Container Registry is enough to count them; force: true removes it "
            "without counting."
        ) from None


def apply(
    step: _plan.Plan,
    current: _namespaces.Namespace | None,
    want: Wanted,
    api: _namespace_api.NamespaceApi,
) -> tuple[bool, _namespaces.Namespace | None]:
    """Does what was planned, the only place that writes. Whether that changed anything, and the
    namespace that there is now.

    Raises `InputError` when the namespace was there unseen, in another resource group than is
    wanted.
    """
    group = want.resource_group
    if step.action == _plan.REMOVE:
        api.delete(want.name)
        return True, None
    if step.action == _plan.UPDATE and current is not None:
        api.assign(want.name, group or "")
        changed = True
    elif step.action == _plan.CREATE:
        changed = api.create(want.name, group)
    else:
        return False, current
    found = api.find(want.name)
    if found is None:  # not listed yet
        return changed, replace(
            current or _namespaces.Namespace(want.name), resource_group=group
        )
    plan(found, want, None)
    return changed, found


def run(module: AnsibleModule, clients: _clients.Clients) -> None:
    params = module.params
    registry = _one_registry.one_region_registry(
        params["region"], params["visibility"], clients.endpoints
    )
    want = wanted(params, registry)
    api = _namespace_api.NamespaceApi(clients.caller, registry, clients.account_id())
    current = api.find(want.name)
    images = count(api, want) if want.absent and current else None
    step = plan(current, want, images)
    changed, result, diff = step.is_change, step.after, step.diff()
    if not module.check_mode:
        changed, namespace = apply(step, current, want, api)
        result = None if namespace is None else want.shown(namespace)
    if step.is_change and not changed:  # it was there, unseen
        diff = _plan.Plan.nothing(result).diff()
    _module.finish(
        module,
        changed=changed,
        diff=diff,
        namespace=result,
        images=images,
        region=registry.region,
        registry=registry.host,
    )


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
