# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The users that a task names."""

from __future__ import annotations

import os
import pwd

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _users,
)


def get_user(name: str) -> _users.User:
    """The user of that name, with the home of the passwd database and no settings.

    Raises `InputError` for a name that this host does not know, and when this process may
    not act as that user.
    """
    ourselves = _users.current_user()
    try:
        entry = pwd.getpwnam(name)
    except (KeyError, ValueError):
        raise _errors.InputError(f"There is no user {name!r} on this host.") from None
    if entry.pw_uid == ourselves.uid:
        # A root that came by sudo may still have the home of somebody else in HOME.
        is_ours = _owner_of(ourselves.home) == ourselves.uid
        return (
            ourselves if is_ours else ourselves._replace(home=entry.pw_dir, settings={})
        )
    if ourselves.uid != 0:
        raise _errors.InputError(
            f"The files of {name} cannot be managed as {ourselves.name}: run the task as "
            f"root (become: true), or as {name} without the option users."
        )
    runtime = f"/run/user/{entry.pw_uid}"
    settings = {"XDG_RUNTIME_DIR": runtime} if os.path.isdir(runtime) else {}
    return _users.User(name, entry.pw_uid, entry.pw_gid, entry.pw_dir, settings, False)


def _owner_of(path: str) -> int | None:
    try:
        return os.stat(path).st_uid
    except OSError:
        return None
