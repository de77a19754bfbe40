#!/usr/bin/python
# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

DOCUMENTATION = r"""
module: cr_service_id
short_description: Make, change and remove a service ID and its access to Container Registry
version_added: 0.1.0
description:
  - Makes sure that the account has a service ID of that name with exactly the access to Container Registry that is
    described here, or has none.
  - Access is given by IAM policies on the service C(container-registry), one for each region and namespace. Those
    that are there are changed in place, others are made, and what is not described goes last.
  - Policies on other services, and what the service ID may do as a member of access groups, stay as they are. A
    policy on Container Registry that says more than an entry of O(access) can, such as one with a platform role, a
    wildcard or a resource group, is left alone, with a warning.
  - API keys of the service ID are the business of M(icr.access.cr_apikey).
extends_documentation_fragment:
  - icr.access.attributes
  - icr.access.attributes.icr
  - icr.access.cloud
  - icr.access.cloud.wait
  - icr.access.connection
notes:
  - The role Writer alone cannot list namespaces and images. What pushes mostly needs Reader and Writer.
  - When two runs at once make a service ID of one name, one of them deletes its own again and goes on with that of
    the other.
  - After an interruption, running the task again goes on where it ended.
  - IBM Cloud may list a new policy a minute after it was made. With O(wait), policies that come up while a new one is waited for are
    put right, too. Without it, or when access is only taken away, run the task again a minute after another one gave access, to be
    sure that nothing is left.
attributes:
  check_mode:
    support: full
    details:
      - What the service fills in, such as the id of a new service ID, is V(null) in check mode.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  state:
    description:
      - With V(present) the service ID exists as it is described, with V(absent) it does not.
      - IBM Cloud deletes all API keys and policies of a service ID with it, for good. The result says how many keys
        that were.
    type: str
    choices: [present, absent]
    default: present
    version_added: 0.1.0
  name:
    description:
      - Name of the service ID. Without O(id), the one of this name is meant. IBM Cloud lets several have one name,
        which is an error here.
      - White space at its beginning or end is an error.
      - With O(id), the name that it is to have.
    type: str
    version_added: 0.1.0
  id:
    description:
      - Id of an existing service ID (C(ServiceId-...)).
      - When O(account_id) is given, it must be one of that account.
    type: str
    version_added: 0.1.0
  description:
    description:
      - Description of the service ID. An empty text removes it.
    type: str
    version_added: 0.1.0
  access:
    description:
      - What the service ID may do in Container Registry, and no more than that. Entries for the same region and
        namespace add up.
      - Without it, its access stays as it is. An empty list takes all of it away.
    type: list
    elements: dict
    version_added: 0.1.0
    suboptions:
      roles:
        description:
          - Reader pulls and lists images, Writer pushes, pulls and deletes images, Manager does all, namespaces and
            settings included.
        type: list
        elements: str
        choices: [Reader, Writer, Manager]
        required: true
        version_added: 0.1.0
      region:
        description:
          - Region of the registry, by its current or former name, or V(global) for C(icr.io). Without it, or with
            V(all), every region.
        type: str
        version_added: 0.1.0
      namespaces:
        description:
          - Namespaces that the roles are limited to. Without it, all of them. They need not exist yet.
          - An empty list is an error, because one that was computed and came out empty must not open everything.
        type: list
        elements: str
        version_added: 0.1.0
  locked:
    description:
      - Whether the service ID is locked against changes of itself and its policies, and against removal. A locked one
        is unlocked only with V(false); otherwise a change that is needed is an error.
    type: bool
    version_added: 0.1.0
seealso:
  - module: icr.access.cr_service_id_info
  - module: icr.access.cr_apikey
author:
  - Contributors to the icr.access project (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Make a service ID that pulls one team's images in Frankfurt
  icr.access.cr_service_id:
    name: ci-puller
    description: Pulls images for the build hosts
    access:
      - roles: [Reader]
        region: eu-de
        namespaces: [team-a]
  delegate_to: localhost
  run_once: true

- name: Give one more namespace to push to, and the global registry to pull from
  icr.access.cr_service_id:
    name: ci-puller
    access:
      - roles: [Reader]
        region: eu-de
        namespaces: [team-a]
      - roles: [Reader, Writer]
        region: eu-de
        namespaces: [team-a-builds]
      - roles: [Reader]
        region: global

- name: Take all access to Container Registry away and lock it
  icr.access.cr_service_id:
    name: ci-puller
    access: []
    locked: true

- name: Remove it with its keys, locked or not
  icr.access.cr_service_id:
    name: ci-puller
    locked: false
    state: absent
"""

