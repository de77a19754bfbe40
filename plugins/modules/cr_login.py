#!/usr/bin/python
# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

DOCUMENTATION = r"""
module: cr_login
short_description: Log a host in to IBM Cloud Container Registry
version_added: 0.1.0
description:
  - Makes sure that the container clients of this host hold a working login to the named registries, or none.
  - Needs nothing on the host but Python. The clients may be installed before or later, and no daemon has to run.
  - All registries and users are done in one task. Every registry is asked before anything is written, and if one of
    them
    refuses or cannot be reached, nothing is written for any registry or user.
  - Other registries, unknown keys and the order of keys in the file stay as they are. The file is replaced in one
    step with mode
    C(0600). A file that cannot be understood is left as it is.
extends_documentation_fragment:
  - icr.access.attributes
  - icr.access.attributes.hosts
  - icr.access.connection
attributes:
  check_mode:
    support: full
    details:
      - The registries are asked in check mode as well. Only O(push) is not tried, because that would open an upload.
  diff_mode:
    support: full
    details:
      - Instead of secrets the diff shows fingerprints that can be compared within one run and with nothing else.
  idempotent:
    support: full
options:
  state:
    description:
      - With V(present) the login is stored and works.
      - With V(absent) it is removed, in whatever spelling of the host it was stored. This needs no credential and no
        network.
    type: str
    choices: [present, absent]
    default: present
    version_added: 0.1.0
  region:
    description:
      - Regions of IBM Cloud Container Registry, such as V(us-south), V(eu-de) or V(global).
      - Former names (V(uk-south)), zones (V(eu-de-1)) and V(us-east), which V(us-south) serves, are understood.
      - V(all) stands for every documented region. An unknown name is an error.
    type: list
    elements: str
    version_added: 0.1.0
  registry:
    description:
      - Registries by their host, such as V(us.icr.io), V(cp.icr.io) or V(localhost:5000).
      - A loopback host without C(https://) or C(http://) is tried with the former, then with the latter.
      - The hosts C(registry.*.bluemix.net), which IBM replaced in 2019, are accepted with O(state=absent) only.
    type: list
    elements: str
    version_added: 0.1.0
  api_key:
    description:
      - IAM API key of a user or a service ID, stored with the user name C(iamapikey).
      - Exactly one credential must be given with O(state=present). It is never taken from the environment.
    type: str
    version_added: 0.1.0
  iam_token:
    description:
      - IAM access token, stored with the user name C(iambearer). It lives for an hour at most.
      - A stored token is kept, and the task unchanged, while it belongs to the same identity and account, has
        O(renew_before) left and is accepted by the registry.
    type: str
    version_added: 0.1.0
  refresh_token:
    description:
      - IAM refresh token, stored with the user name C(iamrefresh).
    type: str
    version_added: 0.1.0
  registry_token:
    description:
      - Registry token, stored with the user name C(token). IBM Cloud ended these tokens in 2021; other registries and
        the sandbox have them.
    type: str
    version_added: 0.1.0
  username:
    description:
      - User name for O(password), such as the id of a trusted profile, C(cp) for IBM's entitled software, or that of
        any other registry.
    type: str
    version_added: 0.1.0
  password:
    description:
      - Password of O(username).
    type: str
    version_added: 0.1.0
  client:
    description:
      - Whose file is managed, and by whose rules.
      - V(docker) is C($DOCKER_CONFIG/config.json), else C(~/.docker/config.json).
      - V(podman), for Buildah and Skopeo too, is C(~/.config/containers/auth.json), which outlives a reboot.
      - Those look into Docker's file as well when they find nothing in theirs, so that after a log-out with V(podman) a
        login there is still used.
    type: str
    choices: [docker, podman]
    default: docker
    version_added: 0.1.0
  config_path:
    description:
      - The auth file itself, in place of the one that O(client) and the user imply. An absolute path.
      - A new file belongs to the user that the task runs as; one that exists keeps its owner.
    type: path
    version_added: 0.1.0
  users:
    description:
      - Unix users whose files are managed, instead of those of the user that the task runs as. This needs root.
      - The files of another user are handled with that user's rights, and links are followed inside that user's home
        only.
    type: list
    elements: str
    version_added: 0.1.0
  credential_store:
    description:
      - With V(auto) the login goes to the credential helper that the file names for O(client), C(credHelpers) and for
        Docker C(credsStore) as well,
        else to the file.
      - With V(file) it always goes to the file, for a reader that knows no helpers.
    type: str
    choices: [auto, file]
    default: auto
    version_added: 0.1.0
  verify:
    description:
      - When the registry is asked whether it accepts the login. V(on_change) asks before something is written,
        V(never) not at all.
    type: str
    choices: [always, on_change, never]
    default: always
    version_added: 0.1.0
  pull:
    description:
      - Repositories that the login must be allowed to pull from, such as V(namespace/image), in every registry that
        is named, or
        V(us.icr.io/namespace/image) in that one.
      - The check is made whenever the login is verified.
    type: list
    elements: str
    default: []
    version_added: 0.1.0
  push:
    description:
      - Repositories that the login must be allowed to push to, written like those of O(pull).
      - An upload is opened and cancelled at once.
    type: list
    elements: str
    default: []
    version_added: 0.1.0
  renew_before:
    description:
      - How much life a stored O(iam_token) must have left to be kept. Seconds, or a span such as V(30m) or V(1h).
    type: str
    default: 30m
    version_added: 0.1.0
  trusted_realms:
    description:
      - Hosts (V(host) or V(host:port)) that may be given the credentials although they are not the registry itself,
        because the registry's token service runs there.
    type: list
    elements: str
    default: []
    version_added: 0.1.0
seealso:
  - module: icr.access.cr_login_info
author:
  - Contributors to the icr.access project (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Log in to Dallas and Frankfurt with an API key
  icr.access.cr_login:
    region: [us-south, eu-de]
    api_key: "{{ registry_api_key }}"

- name: Log in root and the build user, and make sure that pushes will work
  become: true
  icr.access.cr_login:
    region: us-south
    api_key: "{{ registry_api_key }}"
    users: [root, builder]
    push: [team-a/app]

- name: Log in Podman, Buildah and Skopeo with an access token
  icr.access.cr_login:
    region: global
    iam_token: "{{ registry_iam_token }}"
    client: podman

- name: Log in to IBM's entitled software
  icr.access.cr_login:
    registry: cp.icr.io
    username: cp
    password: "{{ entitlement_key }}"

- name: Log out of every region
  icr.access.cr_login:
    region: all
    state: absent
"""

