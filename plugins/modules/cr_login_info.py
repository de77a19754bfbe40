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
import time
from dataclasses import dataclass, field
from functools import partial

from ansible_collections.icr.access.plugins.module_utils import _import_once

# Before the imports below, because they are most of what this costs a host.
if __name__ == "__main__":
    _import_once.import_once()
    # The process lives for a moment: nothing in it is garbage before its end.
    gc.disable()

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.icr.access.plugins.module_utils import (
    _access_token,
    _authfile,
    _chosen_registries,
    _errors,
    _login_place,
    _login_survey,
    _module,
    _named_registry,
    _registries,
    _registry_login,
    _settings,
    _verdict,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

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


@dataclass(frozen=True)
class Row:
    """What will be told in one element: what a place holds for a registry, or the problem that
    hides it. Without a registry the problem is one of the place."""

    place: _login_place.Place
    registry: _registries.Registry | None
    stored: _login_place.Stored | None = None
    modes: dict[str, int] = field(default_factory=dict)
    problem: str | None = None


def known_registries(params: dict) -> dict[str, _registries.Registry]:
    """The registries that may be asked, by host: those that the options name. Pure."""
    endpoints = params["endpoints"]
    regions = list((endpoints or {}).get("registry") or [])
    replaced = _registries.region_registries(regions, params["visibility"], endpoints)
    named = _chosen_registries.all_registries(
        params["region"], params["registry"], params["visibility"], endpoints
    )
    return {registry.host: registry for registry in (*replaced, *named)}


def registry_of(
    host: str, known: dict[str, _registries.Registry], *, is_replaced: bool
) -> _registries.Registry:
    """The registry behind a key of an auth file; one without URLs is not to be asked, which
    IBM's are not where `endpoints` has replaced them. Pure."""
    if host in known:
        return known[host]
    try:
        registry = _named_registry.named_registry(host)
    except _errors.InputError:
        return _registries.Registry(host, None, ())
    if is_replaced or not registry.region:
        return registry._replace(urls=())
    return registry


def surveyed(
    place: _login_place.Place, hosts: list[str] | None
) -> _login_survey.Survey | _errors.AuthFileError:
    """What is known of a place, or why nothing is: one user's file hides no other's."""
    try:
        return _login_survey.survey(place, hosts)
    except _errors.AuthFileError as error:
        return error


def rows_of(
    place: _login_place.Place,
    found: _login_survey.Survey | _errors.AuthFileError,
    hosts: list[str] | None,
    find_registry: Callable[[str], _registries.Registry],
) -> list[Row]:
    """The rows of one place: for the hosts that were named, else for all that are known and for
    each reason why there may be more. Pure."""
    if isinstance(found, _errors.AuthFileError):
        registries = [None] if hosts is None else map(find_registry, hosts)
        return [Row(place, registry, problem=str(found)) for registry in registries]
    stored, problems, modes = found.stored, found.problems, found.modes
    rows = [
        Row(place, find_registry(host), stored.get(host), modes, problems.get(host))
        for host in ([*stored, *problems] if hosts is None else hosts)
    ]
    if hosts is None:
        told = set(problems.values())
        rows += [
            Row(place, None, None, modes, reason)
            for reason in found.unreadable
            if reason not in told
        ]
    return rows


def login_in_use(stored: _login_place.Stored) -> _authfile.Login | None:
    """The login that the client would use: one that wins over the stored one, too. Pure."""
    return stored.shadow or stored.login


def has_secret(login: _authfile.Login | None) -> bool:
    """Whether there is anything that a client could send. Pure."""
    return login is not None and login.secret is not None


def question(
    registry: _registries.Registry, stored: _login_place.Stored
) -> _verdict.Job | str:
    """What to ask the registry about a login, or why it is not asked. Pure."""
    login = login_in_use(stored)
    if login is None or login.secret is None:
        return "no login is stored"
    if registry.is_legacy:
        return "the host was replaced by icr.io in 2019; remove the login"
    if "/" in registry.host:
        return "a login for a part of a registry, which is not asked about"
    if not registry.urls and registry.region:
        return "not asked: endpoints replaces IBM Cloud's hosts"
    if not registry.urls:
        return "not one of IBM's registries; name it in registry to have it asked"
    if login.is_token or login.username is None:
        return "an identity token, which only its client can use"
    return _verdict.Job(
        registry.urls, _verdict.Credential(login.username, login.secret)
    )


def answered(
    questions: list[_verdict.Job | str], params: dict
) -> list[_verdict.Verdict | _errors.AccessError | str]:
    """The questions with the registries' answers in their place, where they may be asked."""
    jobs = [job for job in questions if isinstance(job, _verdict.Job)]
    if params["verify"]:
        answers = dict(
            zip(
                jobs,
                _registry_login.RegistryLogin(_settings.settings_of(params)).verify_all(
                    jobs
                ),
            )
        )
    else:
        answers = {}
    return [
        answers.get(asked, "not asked, because verify is false")
        if isinstance(asked, _verdict.Job)
        else asked
        for asked in questions
    ]


def question_of(row: Row) -> _verdict.Job | str:
    """What to ask about a row, or why nothing is asked. Pure."""
    if row.registry is None or row.stored is None:
        return "what is stored could not be read"
    return question(row.registry, row.stored)


def where(
    place: _login_place.Place, stored: _login_place.Stored | None
) -> dict[str, str | None]:
    """The keys that tell where a login is, and what the client prefers to it. Pure."""
    path, store, shadowed_by = place.path, None, None
    if stored is not None:
        store, shadowed_by = stored.store, stored.shadowed_by
        if stored.shadow is not None:
            store = _login_place.FILE
            if stored.shadowed_by and not has_secret(stored.login):
                path = stored.shadowed_by
                shadowed_by = stored.parts[0][0] if stored.parts else None
    return {"config_path": path, "store": store, "shadowed_by": shadowed_by}


def login_of(row: Row, outcome: _verdict.Verdict | _errors.AccessError | str) -> dict:
    """The element of `logins` for a row. Pure."""
    registry, found_at = row.registry, where(row.place, row.stored)
    login = login_in_use(row.stored) if row.stored else None
    claims = _access_token.read_claims(login.secret) if login and login.secret else None
    mode = row.modes.get(found_at["config_path"] or "")
    valid = outcome.accepted if isinstance(outcome, _verdict.Verdict) else None
    reason = outcome.reason if isinstance(outcome, _verdict.Verdict) else str(outcome)
    return {
        "registry": registry.host if registry else None,
        "region": registry.region if registry else None,
        "legacy": registry.is_legacy if registry else False,
        "stored": has_secret(login) if row.stored else None,
        "username": login.username if login else None,
        "user": row.place.user.name,
        "mode": None if mode is None else f"{mode:04o}",
        "valid": valid,
        "reason": reason or None,
        "expires_at": utc(claims.expires_at) if claims else None,
        "problem": row.problem,
        **found_at,
    }


def utc(seconds: int | None) -> str | None:
    """ISO 8601 for seconds since 1970. Pure."""
    if seconds is None:
        return None
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def run(module: AnsibleModule) -> None:
    params = module.params
    find_registry = partial(
        registry_of,
        known=known_registries(params),
        is_replaced=params["endpoints"] is not None,
    )
    is_named = bool(params["region"] or params["registry"])
    named = _chosen_registries.all_registries(
        params["region"], params["registry"], params["visibility"], params["endpoints"]
    )
    hosts = [registry.host for registry in named] if is_named else None
    found = [
        (place, surveyed(place, hosts)) for place in _login_place.places_of(params)
    ]
    rows = [
        row
        for place, seen in found
        for row in rows_of(place, seen, hosts, find_registry)
    ]
    outcomes = answered([question_of(row) for row in rows], params)
    logins = [login_of(row, outcome) for row, outcome in zip(rows, outcomes)]
    errors = [seen for _place, seen in found if isinstance(seen, _errors.AuthFileError)]
    if len(errors) == len(found):
        failure = _errors.AuthFileError(" ".join(map(str, errors)))
        _module.fail(module, failure, logins=logins)
    for _place, seen in found:
        for reason in (
            () if isinstance(seen, _errors.AuthFileError) else seen.unreadable
        ):
            module.warn(f"Not looked at: {reason}")
    module.exit_json(changed=False, logins=logins)


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    with _module.reporting(module):
        run(module)


if __name__ == "__main__":
    gc.freeze()  # or Python looks through all of it once more when it ends
    main()
