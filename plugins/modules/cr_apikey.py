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
  - With O(rotate), a key is followed by another one before it is too old, so that at no moment there is none that works.
extends_documentation_fragment:
  - icr.access.attributes
  - icr.access.attributes.icr
  - icr.access.cloud
  - icr.access.cloud.wait
  - icr.access.connection
notes:
  - A rotation makes the new key as C(NAME (next)), waits until IBM Cloud accepts it, writes O(dest), renames the present key to
    C(NAME (previous)) and the new one to C(NAME). Keys of the owner that have these names belong to the rotation. A run that was
    interrupted, wherever it was, is finished by the next one.
  - When IBM Cloud does not accept the new key of a rotation within O(wait_timeout), that key is deleted again, the present one stays
    in force, and the task fails.
  - A rotation takes one key more for a moment. Where the owner has as many as IBM Cloud allows, 20 unless that was raised, no key can
    be made, and the task fails; the present key and O(dest) stay as they are.
  - Without O(dest) and a stored value, the new value is in the result and nowhere else. The last two keys before it then stay,
    whatever O(keep_previous) says, for this run or the one before may have been interrupted before anybody had the result.
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
    support: partial
    details:
      - With O(rotate=always) every run that finds no rotation open makes another key.
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
        Otherwise the task fails, because nobody can tell the value any more, unless O(rotate=always) has another key made.
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
  rotate:
    description:
      - When the key is followed by another one, which is like it and lives as long, where no option says otherwise.
      - With V(if_older) when it is older than O(max_age), or has ended.
      - With V(always) on every run, but for one that finds that the key before is still enabled. Such a run removes that key, if
        O(keep_previous) is over, makes none, and warns. When it is the key in force that has leaked meanwhile, disable it by its O(id)
        first; a disabled key is followed by another at once.
      - A locked key is rotated only with O(locked=false), and one that O(id) names never is.
      - With O(state=absent), anything but V(never) removes what rotations have left of O(name), too.
    type: str
    choices: [never, if_older, always]
    default: never
    version_added: 0.1.0
  max_age:
    description:
      - How old the key may become with O(rotate=if_older), in seconds or as a span such as V(90d).
    type: str
    version_added: 0.1.0
  keep_previous:
    description:
      - How long the key before lives on with O(rotate), as a span such as V(12h), counted from the making of the one that follows it.
        A run after that removes it.
      - With V(forever) it stays until somebody removes it, as the playbook C(icr.access.rotate) does.
    type: str
    default: 0s
    version_added: 0.1.0
seealso:
  - module: icr.access.cr_apikey_info
  - module: icr.access.cr_login
author:
  - Contributors to the icr.access project (!UNKNOWN)
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

- name: Have another key every three months, and the one before for a day more
  icr.access.cr_apikey:
    name: build-hosts
    service_id: ci-puller
    expires_in: 120d
    dest: ~/.secrets/build-hosts.apikey
    rotate: if_older
    max_age: 90d
    keep_previous: 1d
  delegate_to: localhost
  run_once: true

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
    expired:
      description: Whether it has ended. V(false) also where that cannot be told.
      type: bool
      sample: false
    value:
      description: The value of the key. This is a secret.
      returned: only when the key was made, or put in force, by this very run
      type: str
rotated:
  description: Whether another key has taken the place of the one before, or the first one was made by a rotation.
  returned: success
  type: bool
  sample: false
previous:
  description: The keys that were followed by another one, and what becomes of them.
  returned: with O(state=present), when O(rotate) is not V(never)
  type: list
  elements: dict
  contains:
    id:
      description: Id of the key.
      type: str
      sample: ApiKey-3f6a1c1e-6a39-4a2b-8a5c-0d3a8f1b2c4d
    disabled:
      description: Whether it is disabled.
      type: bool
    locked:
      description: Whether it is locked. Such a key is removed only with O(locked=false).
      type: bool
    removed:
      description: Whether this run removes it.
      type: bool
    until:
      description: When a run may remove it, V(null) where O(keep_previous) is over or V(forever).
      type: str
      sample: 2026-12-30T12:00+0000
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

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.icr.access.plugins.module_utils import (
    _api_key_change,
    _api_key_plan,
    _api_key_survey,
    _api_key_warnings,
    _clients,
    _errors,
    _iam,
    _key_acceptance,
    _key_file,
    _module,
    _plan,
    _rotation,
    _rotation_change,
    _rotation_schedule,
    _sole_run,
    _waiting,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

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
    **_rotation_schedule.ROTATION_OPTIONS,
    **_module.WAIT_OPTIONS,
    **_module.CLOUD_OPTIONS,
}


