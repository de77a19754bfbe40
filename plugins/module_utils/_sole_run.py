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

from ansible_collections.icr.access.plugins.module_utils._errors import AuthFileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def sole_run(path: str | None, doing: str) -> Iterator[None]:
    """Keeps other runs on this machine off the file `path` while this one is `doing` something.

    The lock lies on the folder, leaves nothing behind, and ends with the process. Where there is
    no file, no folder or no such lock, there is no protection. Raises `AuthFileError` at once
    when another run is at it.
    """
    handle = None
    if path is not None:
        with contextlib.suppress(OSError):
            handle = os.open(
                os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
            )
    try:
        if handle is not None and not _is_ours(handle):
            raise AuthFileError(
                f"Another run is {doing} for {path} right now. If this task runs once for each "
                f"host, set run_once: true; else run it again later."
            )
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _is_ours(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # some network file systems have no lock for folders
    return True
