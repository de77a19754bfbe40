# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Files that hold secrets: lock, replace.

A file is never changed in place: the new content is written beside it with mode 0600 and takes
its name in one step, so that whoever reads it sees the old content or the new, and so that a
hard link to the old file keeps the old content. Symbolic links stay links.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import tempfile
import time

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _secret_content,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DIRECTORY_MODE = 0o700
_LOCK_WAIT = 30.0
_LOCK_POLL = 0.02
# flock() on a directory is refused where the file system emulates it with byte-range locks.
_NO_DIRECTORY_LOCK = (errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL)


def check_replaceable(path: str, current: _secret_content.Content | None) -> None:
    """Raises `AuthFileError` when `replace` is bound to fail. Reads only."""
    directory = os.path.dirname(path)
    while not os.path.lexists(directory):
        directory = os.path.dirname(directory)
    if not os.path.isdir(directory):
        raise _errors.AuthFileError(
            f"{path} cannot be written: {directory} is not a directory."
        )
    if not os.access(directory, os.W_OK | os.X_OK):
        raise _errors.AuthFileError(
            f"{path} cannot be written: {directory} is not writable for this user."
        )
    if current is not None and os.geteuid() not in (0, current.uid):
        raise _errors.AuthFileError(
            f"{path} belongs to the user with id {current.uid}, who could not read it any "
            f"more if it were replaced; run the task as that user (become_user)."
        )


@contextlib.contextmanager
def locked(path: str, *, sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Holds the lock that our own processes take before they change the file.

    The lock lies on the file's folder, which must exist: it needs no file of its own, and
    it goes with the process that holds it. Where the file system has no such lock, a file
    beside it is used. Raises `AuthFileError` when it is not to be had within 30 seconds.
    """
    with _secret_content.explained(path, "locked"):
        handle = _open_lock(path)
    try:
        deadline = time.monotonic() + _LOCK_WAIT
        while not _try_lock(path, handle):
            if time.monotonic() >= deadline:
                raise _errors.AuthFileError(
                    f"{path} cannot be locked: another process has held its lock for "
                    f"{_LOCK_WAIT:.0f} seconds."
                )
            sleep(_LOCK_POLL)
        yield
    finally:
        # The lock goes with the handle, whatever the system says to that.
        with contextlib.suppress(OSError):
            os.close(handle)


def replace(
    path: str,
    raw: bytes,
    current: _secret_content.Content | None,
    finish: Callable[[int], object] | None = None,
) -> bool:
    """Puts `raw` in the place of `current`, with mode 0600 and the owner it had.

    `finish` is given the open draft before it takes its name, to change mode or owner.
    False, with nothing done, when somebody else has changed the file in the meantime.
    Raises `AuthFileError` when it cannot be written, and what `finish` raises; the old file is
    then as it was.
    """
    directory = os.path.dirname(path)
    with _secret_content.explained(path, "written"):
        handle, draft = tempfile.mkstemp(
            prefix=_secret_content.draft_prefix(path), dir=directory
        )
        try:
            with os.fdopen(handle, "wb") as stream:
                if current is not None and os.geteuid() == 0:
                    os.fchown(stream.fileno(), current.uid, current.gid)
                os.fchmod(stream.fileno(), _secret_content.MODE)
                stream.write(raw)
                stream.flush()
                if finish is not None:
                    finish(stream.fileno())
                os.fsync(stream.fileno())
            if _secret_content.read(path) != current:
                return False
            os.rename(draft, path)
            draft = ""
        finally:
            if draft:
                with contextlib.suppress(OSError):
                    os.unlink(draft)
        _sync_directory(directory)
    return True


def remove_drafts(path: str) -> bool:
    """Removes what `list_drafts` finds; says whether there was anything. Needs the lock."""
    drafts = _secret_content.list_drafts(path)
    with _secret_content.explained(path, "cleared of drafts"):
        for draft in drafts:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(draft)
    return bool(drafts)


def make_directory(path: str) -> None:
    """Makes the folder for the file `path`, and those above it, with mode 0700."""
    directory = os.path.dirname(path)
    missing = []
    while not os.path.isdir(directory):
        missing.append(directory)
        directory = os.path.dirname(directory)
    with _secret_content.explained(path, "written"):
        for directory in reversed(missing):
            with contextlib.suppress(FileExistsError):
                os.mkdir(directory, _DIRECTORY_MODE)


def _open_lock(path: str) -> int:
    directory = os.path.dirname(path)
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.flock(handle, fcntl.LOCK_UN)
    except BlockingIOError:
        return handle
    except OSError as error:
        os.close(handle)
        if error.errno not in _NO_DIRECTORY_LOCK:
            raise
        beside = os.path.join(directory, f".{os.path.basename(path)}.lock")
        return os.open(
            beside,
            os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW,
            _secret_content.MODE,
        )
    return handle


def _try_lock(path: str, handle: int) -> bool:
    with _secret_content.explained(path, "locked"):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _sync_directory(directory: str) -> None:
    # Some network file systems cannot, and whatever else fails: the rename has happened.
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