def diff_of(diff: dict, file_step: _key_file.FileStep | None) -> dict:
    """Key and file as they are and as they will be, without any value. Pure."""
    if file_step is not None:
        diff["before"]["dest"] = file_step.before()
        diff["after"]["dest"] = file_step.after()
    return diff


def apply(
    iam: _iam.Iam,
    want: _api_key_plan.Wanted,
    found: _api_key_survey.Found,
    step: _plan.Plan,
    *,
    file_step: _key_file.FileStep | None,
    now: float,
) -> dict | None:
    """Does what was planned, and gives the key as the result shows it."""
    current = found.current
    if step.action == _plan.CREATE:
        key = _api_key_change.make(
            iam,
            want,
            found.place,
            known=found.known,
            file_step=file_step,
            now=now,
        )
        return {**key.as_result(), "value": key.value}
    if current is None:
        return None
    # the file first: a change that fails must not keep a value from being stored
    if file_step is not None:
        file_step.apply()
    if step.action == _plan.UPDATE:
        current = _api_key_change.change(iam, current, want, found.place, now=now)
    return current.as_result()


def run_absent(
    module: AnsibleModule,
    iam: _iam.Iam,
    found: _api_key_survey.Found,
    want: _api_key_plan.Wanted,
    schedule: _rotation_schedule.Schedule,
) -> None:
    """Removes the key, and what rotations have left of it if they are on."""
    step = _api_key_plan.plan(found.current, want, found.place, now=0)
    family = _rotation.Family()
    if want.id is None:
        family = _rotation.family_of(found.known, want.name or "", None)
    left = (*family.drafts, *family.previous)
    if left and not schedule.is_on:
        module.warn(_api_key_warnings.left_behind(left, want))
        left = ()
    for key in left:
        _api_key_plan.refuse_locked(key, want, "removed")
    if not module.check_mode:
        # the one in force last, for it shows that there is something to be removed
        for key in (*left, *([found.current] if found.current else [])):
            _api_key_change.remove(iam, key)
    diff = step.diff()
    if left:
        diff["before"]["previous"] = [key.id for key in left]
    _module.finish(
        module,
        changed=step.is_change or bool(left),
        diff=diff,
        api_key=None,
        rotated=False,
        dest=None,
    )


def run_rotation(
    module: AnsibleModule,
    clients: _clients.Clients,
    want: _api_key_plan.Wanted,
    schedule: _rotation_schedule.Schedule,
    key_file: _key_file.KeyFile | None,
    now: float,
) -> None:
    """Has the key there, and another one in its place where it is time for that."""
    params = module.params
    found = _api_key_survey.find(clients, want, params["service_id"])
    work = _rotation_change.RotationChange(
        clients,
        schedule,
        want,
        found,
        _api_key_survey.look_at(clients.iam, key_file) if key_file else None,
        patience=_waiting.patience_of(params),
        now=now,
    )
    key, trouble = work.step.after, None
    if not module.check_mode:
        outcome = work.apply()
        key, trouble = outcome.key, outcome.trouble
    result: dict = {
        "api_key": with_state(key, now),
        "rotated": work.rotation.is_due,
        "previous": [each.as_result() for each in work.rotation.leaving],
        "dest": key_file.path if key_file else None,
    }
    for warning in _api_key_warnings.warnings_of(key, want, now):
        module.warn(warning)
    if schedule.rotate == _rotation_schedule.ALWAYS and not work.rotation.is_due:
        module.warn(_api_key_warnings.still_open(result["api_key"]))
    if trouble is not None:
        _module.fail(module, trouble, changed=True, **result)
    diff = diff_of(work.diff(), work.file_step)
    _module.finish(module, changed=work.is_change, diff=diff, **result)


