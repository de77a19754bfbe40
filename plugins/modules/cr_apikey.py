#!/usr/bin/python
# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

DOCUMENTATION = r"""
module: cr_apikey
short_description: Make, change and remove an IAM API key
version_added: 0.1.0
description:
  - Makes sure that the calling identity, or a service ID, has an API key of that name as it is described here, or has none.
  - IBM Cloud tells the value of a key once, when it is made. The module returns it then, and writes it to O(dest) if that is given.
  - Nothing is made whose value could not be kept. O(dest) is proven writable before, and if writing fails after all, the new key is
    deleted again.
extends_documentation_fragment:
  - icr.access.attributes
  - icr.access.attributes.icr
  - icr.access.cloud
  - icr.access.connection
notes:
  - IBM Cloud lets two runs at once make two keys of one name. Where a task would run once for each host, set C(run_once). After making
    a key the module looks once more; when another run has made one meanwhile, the new key is deleted again and the task fails.
attributes:
  check_mode:
    support: full
    details:
      - What the service fills in, such as the id of a new key, is V(null) in check mode.
  diff_mode:
    support: full
    details:
      - The value of a key is never part of it.
  idempotent:
    support: full
options:
  state:
    description:
      - With V(present) the key exists as it is described, with V(absent) it does not.
      - A key is deleted for good. The file O(dest) stays as it is.
    type: str
    choices: [present, absent]
    default: present
    version_added: 0.1.0
  name:
    description:
      - Name of the key. Without O(id), the key of this name and owner is meant. IBM Cloud lets several keys have one name, which is an error here.
      - White space at its beginning or end is an error.
      - With O(id), the name that the key is to have.
    type: str
    version_added: 0.1.0
  id:
    description:
      - Id of an existing key (C(ApiKey-...)). Whoever owns it, it is changed or removed if the calling identity may do that, unless
        O(service_id) says whose it has to be.
      - When O(account_id) is given, the key must be one of that account.
    type: str
    version_added: 0.1.0
  service_id:
    description:
      - Name or id (C(ServiceId-...)) of the service ID whose key it is. A key that O(id) names has to be one of it.
      - Without it and O(id), the key is one of the calling identity.
      - With O(state=absent), a service ID that does not exist has no key to be removed.
    type: str
    version_added: 0.1.0
  description:
    description:
      - Description of the key. An empty text removes it.
    type: str
    version_added: 0.1.0
  expires_at:
    description:
      - When the key ends, as date and time in ISO 8601, to the minute. UTC where no zone is given. An empty text means never.
    type: str
    version_added: 0.1.0
  expires_in:
    description:
      - How long the key lives, in seconds or as a span such as V(90d) or V(12h). It counts only when a key is made.
      - It counts from the time that the clock shows where the module runs, such as the controller's.
    type: str
    version_added: 0.1.0
  action_when_leaked:
    description:
      - What IBM Cloud does when it finds the value in public. Without it, IBM Cloud's default counts for a new key, which is V(disable).
    type: str
    choices: [none, disable, delete]
    version_added: 0.1.0
  store_value:
    description:
      - Whether IBM Cloud keeps the value, so that it can be read again. Keys of service IDs only. It counts only when a key is made.
    type: bool
    version_added: 0.1.0
  locked:
    description:
      - Whether the key is locked against changes and removal. A locked key is unlocked only with V(false); otherwise a change that is
        needed is an error.
    type: bool
    version_added: 0.1.0
  disabled:
    description:
      - Whether the key is disabled, so that nobody can log in with it.
    type: bool
    version_added: 0.1.0
  dest:
    description:
      - File that holds the value of the key, and nothing else, where the module runs. Its folder must exist.
      - No key is made when the file holds the value of another key that still exists.
      - When the key exists but the file is missing or does not hold its value, a stored value (O(store_value)) is written again.
        Otherwise the task fails, because nobody can tell the value any more.
    type: path
    version_added: 0.1.0
  owner:
    description:
      - User, by name or number, to whom O(dest) belongs. Without it, whoever has it keeps it.
    type: str
    version_added: 0.1.0
  group:
    description:
      - Group, by name or number, of O(dest).
    type: str
    version_added: 0.1.0
  mode:
    description:
      - Mode of O(dest), an octal number in quotes. Without it, V('0600').
    type: raw
    version_added: 0.1.0
seealso:
  - module: icr.access.cr_apikey_info
  - module: icr.access.cr_login
author:
  - Contributors to the icr.access project (@icr-access)
"""

