# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Acting as another Unix user: a child process that becomes that user."""

from __future__ import annotations

import json
import os
import select
import signal
import time

from ansible_collections.icr.access.plugins.module_utils import _errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from ansible_collections.icr.access.plugins.module_utils import _users

    Data = TypeVar("Data")

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# A task reads and writes files, and may call one helper after another.
_LONGEST_TASK = 300.0
_LONGEST_ANSWER = 64 * 1024 * 1024


def run_in_child(user: _users.User, task: Callable[[], Data]) -> Data:
    """As `_users.run_as`, for a user other than ours."""
    _load_ahead()
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
        raise _errors.AuthFileError(
            f"The process that acted as {user.name} gave no answer within "
            f"{_LONGEST_TASK:.0f} seconds and was ended."
        )
    try:
        answer: dict = json.loads(raw.decode("utf-8"))
    except ValueError:
        raise _errors.AuthFileError(
            f"The process that acted as {user.name} died."
        ) from None
    if "failed" in answer:
        raise _errors.AuthFileError(str(answer["failed"]))
    returned: Data = answer["returned"]
    return returned


def _load_ahead() -> None:
    """Loads what a task otherwise loads when a file names a helper, or the client is Podman. The
    child could not: what Ansible sent belongs to the user of this process, and others may not
    read it."""
    from ansible_collections.icr.access.plugins.module_utils import (
        _helper_login,
        _podman_files,
    )

    del _helper_login, _podman_files


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


def _answer(user: _users.User, task: Callable[[], object], sender: int) -> None:
    """The life of the child: become the user, do the task, report, be gone."""
    try:
        try:
            _become(user)
            answer: dict = {"returned": task()}
        except _errors.AccessError as error:
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


def _become(user: _users.User) -> None:
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
