# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""One run at a time for what could not tell its own unfinished work from that of another run."""

from __future__ import annotations

import contextlib
import fcntl
import os

from ansible_collections.icr.access.plugins.module_utils import _errors

_MODE = 0o600

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def sole_run(path: str | None, doing: str) -> Iterator[None]:
    """Keeps other runs on this machine off the file `path` while this one is `doing` something.

    The lock lies on a file beside it, `.NAME.run`, which is removed in the end; one that a
    killed run has left is no lock, and removed by the next. Where there is no path, no folder
    that can be written or no such lock, there is no protection. Raises `AuthFileError` at once
    when another run is at it.
    """
    lock = None
    handle = None
    if path is not None:
        folder, name = os.path.split(path)
        lock = os.path.join(folder, f".{name}.run")
        with contextlib.suppress(OSError):
            handle = os.open(
                lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, _MODE
            )
    is_ours = False
    try:
        if lock is not None and handle is not None:
            is_ours = _is_ours(handle, lock)
            if not is_ours:
                raise _errors.AuthFileError(
                    f"Another run is {doing} for {path} right now. If this task runs once for "
                    f"each host, set run_once: true; else run it again later."
                )
        yield
    finally:
        if handle is not None:
            if is_ours and lock is not None:
                # before the lock ends: who has opened it meanwhile sees that it is gone
                with contextlib.suppress(OSError):
                    os.unlink(lock)
            os.close(handle)


def _is_ours(handle: int, lock: str) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # some network file systems have no locks
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(lock))
    except OSError:
        return False  # another run has ended, and taken it away, this very moment
