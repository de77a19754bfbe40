# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""All that a place knows of logins, where one that cannot be read hides no other."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _auth_document,
    _authfile,
    _credential_helper,
    _errors,
    _login_place,
    _named_tuple,
    _podman_files,
    _registry_host,
    _secret_content,
    _users,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Survey(_named_tuple.NamedTuple):
    """What is known of a place: `modes` of its files by their paths, and by host the logins or
    the reason why a login could not be read. `unreadable` are the reasons why there may be
    further hosts: runtime files and helpers that tell nothing."""

    modes: dict[str, int]
    stored: dict[str, _login_place.Stored]
    problems: dict[str, str]
    unreadable: tuple[str, ...] = ()


def survey(place: _login_place.Place, hosts: Sequence[str] | None) -> Survey:
    """What `place` holds for `hosts`, or for everything that it knows. Changes nothing.

    Raises `AuthFileError` where the auth file itself cannot be read or understood.
    """
    plain: Sequence = _users.run_as(place.user, lambda: _survey(place, hosts))
    modes, stored, problems, unreadable = plain
    found = {host: _login_place.stored_from(each) for host, each in stored.items()}
    return Survey(modes, found, problems, tuple(unreadable))


def list_hosts(document: dict) -> list[str]:
    """Everything that has an entry or a credential helper, in their order, each once:
    registries as `host[:port]`, other keys (a namespace of a registry) as they stand. Pure."""
    keys = [*_authfile.auths_of(document), *_authfile.cred_helpers_of(document)]
    return list(dict.fromkeys(_registry_host.host_of_key(key) or key for key in keys))


def _survey(place: _login_place.Place, hosts: Sequence[str] | None) -> Survey:
    modes, known, unreadable = _known(place)
    stored: dict[str, _login_place.Stored] = {}
    problems: dict[str, str] = {}
    for host in known if hosts is None else hosts:
        try:
            seen = _login_place.look_here(place, [host])
        except _errors.AuthFileError as error:
            problems[host] = str(error)
        else:
            stored.update(seen.stored)
            unreadable += seen.unreadable
    return Survey(modes, stored, problems, tuple(dict.fromkeys(unreadable)))


def _known(place: _login_place.Place) -> tuple[dict[str, int], list[str], list[str]]:
    """The modes of the files there, all hosts that they or a helper know, and why there may be
    more."""
    modes, unreadable = {}, []
    path = _secret_content.real_path(place.path, place.inside)
    document, content = _auth_document.load(path)
    if content is not None:
        modes[place.path] = content.mode
    with _auth_document.naming(path):
        known = list_hosts(document)
    store = document.get("credsStore")
    if (
        place.helpers
        and place.client == _authfile.DOCKER
        and store
        and isinstance(store, str)
    ):
        try:
            known += [
                _registry_host.host_of_key(key) or key
                for key in _credential_helper.list_keys(store)
            ]
        except _errors.AuthFileError as error:
            unreadable.append(str(error))
    for path in place.runtime_paths:
        try:
            document, content = _auth_document.load(_secret_content.real_path(path))
            with _auth_document.naming(path):
                hosts = list_hosts(document)
                known += [
                    host for host in hosts if _podman_files.holds_auth(document, host)
                ]
        except _errors.AuthFileError as error:
            unreadable.append(str(error))
        else:
            if content is not None:
                modes[path] = content.mode
    return modes, list(dict.fromkeys(known)), unreadable
