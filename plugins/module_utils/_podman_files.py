# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What Podman, Buildah and Skopeo read before the auth file that outlives a reboot, and which of
their rules Docker does not know. Source: containers-auth.json(5)."""

from __future__ import annotations

import os

from ansible_collections.icr.access.plugins.module_utils import (
    _auth_document,
    _authfile,
    _errors,
    _registry_host,
    _secret_content,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.icr.access.plugins.module_utils import (
        _login_place,
        _users,
    )


def runtime_paths(user: _users.User) -> tuple[str, ...]:
    """The files of that user that win over the one in the home, and are gone after a reboot,
    in their order. Pure."""
    bases = (
        user.settings.get("XDG_RUNTIME_DIR"),
        f"/run/user/{user.uid}",
        f"/run/containers/{user.uid}",
    )
    paths = [
        os.path.join(base, "auth.json")
        if base.startswith("/run/containers/")
        else os.path.join(base, "containers", "auth.json")
        for base in bases
        if base
    ]
    return tuple(dict.fromkeys(paths))


def with_shadows(
    place: _login_place.Place, document: dict, stored: Mapping[str, _login_place.Stored]
) -> tuple[dict[str, _login_place.Stored], list[str], list[str]]:
    """What is stored in the document of the place, with what Podman prefers to it.

    Then, why runtime files tell nothing: those that may hold a login, and those that are out
    of reach. Reads the runtime files.
    """
    runtime, unreadable, out_of_reach = _load_runtime(place, list(stored))
    found = {
        host: _with_shadow(place, document, host, each, runtime)
        for host, each in stored.items()
    }
    return found, unreadable, out_of_reach


def is_out_of_reach(path: str) -> bool:
    """Whether a folder on the way to `path` keeps us out, so that nobody can tell whether there
    is such a file."""
    try:
        os.lstat(path)
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def holds_auth(document: dict, host: str) -> bool:
    """Whether Podman, Buildah and Skopeo take the entry for `host`, in whatever spelling, for a
    login. They pass over one without `auth` and look in their next file."""
    keys = _authfile.keys_of(document, host)
    return bool(keys) and _has_auth(_authfile.entry_of(document, keys[0]))


def list_parts(document: dict, host: str) -> list[str]:
    """The keys of logins for a namespace or a repository of `host`, which Podman, Buildah and
    Skopeo prefer there and Docker passes over. Source: containers-auth.json(5)."""
    return [
        key
        for key, entry in _authfile.auths_of(document).items()
        if key.startswith(f"{host}/")
        and _registry_host.host_of_key(key) is None
        and _has_auth(entry)
    ]


def _with_shadow(
    place: _login_place.Place,
    document: dict,
    host: str,
    stored: _login_place.Stored,
    runtime: Mapping[str, dict],
) -> _login_place.Stored:
    winner = next((path for path in runtime if holds_auth(runtime[path], host)), None)
    shadow = (
        _authfile.find_login(runtime[winner], host, _authfile.PODMAN)
        if winner
        else None
    )
    # In a file with a helper for the registry the client looks no further than that.
    parts = tuple(
        (path, key)
        for path, each in {**runtime, place.path: document}.items()
        if _authfile.find_helper(each, host, _authfile.PODMAN) is None
        for key in list_parts(each, host)
    )
    return stored._replace(
        is_found=stored.is_found
        or any(_authfile.has_entry(r, host) for r in runtime.values()),
        shadowed_by=winner or (parts[0][0] if parts else None),
        shadow=shadow,
        parts=parts,
    )


def _load_runtime(
    place: _login_place.Place, hosts: Sequence[str]
) -> tuple[dict[str, dict], list[str], list[str]]:
    """The runtime files that exist, and why others tell nothing."""
    found: dict[str, dict] = {}
    unreadable: list[str] = []
    out_of_reach: list[str] = []
    for path in place.runtime_paths:
        try:
            document, content = _auth_document.load(_secret_content.real_path(path))
            with _auth_document.naming(path):
                for host in hosts:
                    _authfile.find_helper(document, host, _authfile.PODMAN)
                    _authfile.find_login(document, host, _authfile.PODMAN)
        except _errors.AuthFileError as error:
            # Root's Podman makes /run/containers for itself alone.
            reasons = out_of_reach if is_out_of_reach(path) else unreadable
            reasons.append(str(error))
        else:
            if content is not None:
                found[path] = document
    return found, unreadable, out_of_reach


def _has_auth(entry: object) -> bool:
    return isinstance(entry, dict) and _authfile.text_of(entry.get("auth")) is not None