RETURN = r"""
registries:
  description: One element for each registry and user.
  returned: when the registries have been asked, in failures too
  type: list
  elements: dict
  contains:
    registry:
      description: The registry as C(host[:port]), as it is written in the auth file and in image names.
      type: str
      sample: us.icr.io
    region:
      description: The region that it serves, or V(null) for registries that are not IBM's.
      type: str
      sample: us-south
    username:
      description: The user name of the login, V(null) with O(state=absent).
      type: str
      sample: iamapikey
    user:
      description: The Unix user whose login it is.
      type: str
      sample: builder
    config_path:
      description: The auth file.
      type: str
      sample: /home/builder/.docker/config.json
    store:
      description: V(file), or the name of the credential helper that keeps the login.
      type: str
      sample: file
    verified:
      description:
        - V(true) when the registry accepted the login, V(null) when that was not asked or could not be known.
      type: bool
      sample: true
    reason:
      description: Why RV(registries[].verified) is not V(true), else V(null).
      type: str
      sample: null
    permissions:
      description:
        - For C(pull) and C(push), whether each repository is permitted. V(null) where that was not tried.
      type: dict
      sample: {pull: {team-a/app: true}, push: {}}
    shadowed_by:
      description: A file whose login for this registry, or for a namespace of it, the client prefers to ours; or V(null).
      type: str
      sample: null
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

import gc
import time

from ansible_collections.icr.access.plugins.module_utils import _import_once

# Before the imports below, because they are most of what this costs a host.
if __name__ == "__main__":
    _import_once.import_once()
    # The process lives for a moment: nothing in it is garbage before its end.
    gc.disable()

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.icr.access.plugins.module_utils import (
    _chosen_registries,
    _durations,
    _errors,
    _login_place,
    _login_plan,
    _login_report,
    _module,
    _verification,
)

OPTIONS: dict[str, dict] = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "region": {"type": "list", "elements": "str"},
    "registry": {"type": "list", "elements": "str"},
    "api_key": {"type": "str", "no_log": True},
    "iam_token": {"type": "str", "no_log": True},
    "refresh_token": {"type": "str", "no_log": True},
    "registry_token": {"type": "str", "no_log": True},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "client": {"type": "str", "choices": ["docker", "podman"], "default": "docker"},
    "config_path": {"type": "path"},
    "users": {"type": "list", "elements": "str"},
    "credential_store": {"type": "str", "choices": ["auto", "file"], "default": "auto"},
    "verify": {
        "type": "str",
        "choices": ["always", "on_change", "never"],
        "default": "always",
    },
    "pull": {"type": "list", "elements": "str", "default": []},
    "push": {"type": "list", "elements": "str", "default": []},
    "renew_before": {"type": "str", "default": "30m"},
    "trusted_realms": {"type": "list", "elements": "str", "default": []},
    **_module.CONNECTION_OPTIONS,
}


def run(module: AnsibleModule) -> None:
    params = module.params
    is_present = params["state"] == "present"
    renew_before = _durations.parse_duration(params["renew_before"], "renew_before")
    wanted = _login_plan.wanted_credential(params) if is_present else None
    registries = _chosen_registries.named_registries(params)
    verification = _verification.Verification(
        params, registries, try_push=not module.check_mode
    )
    hosts = [registry.host for registry in registries]
    seen = [
        (place, _login_place.look(place, hosts))
        for place in _login_place.places_of(params)
    ]
    if wanted is None:
        _login_plan.refuse_unreadable(seen)
    steps = _login_plan.plan(
        registries, seen, wanted, now=time.time(), renew_before=renew_before
    )
    if wanted is not None:
        steps = _verification.verified(steps, wanted, verification)
    result = {"registries": _login_report.results_of(steps, verification)}
    if any(_verification.is_objection(verification.of(step)) for step in steps):
        from ansible_collections.icr.access.plugins.module_utils import (
            _login_objections,
        )

        _module.fail(
            module, _login_objections.failure_of(steps, verification), **result
        )
    if _login_report.has_warnings(steps, seen):
        from ansible_collections.icr.access.plugins.module_utils import _login_warnings

        for warning in _login_warnings.warnings_of(steps, seen):
            module.warn(warning)
    changing = _login_plan.places_to_change(steps)
    if module._diff:
        from ansible_collections.icr.access.plugins.module_utils import _login_diff

        result["diff"] = _login_diff.diffs_of(steps, seen)
    if not changing:
        module.exit_json(changed=False, **result)
    # Most runs change nothing, and need not load how files are written.
    from ansible_collections.icr.access.plugins.module_utils import _login_steps

    _login_steps.check_applicable(changing, steps)
    if module.check_mode:
        module.exit_json(changed=True, **result)
    written, failures = _login_steps.apply(changing, steps)
    if failures:
        told = f"Written all the same: {', '.join(written)}." if written else ""
        failure = _errors.AuthFileError(f"{' '.join(failures)} {told}")
        _module.fail(module, failure, changed=bool(written), **result)
    module.exit_json(changed=bool(written), **result)


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    with _module.reporting(module):
        run(module)


if __name__ == "__main__":
    gc.freeze()  # or Python looks through all of it once more when it ends
    main()
