# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The place where a container client of one user keeps its logins: an auth file, the
credential helpers that it names, and for Podman the runtime file that wins over it."""

from __future__ import annotations

import os

from ansible_collections.icr.access.plugins.module_utils import (
    _auth_document,
    _authfile,
    _errors,
    _named_tuple,
    _secret_content,
    _users,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FILE = "file"


class Place(_named_tuple.NamedTuple):
    """Whose file, where, and by which client's rules.

    `runtime_paths` are files that win over ours in that client; `helpers` tells whether
    credential helpers are used as the client would.
    """

    user: _users.User
    client: str
    path: str
    runtime_paths: tuple[str, ...] = ()
    helpers: bool = True

    @property
    def inside(self) -> str | None:
        """The folder that links may not leave, None where the user is ourselves."""
        return None if self.user.is_self else self.user.home


class Stored(_named_tuple.NamedTuple):
    """What a place holds for one registry.

    `store` is `file` or the name of the credential helper; `is_found` tells that there
    is something to remove, be it only an empty entry; `ignored_helper` is a helper that the
    client prefers to what we were asked to use.

    `shadowed_by` is a file whose login the client prefers: `shadow` for the whole registry, or,
    where that is None, one for a part of it. `parts` are all of the latter, as file and key.
    """

    store: str
    login: _authfile.Login | None
    is_found: bool
    shadowed_by: str | None
    ignored_helper: str | None
    shadow: _authfile.Login | None = None
    parts: tuple[tuple[str, str], ...] = ()


class Seen(_named_tuple.NamedTuple):
    """What a place looked like: `mode` of the file (None without one) and all that was asked
    for; `unreadable` are runtime files that tell nothing, with the reason; `out_of_reach` those
    in folders that the user may not enter: no client of that user finds a login there;
    `has_drafts` tells that a run of ours was killed while it wrote, and left a secret beside
    the file."""

    mode: int | None
    stored: dict[str, Stored]
    unreadable: tuple[str, ...] = ()
    has_drafts: bool = False
    out_of_reach: tuple[str, ...] = ()


def places_of(params: Mapping) -> tuple[Place, ...]:
    """The places that a module's options name, each once. Reads the passwd database.

    Helpers are used as the client would, unless the module has an option `credential_store` and
    that says `file`.
    Raises `InputError` for a user that is unknown or out of reach, and for a contradiction.
    """
    names, path = params["users"], params["config_path"]
    if names is not None and path is not None:
        raise _errors.InputError(
            "Set users or config_path, not both: each implies the file."
        )
    if path is not None and (not os.path.isabs(path) or path.endswith("/")):
        raise _errors.InputError(
            f"config_path must be the absolute path of a file, not {path!r}: where the task "
            f"starts is not the same everywhere."
        )
    if names is not None and not names:
        raise _errors.InputError(
            "users is empty; leave it out for the user of the task."
        )
    if names is None:
        users = [_users.current_user()]
    else:
        from ansible_collections.icr.access.plugins.module_utils import _named_user

        users = [_named_user.get_user(name) for name in names]
    helpers = params.get("credential_store", "auto") == "auto"
    return tuple(
        place_of(user, params["client"], path, helpers)
        for user in {user.uid: user for user in users}.values()
    )


def place_of(
    user: _users.User, client: str, config_path: str | None, helpers: bool
) -> Place:
    """Where `client` keeps the logins of `user`, or `config_path` by that client's rules.

    docker: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. podman: the file
    that outlives a reboot, `$XDG_CONFIG_HOME/containers/auth.json` with `~/.config` as default.
    Source: containers-auth.json(5) and Docker's documentation of `DOCKER_CONFIG`.
    """
    if config_path is not None:
        return Place(user, client, os.path.abspath(config_path), (), helpers)
    if client == _authfile.DOCKER:
        folder = user.settings.get("DOCKER_CONFIG") or os.path.join(
            user.home, ".docker"
        )
        return Place(user, client, os.path.join(folder, "config.json"), (), helpers)
    folder = user.settings.get("XDG_CONFIG_HOME") or os.path.join(user.home, ".config")
    # Hosts that build with Docker need not load the rules of Podman.
    from ansible_collections.icr.access.plugins.module_utils import _podman_files

    path = os.path.join(folder, "containers", "auth.json")
    return Place(
        user, _authfile.PODMAN, path, _podman_files.runtime_paths(user), helpers
    )


def look(place: Place, hosts: Sequence[str]) -> Seen:
    """What `place` holds for `hosts`, looked at by its user. Changes nothing.

    Raises `AuthFileError` for a file or helper that cannot be read or understood.
    """
    return seen_from(_users.run_as(place.user, lambda: look_here(place, hosts)))


def look_here(place: Place, hosts: Sequence[str]) -> Seen:
    """What `look` tells, looked at by this process as it is."""
    path = _secret_content.real_path(place.path, place.inside)
    document, content = _auth_document.load(path)
    with _auth_document.naming(path):
        stored = {host: _stored(place, document, host) for host in hosts}
    unreadable: list[str] = []
    out_of_reach: list[str] = []
    if place.client == _authfile.PODMAN:
        from ansible_collections.icr.access.plugins.module_utils import _podman_files

        stored, unreadable, out_of_reach = _podman_files.with_shadows(
            place, document, stored
        )
    mode = None if content is None else content.mode
    drafts = bool(_secret_content.list_drafts(path))
    return Seen(mode, stored, tuple(unreadable), drafts, tuple(out_of_reach))


def seen_from(plain: Sequence) -> Seen:
    """The `Seen` that a way through JSON has made a list of lists. Pure."""
    mode, stored, unreadable, has_drafts, out_of_reach = plain
    found = {host: stored_from(each) for host, each in stored.items()}
    return Seen(mode, found, tuple(unreadable), has_drafts, tuple(out_of_reach))


def stored_from(plain: Sequence) -> Stored:
    """The `Stored` that a way through JSON has made a list of lists. Pure."""
    store, login, is_found, shadowed_by, ignored, shadow, parts = plain
    return Stored(
        store,
        login and _authfile.Login(*login),
        is_found,
        shadowed_by,
        ignored,
        shadow and _authfile.Login(*shadow),
        tuple((path, key) for path, key in parts),
    )


def _stored(place: Place, document: dict, host: str) -> Stored:
    """What the client finds by the document; where it is Podman, if nothing else wins."""
    helper = _authfile.find_helper(document, host, place.client)
    login = _authfile.find_login(document, host, place.client)
    is_found = _authfile.has_entry(document, host)
    if helper is None or not place.helpers:
        return Stored(FILE, login, is_found, None, helper)
    # Most hosts have no credential helper, and need not load this.
    from ansible_collections.icr.access.plugins.module_utils import _helper_login

    login, is_kept = _helper_login.login_of(helper, document, host)
    return Stored(helper, login, is_found or is_kept, None, None)