RETURN = r"""
service_id:
  description:
    - The service ID, V(null) when there is none.
    - In check mode, what the service will fill in is V(null).
  returned: success
  type: dict
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
removed_api_keys:
  description: How many API keys go with the service ID, or would go in check mode.
  returned: when O(state=absent)
  type: int
  sample: 2
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

from dataclasses import replace

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.icr.access.plugins.module_utils import (
    _access,
    _access_change,
    _access_settling,
    _clients,
    _errors,
    _module,
    _plan,
    _service_id_change,
    _service_id_plan,
    _waiting,
)

OPTIONS = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "name": {"type": "str"},
    "id": {"type": "str"},
    "description": {"type": "str"},
    "access": {
        "type": "list",
        "elements": "dict",
        "options": {
            "roles": {
                "type": "list",
                "elements": "str",
                "choices": ["Reader", "Writer", "Manager"],
                "required": True,
            },
            "region": {"type": "str"},
            "namespaces": {"type": "list", "elements": "str"},
        },
    },
    "locked": {"type": "bool"},
    **_module.WAIT_OPTIONS,
    **_module.CLOUD_OPTIONS,
}


def find(
    clients: _clients.Clients, want: _service_id_plan.Wanted
) -> _service_id_plan.Found:
    """What IBM Cloud has; reads only. Raises `InputError` for a name that is not unique and for
    a service ID of another account than the option insists on, and the errors of the calls."""
    account_id = clients.account_id()
    if want.id is None:
        named = clients.service_ids.list_service_ids(account_id, want.name)
        current = _service_id_plan.only_match(named, want.name)
    else:
        current = clients.service_ids.find_service_id(want.id)
        insisted = clients.wanted_account_id
        if current and insisted and current.account_id.lower() not in ("", insisted):
            raise _errors.InputError(
                f"Service ID {current.id} is one of account {current.account_id}, but account_id "
                f"is {insisted}."
            )
    if current is None:
        return _service_id_plan.Found(None, account_id)
    found = _service_id_plan.Found(current, current.account_id or account_id)
    policies = clients.policies.list_policies(found.account_id, current.iam_id)
    return _service_id_plan.Found(
        current, found.account_id, _access.survey(policies, found.subject)
    )


def apply(
    clients: _clients.Clients,
    want: _service_id_plan.Wanted,
    found: _service_id_plan.Found,
    planned: _service_id_plan.ServiceIdPlan,
    *,
    patience: int | None,
) -> tuple:
    """Does what was planned. Gives whether anything had to be done, because a policy that IBM
    Cloud did not list may be right already, and the service ID as the result shows it. Raises
    the errors of the calls."""
    step, current = planned.step, found.current
    if step.action == _plan.REMOVE and current is not None:
        _service_id_change.remove(clients.service_ids, current)
        return True, None
    if not step.is_change:
        return False, step.after
    is_new = current is None
    if current is None:
        current = _service_id_change.make(
            clients.service_ids,
            found.account_id,
            want.name or "",
            want.description or "",
        )
    try:
        current = _service_id_change.change(clients.service_ids, current, found, want)
        subject = replace(found, current=current).subject
        outcome = _access_change.change_access(
            clients.policies, subject, planned.access
        )
        try:
            later = _access_settling.settle_access(
                clients.policies,
                subject,
                want.grants or (),
                outcome.settled,
                patience=patience,
                kept="They are kept: run this again, or raise wait_timeout.",
            )
        finally:  # last, because nothing of a locked one can be changed
            if want.locked and not current.locked:
                current = _service_id_change.lock(clients.service_ids, current, True)
    except _errors.AccessError as error:
        if not is_new:
            raise
        raise error.extended(
            f"Service ID {current.id} was made before that and stays: run this again to go on "
            f"with it."
        ) from None
    is_change = is_new or bool(step.changes) or outcome.is_change or later.is_change
    result = {
        **_service_id_plan.shown(current, found.access),
        "access": (step.after or {})["access"],
    }
    return is_change, result


def run(module: AnsibleModule, clients: _clients.Clients) -> None:
    params = module.params
    want = _service_id_plan.wanted(params)
    patience = _waiting.patience_of(params)
    found = find(clients, want)
    planned = _service_id_plan.plan(found, want)
    extra = {}
    if want.is_absent:
        extra["removed_api_keys"] = count_keys(clients, found)
    elif want.grants is not None:
        for other in found.access.others:
            module.warn(
                f"Policy {other.policy_id} of {found.subject.label} on Container Registry is left "
                f"alone: {other.reason}."
            )
    changed, result = planned.step.is_change, planned.step.after
    if not module.check_mode:
        changed, result = apply(clients, want, found, planned, patience=patience)
    _module.finish(
        module, changed=changed, diff=planned.step.diff(), service_id=result, **extra
    )


def count_keys(clients: _clients.Clients, found: _service_id_plan.Found) -> int:
    """How many API keys there are to go. Raises the errors of the call."""
    if found.current is None:
        return 0
    return len(clients.iam.list_api_keys(found.account_id, found.current.iam_id))


def main() -> None:
    module = AnsibleModule(
        argument_spec=OPTIONS,
        supports_check_mode=True,
        required_one_of=[("name", "id")],
        mutually_exclusive=[_module.ONE_CALLER],
    )
    with _module.reporting(module), _clients.connected(module) as clients:
        run(module, clients)


if __name__ == "__main__":
    main()
