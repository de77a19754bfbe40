# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Files that hold secrets: what is in them, and beside them."""

from __future__ import annotations

import contextlib
import os
import stat

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _named_tuple,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MODE = 0o600
# Far beyond any auth file, and far below what would trouble a host.
LARGEST = 16 * 1024 * 1024


class Content(_named_tuple.NamedTuple):
    """What a file holds, and to whom it belongs."""

    raw: bytes
    mode: int
    uid: int
    gid: int

    def __repr__(self) -> str:
        return f"Content(mode={self.mode:04o}, uid={self.uid}, gid={self.gid})"


@contextlib.contextmanager
def explained(path: str, attempt: str) -> Iterator[None]:
    """Turns what the system says into an `AuthFileError` that names the file."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _errors.AuthFileError(f"{path} cannot be {attempt}: {reason}.") from None


def real_path(path: str, inside: str | None = None) -> str:
    """Where a path leads once its links are followed.

    `inside` is the folder that they may not leave; `AuthFileError` when they do.
    """
    real = os.path.realpath(path)
    if inside is not None:
        home = os.path.realpath(inside)
        if os.path.commonpath([real, home]) != home:
            raise _errors.AuthFileError(
                f"{path} leads to {real}, outside {inside}: links of other users are "
                f"followed inside their home only. Run the task as that user instead (become_user)."
            )
    return real


def read(path: str) -> Content | None:
    """The content of a file, None when there is none.

    Raises `AuthFileError` when it is a folder, another kind of thing, or unreadable.
    """
    with explained(path, "read"):
        try:
            # Without O_NONBLOCK, a pipe in place of the file would hold us up for ever.
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            status = os.fstat(handle)
            if stat.S_ISDIR(status.st_mode):
                raise _errors.AuthFileError(f"{path} is a directory, not a file.")
            if not stat.S_ISREG(status.st_mode):
                raise _errors.AuthFileError(f"{path} is not a regular file.")
            with os.fdopen(handle, "rb", closefd=False) as stream:
                raw = stream.read(LARGEST + 1)
        finally:
            os.close(handle)
    if len(raw) > LARGEST:
        raise _errors.AuthFileError(
            f"{path} is larger than {LARGEST // 1024**2} MiB, which no auth file is."
        )
    return Content(raw, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)


def list_drafts(path: str) -> list[str]:
    """What processes of ours that were killed while they replaced the file have left beside
    it, each with a secret in it. Only who holds the lock knows that none is still in use."""
    directory, prefix = os.path.dirname(path), draft_prefix(path)
    try:
        names = os.listdir(directory)
    except OSError:
        return []
    return [os.path.join(directory, name) for name in names if name.startswith(prefix)]


def draft_prefix(path: str) -> str:
    """How the names of drafts for the file `path` begin."""
    return f".{os.path.basename(path)}.icr-"
