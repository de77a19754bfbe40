# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The Unix users whose files are managed."""

from __future__ import annotations

import os
import pwd

from ansible_collections.icr.access.plugins.module_utils import _named_tuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Data = TypeVar("Data")

_SETTINGS = ("DOCKER_CONFIG", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")


class User(_named_tuple.NamedTuple):
    """A Unix user. `settings` are the environment variables that move a client's files;
    `is_self` tells the user that this process already runs as."""

    name: str
    uid: int
    gid: int
    home: str
    settings: dict[str, str]
    is_self: bool

    def __hash__(self) -> int:
        return hash((self.name, self.uid, self.home))


def current_user() -> User:
    """The user that this process runs as, with the home and settings of its environment."""
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:  # containers often run with an id that no passwd knows
        name = str(uid)
    settings = {key: os.environ[key] for key in _SETTINGS if os.environ.get(key)}
    home = os.path.expanduser("~")
    return User(name, uid, os.getegid(), home, settings, True)


def run_as(user: User, task: Callable[[], Data]) -> Data:
    """What `task` returns when it is done by `user`; it must be of JSON's types.

    For another user than ours the task runs in a child process with that user's ids and groups,
    home and a clean environment: nothing it opens, follows or executes can reach further than
    that user could. What comes back is parsed as data, never as objects. Raises the
    `AccessError` that the task raised, and `AuthFileError` when the child dies.
    """
    if user.is_self:
        return task()
    # Most tasks manage the files of their own user, and need not load this.
    from ansible_collections.icr.access.plugins.module_utils import _user_process

    return _user_process.run_in_child(user, task)
