# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""All that a place knows of logins, where one that cannot be read hides no other."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils._auth_document import (
    load,
    naming,
)
from ansible_collections.icr.access.plugins.module_utils._authfile import (
    DOCKER,
    auths_of,
    cred_helpers_of,
)
from ansible_collections.icr.access.plugins.module_utils._credential_helper import (
    list_keys,
)
from ansible_collections.icr.access.plugins.module_utils._errors import AuthFileError
from ansible_collections.icr.access.plugins.module_utils._login_place import (
    Place,
    Stored,
    look_here,
    stored_from,
)
from ansible_collections.icr.access.plugins.module_utils._named_tuple import (
    NamedTuple,
)
from ansible_collections.icr.access.plugins.module_utils._podman_files import (
    holds_auth,
)
from ansible_collections.icr.access.plugins.module_utils._registry_host import (
    host_of_key,
)
from ansible_collections.icr.access.plugins.module_utils._secret_content import (
    real_path,
)
from ansible_collections.icr.access.plugins.module_utils._users import run_as

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Survey(NamedTuple):
    """What is known of a place: `modes` of its files by their paths, and by host the logins or
    the reason why a login could not be read. `unreadable` are the reasons why there may be
    further hosts: runtime files and helpers that tell nothing."""

    modes: dict[str, int]
    stored: dict[str, Stored]
    problems: dict[str, str]
    unreadable: tuple[str, ...] = ()


def survey(place: Place, hosts: Sequence[str] | None) -> Survey:
    """What `place` holds for `hosts`, or for everything that it knows. Changes nothing.

    Raises `AuthFileError` where the auth file itself cannot be read or understood.
    """
    plain: Sequence = run_as(place.user, lambda: _survey(place, hosts))
    modes, stored, problems, unreadable = plain
    found = {host: stored_from(each) for host, each in stored.items()}
    return Survey(modes, found, problems, tuple(unreadable))


def list_hosts(document: dict) -> list[str]:
    """Everything that has an entry or a credential helper, in their order, each once:
    registries as `host[:port]`, other keys (a namespace of a registry) as they stand. Pure."""
    keys = [*auths_of(document), *cred_helpers_of(document)]
    return list(dict.fromkeys(host_of_key(key) or key for key in keys))


def _survey(place: Place, hosts: Sequence[str] | None) -> Survey:
    modes, known, unreadable = _known(place)
    stored: dict[str, Stored] = {}
    problems: dict[str, str] = {}
    for host in known if hosts is None else hosts:
        try:
            seen = look_here(place, [host])
        except AuthFileError as error:
            problems[host] = str(error)
        else:
            stored.update(seen.stored)
            unreadable += seen.unreadable
    return Survey(modes, stored, problems, tuple(dict.fromkeys(unreadable)))


def _known(place: Place) -> tuple[dict[str, int], list[str], list[str]]:
    """The modes of the files there, all hosts that they or a helper know, and why there may be
    more."""
    modes, unreadable = {}, []
    path = real_path(place.path, place.inside)
    document, content = load(path)
    if content is not None:
        modes[place.path] = content.mode
    with naming(path):
        known = list_hosts(document)
    store = document.get("credsStore")
    if place.helpers and place.client == DOCKER and store and isinstance(store, str):
        try:
            known += [host_of_key(key) or key for key in list_keys(store)]
        except AuthFileError as error:
            unreadable.append(str(error))
    for path in place.runtime_paths:
        try:
            document, content = load(real_path(path))
            with naming(path):
                hosts = list_hosts(document)
                known += [host for host in hosts if holds_auth(document, host)]
        except AuthFileError as error:
            unreadable.append(str(error))
        else:
            if content is not None:
                modes[path] = content.mode
    return modes, list(dict.fromkeys(known)), unreadable
