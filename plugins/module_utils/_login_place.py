# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The place where a container client of one user keeps its logins: an auth file, the
credential helpers that it names, and for Podman the runtime file that wins over it."""

from __future__ import annotations

import contextlib
import os
from typing import NamedTuple

from ansible_collections.icr.access.plugins.module_utils._auth_document import (
    MalformedError,
    parse,
)
from ansible_collections.icr.access.plugins.module_utils._authfile import (
    DOCKER,
    PODMAN,
    Login,
    find_helper,
    find_login,
    has_credentials,
    has_entry,
    holds_auth,
    list_parts,
)
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AuthFileError,
    InputError,
)
from ansible_collections.icr.access.plugins.module_utils._registry_host import (
    host_of_key,
)
from ansible_collections.icr.access.plugins.module_utils._secret_content import (
    Content,
    is_out_of_reach,
    list_drafts,
    read,
    real_path,
)
from ansible_collections.icr.access.plugins.module_utils._users import (
    User,
    current_user,
    get_user,
    run_as,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FILE = "file"


class Place(NamedTuple):
    """Whose file, where, and by which client's rules.

    `runtime_paths` are files that win over ours in that client; `helpers` tells whether
    credential helpers are used as the client would.
    """

    user: User
    client: str
    path: str
    runtime_paths: tuple[str, ...] = ()
    helpers: bool = True

    @property
    def inside(self) -> str | None:
        """The folder that links may not leave, None where the user is ourselves."""
        return None if self.user.is_self else self.user.home


class Stored(NamedTuple):
    """What a place holds for one registry.

    `store` is `file` or the name of the credential helper; `is_found` tells that there
    is something to remove, be it only an empty entry; `ignored_helper` is a helper that the
    client prefers to what we were asked to use.

    `shadowed_by` is a file whose login the client prefers: `shadow` for the whole registry, or,
    where that is None, one for a part of it. `parts` are all of the latter, as file and key.
    """

    store: str
    login: Login | None
    is_found: bool
    shadowed_by: str | None
    ignored_helper: str | None
    shadow: Login | None = None
    parts: tuple[tuple[str, str], ...] = ()


class Seen(NamedTuple):
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
        raise InputError("Set users or config_path, not both: each implies the file.")
    if path is not None and (not os.path.isabs(path) or path.endswith("/")):
        raise InputError(
            f"config_path must be the absolute path of a file, not {path!r}: where the task "
            f"starts is not the same everywhere."
        )
    if names is not None and not names:
        raise InputError("users is empty; leave it out for the user of the task.")
    users = [current_user()] if names is None else [get_user(name) for name in names]
    helpers = params.get("credential_store", "auto") == "auto"
    return tuple(
        place_of(user, params["client"], path, helpers)
        for user in {user.uid: user for user in users}.values()
    )


def place_of(user: User, client: str, config_path: str | None, helpers: bool) -> Place:
    """Where `client` keeps the logins of `user`, or `config_path` by that client's rules.

    docker: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. podman: the file
    that outlives a reboot, `$XDG_CONFIG_HOME/containers/auth.json` with `~/.config` as default.
    Source: containers-auth.json(5) and Docker's documentation of `DOCKER_CONFIG`.
    """
    if config_path is not None:
        return Place(user, client, os.path.abspath(config_path), (), helpers)
    if client == DOCKER:
        folder = user.settings.get("DOCKER_CONFIG") or os.path.join(
            user.home, ".docker"
        )
        return Place(user, client, os.path.join(folder, "config.json"), (), helpers)
    folder = user.settings.get("XDG_CONFIG_HOME") or os.path.join(user.home, ".config")
    runtime = (
        user.settings.get("XDG_RUNTIME_DIR"),
        f"/run/user/{user.uid}",
        f"/run/containers/{user.uid}",
    )
    runtime_paths = tuple(
        dict.fromkeys(
            os.path.join(base, "auth.json")
            if base.startswith("/run/containers/")
            else os.path.join(base, "containers", "auth.json")
            for base in runtime
            if base
        )
    )
    path = os.path.join(folder, "containers", "auth.json")
    return Place(user, PODMAN, path, runtime_paths, helpers)


def look(place: Place, hosts: Sequence[str]) -> Seen:
    """What `place` holds for `hosts`, looked at by its user. Changes nothing.

    Raises `AuthFileError` for a file or helper that cannot be read or understood.
    """
    return seen_from(run_as(place.user, lambda: look_here(place, hosts)))


def look_here(place: Place, hosts: Sequence[str]) -> Seen:
    """What `look` tells, looked at by this process as it is."""
    path = real_path(place.path, place.inside)
    document, content = load(path)
    runtime, unreadable, out_of_reach = _load_runtime(place, hosts)
    with naming(path):
        stored = {host: _stored(place, document, host, runtime) for host in hosts}
    mode = None if content is None else content.mode
    drafts = bool(list_drafts(path))
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
        login and Login(*login),
        is_found,
        shadowed_by,
        ignored,
        shadow and Login(*shadow),
        tuple((path, key) for path, key in parts),
    )


def load(path: str) -> tuple[dict, Content | None]:
    """The document at `path`, empty without a file, and the content it was read from."""
    content = read(path)
    with naming(path):
        return parse(content.raw if content else b""), content


@contextlib.contextmanager
def naming(path: str) -> Iterator[None]:
    """Has an error about a document say which file it is."""
    try:
        yield
    except MalformedError as error:
        raise AuthFileError(
            f"{path} {error}. It was left as it is; mend or remove it first."
        ) from None


def helper_of(place: Place, document: dict, host: str) -> str | None:
    """The credential helper to be used for `host`, None for the file."""
    return find_helper(document, host, place.client) if place.helpers else None


def helper_keys(helper: str, host: str) -> list[str]:
    """The spellings of `host` under which a helper keeps logins."""
    # Most hosts have no credential helper, and need not load this.
    from ansible_collections.icr.access.plugins.module_utils._credential_helper import (
        list_keys,
    )

    return [key for key in list_keys(helper) if host_of_key(key) == host]


def _stored(
    place: Place, document: dict, host: str, runtime: Mapping[str, dict]
) -> Stored:
    configured = find_helper(document, host, place.client)
    helper = helper_of(place, document, host)
    login = find_login(document, host, place.client)
    is_found = any(has_entry(each, host) for each in (document, *runtime.values()))
    if helper is not None:
        from ansible_collections.icr.access.plugins.module_utils._credential_helper import (
            get_credentials,
        )

        kept = get_credentials(helper, host)
        is_tidy = not has_credentials(document, host)
        login = None if kept is None else Login(kept[0], kept[1], is_tidy=is_tidy)
        is_found = is_found or kept is not None or bool(helper_keys(helper, host))
    ignored = configured if helper is None else None
    winner = next((path for path in runtime if holds_auth(runtime[path], host)), None)
    shadow = find_login(runtime[winner], host, place.client) if winner else None
    parts = _parts(place, document, host, runtime)
    shadowed_by = winner or (parts[0][0] if parts else None)
    return Stored(helper or FILE, login, is_found, shadowed_by, ignored, shadow, parts)


def _parts(
    place: Place, document: dict, host: str, runtime: Mapping[str, dict]
) -> tuple[tuple[str, str], ...]:
    """File and key of each login for a part of the registry, the one that wins first."""
    if place.client != PODMAN:
        return ()
    # In a file with a helper for the registry the client looks no further than that.
    return tuple(
        (path, key)
        for path, each in {**runtime, place.path: document}.items()
        if find_helper(each, host, PODMAN) is None
        for key in list_parts(each, host)
    )


def _load_runtime(
    place: Place, hosts: Sequence[str]
) -> tuple[dict[str, dict], list[str], list[str]]:
    """The runtime files that exist, and why others tell nothing: those that may hold a login,
    and those that are out of reach."""
    found: dict[str, dict] = {}
    unreadable: list[str] = []
    out_of_reach: list[str] = []
    for path in place.runtime_paths:
        try:
            document, content = load(real_path(path))
            with naming(path):
                for host in hosts:
                    find_helper(document, host, place.client)
                    find_login(document, host, place.client)
        except AuthFileError as error:
            # Root's Podman makes /run/containers for itself alone.
            reasons = out_of_reach if is_out_of_reach(path) else unreadable
            reasons.append(str(error))
        else:
            if content is not None:
                found[path] = document
    return found, unreadable, out_of_reach
