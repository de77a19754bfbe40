# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Acting as the Unix users whose files are managed."""

from __future__ import annotations

import json
import os
import pwd
import select
import signal
import time
from dataclasses import dataclass, field, replace

from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    AuthFileError,
    InputError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Data = TypeVar("Data")

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# A task reads and writes files, and may call one helper after another.
_LONGEST_TASK = 300.0
_LONGEST_ANSWER = 64 * 1024 * 1024
_SETTINGS = ("DOCKER_CONFIG", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")


@dataclass(frozen=True)
class User:
    """A Unix user. `settings` are the environment variables that move a client's files;
    `is_self` tells the user that this process already runs as."""

    name: str
    uid: int
    gid: int
    home: str
    settings: dict[str, str] = field(hash=False)
    is_self: bool


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


def get_user(name: str) -> User:
    """The user of that name, with the home of the passwd database and no settings.

    Raises `InputError` for a name that this host does not know, and when this process may
    not act as that user.
    """
    ourselves = current_user()
    try:
        entry = pwd.getpwnam(name)
    except (KeyError, ValueError):
        raise InputError(f"There is no user {name!r} on this host.") from None
    if entry.pw_uid == ourselves.uid:
        # A root that came by sudo may still have the home of somebody else in HOME.
        is_ours = _owner_of(ourselves.home) == ourselves.uid
        return (
            ourselves if is_ours else replace(ourselves, home=entry.pw_dir, settings={})
        )
    if ourselves.uid != 0:
        raise InputError(
            f"The files of {name} cannot be managed as {ourselves.name}: run the task as "
            f"root (become: true), or as {name} without the option users."
        )
    runtime = f"/run/user/{entry.pw_uid}"
    settings = {"XDG_RUNTIME_DIR": runtime} if os.path.isdir(runtime) else {}
    return User(name, entry.pw_uid, entry.pw_gid, entry.pw_dir, settings, False)


def _owner_of(path: str) -> int | None:
    try:
        return os.stat(path).st_uid
    except OSError:
        return None


def run_as(user: User, task: Callable[[], Data]) -> Data:
    """What `task` returns when it is done by `user`; it must be of JSON's types.

    For another user than ours the task runs in a child process with that user's ids and groups,
    home and a clean environment: nothing it opens, follows or executes can reach further than
    that user could. What comes back is parsed as data, never as objects. Raises the
    `AccessError` that the task raised, and `AuthFileError` when the child dies.
    """
    if user.is_self:
        return task()
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiver)
        _answer(user, task, sender)
    os.close(sender)
    try:
        raw = _read_answer(receiver)
    finally:
        os.close(receiver)
        # The user owns the child, and could have stopped it for ever.
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if raw is None:
        raise AuthFileError(
            f"The process that acted as {user.name} gave no answer within "
            f"{_LONGEST_TASK:.0f} seconds and was ended."
        )
    try:
        answer: dict = json.loads(raw.decode("utf-8"))
    except ValueError:
        raise AuthFileError(f"The process that acted as {user.name} died.") from None
    if "failed" in answer:
        raise AuthFileError(str(answer["failed"]))
    returned: Data = answer["returned"]
    return returned


def _read_answer(receiver: int) -> bytes | None:
    """All that the child says until it closes its end, None when that takes too long."""
    deadline = time.monotonic() + _LONGEST_TASK
    parts: list[bytes] = []
    while sum(map(len, parts)) <= _LONGEST_ANSWER:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([receiver], [], [], left)[0]:
            return None
        part = os.read(receiver, 65536)
        if not part:
            break
        parts.append(part)
    return b"".join(parts)


def _answer(user: User, task: Callable[[], object], sender: int) -> None:
    """The life of the child: become the user, do the task, report, be gone."""
    try:
        try:
            _become(user)
            answer: dict = {"returned": task()}
        except AccessError as error:
            answer = {"failed": str(error)}
        except PermissionError as error:
            answer = {
                "failed": f"Acting as {user.name} is not permitted: {error.strerror}. A "
                f"container needs the capabilities SETUID and SETGID for that."
            }
        except Exception as error:  # its text could hold anything, a secret too
            answer = {"failed": f"{type(error).__name__} while acting as {user.name}."}
        with os.fdopen(sender, "wb") as stream:
            stream.write(json.dumps(answer).encode("utf-8"))
    finally:
        # Never back into the caller's code: that would be a second run of the module.
        os._exit(0)


def _become(user: User) -> None:
    os.initgroups(user.name, user.gid)
    os.setgid(user.gid)
    os.setuid(user.uid)
    os.umask(0o077)
    os.environ.clear()
    os.environ.update(
        HOME=user.home,
        USER=user.name,
        LOGNAME=user.name,
        PATH=_PATH,
        LANG="C.UTF-8",
        **user.settings,
    )
    try:
        os.chdir(user.home)
    except OSError:
        os.chdir("/")
