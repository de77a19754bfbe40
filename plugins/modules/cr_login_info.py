#!/usr/bin/python
# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

DOCUMENTATION = r"""
module: cr_login_info
short_description: Tell which registry logins a host holds, and whether they work
version_added: 0.1.0
description:
  - Lists the logins that the container clients of this host would use, with the user name, the place, whether the
    registry still
    accepts them, and when they expire. Secrets are never returned.
  - What cannot be read, a user's file or a credential helper, hides no other login; RV(logins[].problem) tells of it.
    The task fails only when no auth file could be read at all.
  - Needs nothing on the host but Python.
extends_documentation_fragment:
  - icr.access.attributes
  - icr.access.attributes.hosts
  - icr.access.attributes.info
  - icr.access.connection
options:
  region:
    description:
      - Regions whose logins are looked for, as in M(icr.access.cr_login). There is one element for each, stored or
        not.
      - Without O(region) and O(registry), everything that is stored is listed.
    type: list
    elements: str
    version_added: 0.1.0
  registry:
    description:
      - Registries by their host, as in M(icr.access.cr_login). There is one element for each, stored or not.
    type: list
    elements: str
    version_added: 0.1.0
  client:
    description:
      - Whose file is read, and by whose rules, as in M(icr.access.cr_login).
      - With V(podman) that includes the file of the user's session, C($XDG_RUNTIME_DIR/containers/auth.json), where
        C(podman login) writes and where Podman, Buildah and Skopeo look first.
      - These three look into Docker's file, too, when they find nothing in theirs. A login there is listed with
        V(docker) only.
    type: str
    choices: [docker, podman]
    default: docker
    version_added: 0.1.0
  config_path:
    description:
      - The auth file itself, in place of the one that O(client) and the user imply.
    type: path
    version_added: 0.1.0
  users:
    description:
      - Unix users whose files are read, instead of those of the user that the task runs as. This needs root.
    type: list
    elements: str
    version_added: 0.1.0
  verify:
    description:
      - Whether the registries are asked if they accept the logins.
      - Only IBM's registries and those that O(region) or O(registry) name are asked. O(endpoints) puts its own
        registries in the place of IBM's.
    type: bool
    default: true
    version_added: 0.1.0
  trusted_realms:
    description:
      - Hosts that may be given the credentials although they are not the registry itself, as in
        M(icr.access.cr_login).
    type: list
    elements: str
    default: []
    version_added: 0.1.0
seealso:
  - module: icr.access.cr_login
author:
  - Contributors to the icr.access project (!UNKNOWN)
"""

EXAMPLES = r"""
- name: See all logins of root and of the build user
  become: true
  icr.access.cr_login_info:
    users: [root, builder]
  register: stored

- name: Fail where the login to Dallas is missing or refused
  icr.access.cr_login_info:
    region: us-south
  register: dallas
  failed_when: not dallas.logins[0].valid

- name: Look without asking any registry
  icr.access.cr_login_info:
    verify: false
"""

RETURN = r"""
logins:
  description:
    - One element for each registry and user; none when nothing is stored and no registry was named.
    - Without O(region) and O(registry), there is also one for each file or helper that could not be read. Its
      RV(logins[].registry) is V(null).
  returned: always, once the options are understood
  type: list
  elements: dict
  contains:
    registry:
      description:
        - The registry as C(host[:port]), or a longer key of the file as it stands there. V(null) where
          RV(logins[].problem) tells of a whole file or helper.
      type: str
      sample: us.icr.io
    region:
      description: The region that it serves, V(null) for registries that are not IBM's.
      type: str
      sample: us-south
    legacy:
      description: Whether this is a C(registry.*.bluemix.net) host, which IBM replaced in 2019.
      type: bool
      sample: false
    stored:
      description: Whether the client would find a login. V(null) where RV(logins[].problem) is set.
      type: bool
      sample: true
    username:
      description: The user name of the login that the client would use, V(null) without one.
      type: str
      sample: iamapikey
    user:
      description: The Unix user whose login it is.
      type: str
      sample: builder
    config_path:
      description:
        - The auth file. With O(client=podman) that of the user's session where the login is only there.
      type: str
      sample: /home/builder/.docker/config.json
    mode:
      description: The mode of RV(logins[].config_path), V(null) where there is no such file or it could not be read.
      type: str
      sample: '0600'
    store:
      description:
        - V(file), or the name of the credential helper that keeps the login. V(null) where RV(logins[].problem) is set.
      type: str
      sample: file
    valid:
      description: Whether the registry accepts the login. V(null) when that was not asked or could not be known.
      type: bool
      sample: true
    reason:
      description: Why RV(logins[].valid) is not V(true), else V(null).
      type: str
      sample: null
    expires_at:
      description:
        - When the login ends, in UTC, where the credential itself tells. V(null) otherwise, as for every API key.
      type: str
      sample: '2026-11-20T20:15:00Z'
    shadowed_by:
      description:
        - A file whose login the client prefers to the one in RV(logins[].config_path), or V(null). A login there for
          the whole registry is the one that this element describes. One for a namespace or a repository, which may
          stand in the same file, is preferred for what lies under its name and has an element of its own when
          everything is listed.
      type: str
      sample: null
    problem:
      description: Why the login, the file or the helper could not be read, else V(null).
      type: str
      sample: null
"""