EXAMPLES = r"""
- name: Make a key for the build hosts and keep its value on this controller
  icr.access.cr_apikey:
    name: build-hosts
    service_id: ci-puller
    expires_in: 90d
    dest: ~/.secrets/build-hosts.apikey
  delegate_to: localhost
  run_once: true

- name: Make a key whose value can be read again
  icr.access.cr_apikey:
    name: deployer
    service_id: ServiceId-0b7b5b6e-1b0a-4c0f-9b3f-2a6a3f0d5c11
    store_value: true
    action_when_leaked: delete
  no_log: true
  register: deployer

- name: Lock it
  icr.access.cr_apikey:
    id: "{{ deployer.api_key.id }}"
    locked: true

- name: Remove a key, locked or not
  icr.access.cr_apikey:
    name: build-hosts
    service_id: ci-puller
    locked: false
    state: absent
"""

RETURN = r"""
api_key:
  description:
    - The key, V(null) when there is none.
    - In check mode, what the service will fill in is V(null).
  returned: success
  type: dict
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
      description: Whether it is disabled.
      type: bool
      sample: false
    action_when_leaked:
      description: What happens when its value is found in public.
      type: str
      sample: disable
    value:
      description: The value of the key. This is a secret.
      returned: only when the key was made by this very run
      type: str
dest:
  description: The file that holds the value, links followed, or V(null).
  returned: success
  type: str
  sample: /home/deploy/.secrets/build-hosts.apikey
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
from dataclasses import dataclass

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.icr.access.plugins.module_utils._api_key_change import (
    change,
    make,
    remove,
)
from ansible_collections.icr.access.plugins.module_utils._api_key_plan import (
    Place,
    Wanted,
    is_expired,
    only_match,
    plan,
    wanted,
)
from ansible_collections.icr.access.plugins.module_utils._clients import (
    Clients,
    connected,
)
from ansible_collections.icr.access.plugins.module_utils._errors import (
    InputError,
)
from ansible_collections.icr.access.plugins.module_utils._iam import Iam
from ansible_collections.icr.access.plugins.module_utils._identities import ApiKey
from ansible_collections.icr.access.plugins.module_utils._key_file import (
    FileStep,
    KeyFile,
    value_in,
)
from ansible_collections.icr.access.plugins.module_utils._key_owner import (
    find_owner,
    is_there,
    missing_service_id,
)
from ansible_collections.icr.access.plugins.module_utils._module import (
    CLOUD_OPTIONS,
    ONE_CALLER,
    finish,
    reporting,
)
from ansible_collections.icr.access.plugins.module_utils._plan import (
    CREATE,
    REMOVE,
    UPDATE,
    Plan,
)

OPTIONS = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "name": {"type": "str"},
    "id": {"type": "str"},
    "service_id": {"type": "str"},
    "description": {"type": "str"},
    "expires_at": {"type": "str"},
    "expires_in": {"type": "str"},
    "action_when_leaked": {"type": "str", "choices": ["none", "disable", "delete"]},
    "store_value": {"type": "bool"},
    "locked": {"type": "bool"},
    "disabled": {"type": "bool"},
    "dest": {"type": "path"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "mode": {"type": "raw"},
    **CLOUD_OPTIONS,
}


@dataclass(frozen=True)
class Found:
    """The key that is meant, None if there is none, and whose it is or would be.

    `known` are all keys of that owner; they are not read for a key that is asked for by its id.
    """

    place: Place
    current: ApiKey | None
    known: tuple[ApiKey, ...] = ()


def find(clients: Clients, want: Wanted, service_id: str | None) -> Found:
    """What IBM Cloud has; reads only.

    Raises `InputError` for a service ID that is missing, unless the key is to be absent
    anyway, for a name that is not unique and for a key that is somebody else's; and the errors
    of the calls.
    """
    account_id = clients.account_id()
    if want.id is not None and service_id is None:
        return Found(Place("", account_id), find_by_id(clients, want.id))
    owner = find_owner(clients, service_id)
    if owner is None:
        if not want.is_absent:
            raise missing_service_id(clients, service_id)
        return Found(Place("", account_id), None)
    place = Place(owner.iam_id, account_id)
    if want.store_value and not owner.is_service_id:
        raise InputError(
            "store_value is for keys of service IDs; IBM Cloud stores no values of users' keys. "
            "Set service_id, or leave store_value out."
        )
    if want.id is not None:
        current = find_by_id(clients, want.id)
        if current and current.iam_id != owner.iam_id:
            raise InputError(
                f"API key {current.id} is not one of service ID {service_id}: it belongs to "
                f"{current.iam_id}."
            )
        return Found(place, current)
    known = clients.iam.list_api_keys(account_id, owner.iam_id)
    current = only_match(known, want.name, owner.label)
    if current is None and not want.is_absent and not is_there(clients, owner):
        raise missing_service_id(clients, service_id)
    return Found(place, current, tuple(known))


def find_by_id(clients: Clients, key_id: str) -> ApiKey | None:
    """The key of that id. Raises `InputError` when it is not one of the account that the
    option account_id insists on, and the errors of the call."""
    key = clients.iam.find_api_key(key_id)
    insisted = clients.wanted_account_id
    if key and insisted and key.account_id.lower() not in ("", insisted):
        raise InputError(
            f"API key {key.id} is one of account {key.account_id}, but account_id is {insisted}."
        )
    return key


def plan_file(iam: Iam, key_file: KeyFile, current: ApiKey | None) -> FileStep:
    """What becomes of the file for an existing key, or for one to be made; reads only.

    Raises `AuthFileError` when it could not be written, `InputError` when the value that
    belongs into it is lost, or when that of another key would be; and the errors of the calls.
    """
    content = key_file.look()
    held = value_in(content)
    holder = None if held is None else iam.find_api_key_by_value(held)
    if current is None:
        if holder is not None:
            raise InputError(
                f"{key_file.path} holds the value of API key {holder.id} ({holder.name}), which "
                f"would be lost. Name another dest, or remove that key (state: absent, id: "
                f"{holder.id}) or the file first."
            )
        return FileStep(key_file, content, is_for_new_key=True)
    if holder is not None and holder.id == current.id:
        return FileStep(key_file, content)
    stored = current.value
    if stored is None:
        fresh = iam.find_api_key(current.id)
        stored = fresh.value if fresh else None
    if stored is None:
        state = "is missing" if content is None else "does not hold its value"
        raise InputError(
            f"API key {current.id} ({current.name}) exists, but {key_file.path} {state}, and IBM "
            f"Cloud has not stored the value. Put the value there, or remove the key (state: "
            f"absent) and run this again to have another one made."
        )
    return FileStep(key_file, content, value=stored)


def diff_of(step: Plan, file_step: FileStep | None) -> dict:
    """Key and file as they are and as they will be, without any value. Pure."""
    diff = step.diff()
    if file_step is not None:
        diff["before"]["dest"] = file_step.before()
        diff["after"]["dest"] = file_step.after()
    return diff


def apply(
    iam: Iam,
    want: Wanted,
    found: Found,
    step: Plan,
    *,
    file_step: FileStep | None,
    now: float,
) -> dict | None:
    """Does what was planned, and gives the key as the result shows it."""
    current = found.current
    if step.action == CREATE:
        key = make(
            iam,
            want,
            found.place,
            known=found.known,
            key_file=file_step.key_file if file_step else None,
            now=now,
        )
        return {**key.as_result(), "value": key.value}
    if current is None:
        return None
    if step.action == REMOVE:
        remove(iam, current)
        return None
    # the file first: a change that fails must not keep a value from being stored
    if file_step is not None:
        file_step.apply()
    if step.action == UPDATE:
        current = change(iam, current, want, found.place, now=now)
    return current.as_result()


def run(module: AnsibleModule, clients: Clients) -> None:
    params = module.params
    now = time.time()
    want = wanted(params)
    key_file = None if want.is_absent else KeyFile.of(params)
    found = find(clients, want, params["service_id"])
    step = plan(found.current, want, found.place, now=now)
    file_step = None
    if key_file is not None:
        file_step = plan_file(clients.iam, key_file, found.current)
        file_step.check()
    result = step.after
    if not module.check_mode:
        result = apply(clients.iam, want, found, step, file_step=file_step, now=now)
    if result and is_expired(result, now):
        module.warn(
            f"API key {result['id']} ({result['name']}) ended on {result['expires_at']}: nobody "
            f"can log in with it. Set another expires_at, or remove it and run this again."
        )
    finish(
        module,
        changed=step.is_change or bool(file_step and file_step.is_change),
        diff=diff_of(step, file_step),
        api_key=result,
        dest=key_file.path if key_file else None,
    )


def main() -> None:
    module = AnsibleModule(
        argument_spec=OPTIONS,
        supports_check_mode=True,
        required_one_of=[("name", "id")],
        mutually_exclusive=[("expires_at", "expires_in"), ONE_CALLER],
    )
    with reporting(module), connected(module) as clients:
        run(module, clients)


if __name__ == "__main__":
    main()