def run_plain(
    module: AnsibleModule,
    clients: _clients.Clients,
    want: _api_key_plan.Wanted,
    found: _api_key_survey.Found,
    key_file: _key_file.KeyFile | None,
    now: float,
) -> None:
    """Has the key there as it is described."""
    params = module.params
    patience = _waiting.patience_of(params)
    step = _api_key_plan.plan(found.current, want, found.place, now=now)
    if step.action == _plan.CREATE:
        refuse_unfinished(found, want)
    file_step = None
    if key_file is not None:
        look = _api_key_survey.look_at(clients.iam, key_file)
        if found.current is None:
            file_step = _api_key_survey.plan_new_file(look)
        else:
            file_step = _api_key_survey.plan_file(clients.iam, look, found.current)
        file_step.check()
    key = step.after
    if not module.check_mode:
        key = apply(clients.iam, want, found, step, file_step=file_step, now=now)
    result: dict = {
        "api_key": with_state(key, now),
        "rotated": False,
        "dest": key_file.path if key_file else None,
    }
    for warning in _api_key_warnings.warnings_of(key, want, now):
        module.warn(warning)
    if step.action == _plan.CREATE and key and key.get("value") and not key["disabled"]:
        try:
            _key_acceptance.await_acceptance(
                clients.caller,
                str(key["id"]),
                str(key["value"]),
                patience,
                kept="The key exists and is kept: try it, or run this again, later.",
            )
        except _errors.AccessError as error:
            # told all the same: nobody will tell the value again
            _module.fail(module, error, changed=True, **result)
    _module.finish(
        module,
        changed=step.is_change or bool(file_step and file_step.is_change),
        diff=diff_of(step.diff(), file_step),
        **result,
    )


def refuse_unfinished(found: _api_key_survey.Found, want: _api_key_plan.Wanted) -> None:
    """Raises `InputError` when a key would be made beside those of a rotation."""
    family = _rotation.family_of(found.known, want.name or "", None)
    left = (*family.drafts, *family.previous)
    if left:
        ids = ", ".join(f"{key.id} ({key.name})" for key in left)
        raise _errors.InputError(
            f"There is no API key {want.name}, but there is {ids}, of a rotation that was "
            f"interrupted. Run this with rotate: always to finish it, or remove what is left."
        )


def with_state(key: Mapping | None, now: float) -> dict | None:
    """The key as a result shows it, and whether it has ended. Pure."""
    if key is None:
        return None
    return {**key, "expired": _api_key_plan.is_expired(key, now)}


def run(module: AnsibleModule, clients: _clients.Clients) -> None:
    params = module.params
    now = time.time()
    want = _api_key_plan.wanted(params)
    schedule = _rotation_schedule.schedule_of(params)
    _waiting.patience_of(params)
    key_file = None if want.is_absent else _key_file.KeyFile.of(params)
    if want.is_absent or not schedule.is_on:
        found = _api_key_survey.find(clients, want, params["service_id"])
        if want.is_absent:
            run_absent(module, clients.iam, found, want, schedule)
        run_plain(module, clients, want, found, key_file, now)
    # A dry run writes nothing, not even a lock.
    path = key_file.path if key_file and not module.check_mode else None
    with _sole_run.sole_run(path, "rotating a key"):
        run_rotation(module, clients, want, schedule, key_file, now)


def main() -> None:
    module = AnsibleModule(
        argument_spec=OPTIONS,
        supports_check_mode=True,
        required_one_of=[("name", "id")],
        mutually_exclusive=[("expires_at", "expires_in"), _module.ONE_CALLER],
    )
    with _module.reporting(module), _clients.connected(module) as clients:
        run(module, clients)


if __name__ == "__main__":
    main()