import gc
from functools import partial

from ansible_collections.icr.access.plugins.module_utils import _import_once

# Before the imports below, because they are most of what this costs a host.
if __name__ == "__main__":
    _import_once.import_once()
    # The process lives for a moment: nothing in it is garbage before its end.
    gc.disable()

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.icr.access.plugins.module_utils import (
    _chosen_registries,
    _errors,
    _login_listing,
    _login_place,
    _module,
    _registry_login,
    _settings,
    _verdict,
)

OPTIONS = {
    "region": {"type": "list", "elements": "str"},
    "registry": {"type": "list", "elements": "str"},
    "client": {"type": "str", "choices": ["docker", "podman"], "default": "docker"},
    "config_path": {"type": "path"},
    "users": {"type": "list", "elements": "str"},
    "verify": {"type": "bool", "default": True},
    "trusted_realms": {"type": "list", "elements": "str", "default": []},
    **_module.CONNECTION_OPTIONS,
}


def answered(
    questions: list[_verdict.Job | str], params: dict
) -> list[_verdict.Verdict | _errors.AccessError | str]:
    """The questions with the registries' answers in their place, where they may be asked."""
    jobs = [job for job in questions if isinstance(job, _verdict.Job)]
    answers = {}
    if params["verify"]:
        login = _registry_login.RegistryLogin(_settings.settings_of(params))
        answers = dict(zip(jobs, login.verify_all(jobs)))
    return [
        answers.get(asked, "not asked, because verify is false")
        if isinstance(asked, _verdict.Job)
        else asked
        for asked in questions
    ]


def run(module: AnsibleModule) -> None:
    params = module.params
    find_registry = partial(
        _login_listing.registry_of,
        known=_login_listing.known_registries(params),
        is_replaced=params["endpoints"] is not None,
    )
    is_named = bool(params["region"] or params["registry"])
    named = _chosen_registries.all_registries(
        params["region"], params["registry"], params["visibility"], params["endpoints"]
    )
    hosts = [registry.host for registry in named] if is_named else None
    found = [
        (place, _login_listing.surveyed(place, hosts))
        for place in _login_place.places_of(params)
    ]
    rows = [
        row
        for place, seen in found
        for row in _login_listing.rows_of(place, seen, hosts, find_registry)
    ]
    outcomes = answered([_login_listing.question_of(row) for row in rows], params)
    logins = [_login_listing.login_of(*each) for each in zip(rows, outcomes)]
    errors = [seen for _place, seen in found if isinstance(seen, _errors.AuthFileError)]
    if len(errors) == len(found):
        failure = _errors.AuthFileError(" ".join(map(str, errors)))
        _module.fail(module, failure, logins=logins)
    for _place, seen in found:
        if not isinstance(seen, _errors.AuthFileError):
            for reason in seen.unreadable:
                module.warn(f"Not looked at: {reason}")
    module.exit_json(changed=False, logins=logins)


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    with _module.reporting(module):
        run(module)


if __name__ == "__main__":
    gc.freeze()  # or Python looks through all of it once more when it ends
    main()
