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
  description: One element for each registry and user; none when nothing is stored and no registry was named.
  returned: success
  type: list
  elements: dict
  contains:
    registry:
      description: The registry as C(host[:port]), or a longer key of the file as it stands there.
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
      description: Whether the client would find a login.
      type: bool
      sample: true
    username:
      description: The user name of the login, V(null) without one.
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
    mode:
      description: The mode of the auth file, V(null) without one.
      type: str
      sample: '0600'
    store:
      description: V(file), or the name of the credential helper that keeps the login.
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
      description: A file whose login for this registry the client prefers, or V(null).
      type: str
      sample: null
"""

import time
from dataclasses import replace

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.icr.access.plugins.module_utils._access_token import (
    read_claims,
)
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    InputError,
)
from ansible_collections.icr.access.plugins.module_utils._login_place import (
    Place,
    Seen,
    Stored,
    look,
    places_of,
)
from ansible_collections.icr.access.plugins.module_utils._module import (
    CONNECTION_OPTIONS,
    reporting,
)
from ansible_collections.icr.access.plugins.module_utils._registries import (
    Registry,
    all_registries,
    named_registry,
    region_registries,
)
from ansible_collections.icr.access.plugins.module_utils._registry_login import (
    Credential,
    Job,
    RegistryLogin,
    Verdict,
)
from ansible_collections.icr.access.plugins.module_utils._verification import (
    settings_of,
)

OPTIONS = {
    "region": {"type": "list", "elements": "str"},
    "registry": {"type": "list", "elements": "str"},
    "client": {"type": "str", "choices": ["docker", "podman"], "default": "docker"},
    "config_path": {"type": "path"},
    "users": {"type": "list", "elements": "str"},
    "verify": {"type": "bool", "default": True},
    "trusted_realms": {"type": "list", "elements": "str", "default": []},
    **CONNECTION_OPTIONS,
}


def known_registries(params: dict) -> dict[str, Registry]:
    """The registries that may be asked, by host: those that the options name. Pure."""
    endpoints = params["endpoints"]
    regions = list((endpoints or {}).get("registry") or [])
    replaced = region_registries(regions, params["visibility"], endpoints)
    named = all_registries(
        params["region"], params["registry"], params["visibility"], endpoints
    )
    return {registry.host: registry for registry in (*replaced, *named)}


def registry_of(
    host: str, known: dict[str, Registry], *, is_replaced: bool
) -> Registry:
    """The registry behind a key of an auth file; one without URLs is not to be asked, which
    IBM's are not where `endpoints` has replaced them. Pure."""
    if host in known:
        return known[host]
    try:
        registry = named_registry(host)
    except InputError:
        return Registry(host, None, ())
    if is_replaced or not registry.region:
        return replace(registry, urls=())
    return registry


def question(registry: Registry, stored: Stored) -> Job | str:
    """What to ask the registry about a login, or why it is not asked. Pure."""
    login = stored.login
    if login is None or login.secret is None:
        return "no login is stored"
    if registry.is_legacy:
        return "the host was replaced by icr.io in 2019; remove the login"
    if not registry.urls and registry.region:
        return "not asked: endpoints replaces IBM Cloud's hosts"
    if not registry.urls:
        return "not one of IBM's registries; name it in registry to have it asked"
    if login.is_token or login.username is None:
        return "an identity token, which only its client can use"
    return Job(registry.urls, Credential(login.username, login.secret))


def answered(
    questions: list[Job | str], params: dict
) -> list[Verdict | AccessError | str]:
    """The questions with the registries' answers in their place, where they may be asked."""
    jobs = [job for job in questions if isinstance(job, Job)]
    if params["verify"]:
        answers = dict(zip(jobs, RegistryLogin(settings_of(params)).verify_all(jobs)))
    else:
        answers = {}
    return [
        answers.get(asked, "not asked, because verify is false")
        if isinstance(asked, Job)
        else asked
        for asked in questions
    ]


def login_of(
    registry: Registry, place: Place, seen: Seen, outcome: Verdict | AccessError | str
) -> dict:
    """The element of `logins` for one registry in one place. Pure."""
    stored = seen.stored[registry.host]
    login = stored.login
    claims = read_claims(login.secret) if login and login.secret else None
    valid = outcome.accepted if isinstance(outcome, Verdict) else None
    reason = outcome.reason if isinstance(outcome, Verdict) else str(outcome)
    return {
        "registry": registry.host,
        "region": registry.region,
        "legacy": registry.is_legacy,
        "stored": login is not None and login.secret is not None,
        "username": login.username if login else None,
        "user": place.user.name,
        "config_path": place.path,
        "mode": None if seen.mode is None else f"{seen.mode:04o}",
        "store": stored.store,
        "valid": valid,
        "reason": reason or None,
        "expires_at": utc(claims.expires_at) if claims else None,
        "shadowed_by": stored.shadowed_by,
    }


def utc(seconds: int | None) -> str | None:
    """ISO 8601 for seconds since 1970. Pure."""
    if seconds is None:
        return None
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def run(module: AnsibleModule) -> None:
    params = module.params
    known = known_registries(params)
    is_named = bool(params["region"] or params["registry"])
    named = all_registries(
        params["region"], params["registry"], params["visibility"], params["endpoints"]
    )
    hosts = [registry.host for registry in named] if is_named else None
    is_replaced = params["endpoints"] is not None
    seen = [(place, look(place, hosts)) for place in places_of(params)]
    rows = [
        (registry_of(host, known, is_replaced=is_replaced), place, found)
        for place, found in seen
        for host in found.stored
    ]
    questions = [question(row[0], row[2].stored[row[0].host]) for row in rows]
    outcomes = answered(questions, params)
    for _place, found in seen:
        for reason in found.unreadable:
            module.warn(f"Not looked at: {reason}")
    logins = [login_of(*row, outcome) for row, outcome in zip(rows, outcomes)]
    module.exit_json(changed=False, logins=logins)


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    with reporting(module):
        run(module)


if __name__ == "__main__":
    main()
