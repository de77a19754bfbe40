# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Changing the place where a container client of one user keeps its logins."""

from __future__ import annotations

import os

from ansible_collections.icr.access.plugins.module_utils import (
    _auth_document,
    _authfile,
    _authfile_edit,
    _errors,
    _login_place,
    _secret_content,
    _secret_file,
    _users,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# A foreign client that writes without a lock may come in between; it does so once, not always.
_ATTEMPTS = 20


def check_changeable(
    place: _login_place.Place, wanted: Mapping[str, tuple[str, str] | None]
) -> None:
    """Raises `AuthFileError` when `change` is bound to fail. Changes nothing."""
    _users.run_as(place.user, lambda: _check_changeable(place, wanted))


def change(
    place: _login_place.Place, wanted: Mapping[str, tuple[str, str] | None]
) -> bool:
    """Gives each host the user name and secret that are wanted, or none; says whether
    anything had to be changed.

    Everything else in the file stays; the file is written once. Raises `AuthFileError` when the
    file or a helper cannot be changed; the file is then as it was. It may also be as is wanted,
    when it could be written but not looked at again.
    """
    return bool(_users.run_as(place.user, lambda: _change(place, wanted)))


def _check_changeable(
    place: _login_place.Place, wanted: Mapping[str, tuple[str, str] | None]
) -> None:
    for path, logins in _files(place, wanted):
        raw, content = _wanted_content(place, path, logins)
        if raw is not None:
            _secret_file.check_replaceable(path, content)


def _change(
    place: _login_place.Place, wanted: Mapping[str, tuple[str, str] | None]
) -> bool:
    files = _files(place, wanted)
    main_path, _logins = files[0]
    document, _content = _auth_document.load(main_path)
    with _auth_document.naming(main_path):
        changed = _change_helpers(place, document, wanted)
    for path, logins in files:
        changed = _change_file(place, path, logins) or changed
    return changed


def _files(
    place: _login_place.Place, wanted: Mapping[str, tuple[str, str] | None]
) -> list[tuple[str, Mapping[str, tuple[str, str] | None]]]:
    """The auth file and what is wanted there, then the same for each runtime file: those lose
    logins and never get one. One that is out of the user's reach has none for that user."""
    files = [(_secret_content.real_path(place.path, place.inside), wanted)]
    removed = {host: None for host, login in wanted.items() if login is None}
    if removed and place.runtime_paths:
        from ansible_collections.icr.access.plugins.module_utils import _podman_files

        files += [
            (
                _secret_content.real_path(
                    path, place.inside and os.path.dirname(os.path.dirname(path))
                ),
                removed,
            )
            for path in place.runtime_paths
            if not _podman_files.is_out_of_reach(path)
        ]
    return files


def _change_helpers(
    place: _login_place.Place,
    document: dict,
    wanted: Mapping[str, tuple[str, str] | None],
) -> bool:
    """Stores and erases what belongs to helpers; before the file loses what it holds."""
    changed = False
    for host, login in wanted.items():
        helper = _helper_of(place, document, host)
        if helper is not None:
            changed = _change_helper(helper, host, login) or changed
    return changed


def _change_helper(helper: str, host: str, login: tuple[str, str] | None) -> bool:
    # Most hosts have no credential helper, and need not load this.
    from ansible_collections.icr.access.plugins.module_utils import _credential_helper

    kept = _credential_helper.get_credentials(helper, host)
    if login is not None:
        if kept != tuple(login):
            _credential_helper.store_credentials(helper, host, *login)
        return kept != tuple(login)
    from ansible_collections.icr.access.plugins.module_utils import _helper_login

    keys = _helper_login.helper_keys(helper, host)
    known = dict.fromkeys([*keys, *([host] if kept else [])])
    for key in known:
        _credential_helper.erase_credentials(helper, key)
    return bool(known)


def _change_file(
    place: _login_place.Place, path: str, wanted: Mapping[str, tuple[str, str] | None]
) -> bool:
    if _wanted_content(place, path, wanted)[
        0
    ] is None and not _secret_content.list_drafts(path):
        return False
    _secret_file.make_directory(path)
    with _secret_file.locked(path):
        changed = _secret_file.remove_drafts(path)
        for _attempt in range(_ATTEMPTS):
            raw, content = _wanted_content(place, path, wanted)
            if raw is None:
                return changed
            # After the rename we look again: a client that had read the old file before it
            # may write it back without what we have put there.
            changed = _secret_file.replace(path, raw, content) or changed
    raise _errors.AuthFileError(
        f"{path} cannot be written: another program kept changing it; "
        f"{_ATTEMPTS} attempts were made."
    )


def _wanted_content(
    place: _login_place.Place, path: str, wanted: Mapping[str, tuple[str, str] | None]
) -> tuple[bytes | None, _secret_content.Content | None]:
    """The bytes that the file should hold, None when it is as it should be; and what it
    holds now."""
    document, content = _auth_document.load(path)
    with _auth_document.naming(path):
        new = _wanted_document(place, document, wanted)
        if new != document:
            return _authfile_edit.render(new), content
        keeps_secrets = any(
            login is not None and _helper_of(place, document, host) is None
            for host, login in wanted.items()
        )
    if keeps_secrets and content is not None and content.mode != _secret_content.MODE:
        return content.raw, content
    return None, content


def _wanted_document(
    place: _login_place.Place,
    document: dict,
    wanted: Mapping[str, tuple[str, str] | None],
) -> dict:
    """The document that should stand in the file. Pure."""
    new = document
    for host, login in wanted.items():
        if login is None:
            new = _authfile_edit.without_login(new, host)
        elif _helper_of(place, document, host) is None:
            if _authfile.find_login(new, host, place.client) != _authfile.Login(*login):
                new = _authfile_edit.with_login(new, host, *login)
        else:
            new = _authfile_edit.without_credentials(new, host)
    return new


def _helper_of(place: _login_place.Place, document: dict, host: str) -> str | None:
    """The credential helper to be used for `host`, None for the file. Pure."""
    return (
        _authfile.find_helper(document, host, place.client) if place.helpers else None
    )
