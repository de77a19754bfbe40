# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Unix users that exist for the length of a test, with homes of their own."""

from __future__ import annotations

import os
import pwd
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .processes import call

_NAME = "icr-real"
# Far from those of containers: nobody can be removed while a process of any of them has the id.
_IDS = ("--key", "UID_MIN=58000", "--key", "UID_MAX=59999")


@dataclass(frozen=True)
class UnixUser:
    name: str
    uid: int
    gid: int
    home: Path

    @property
    def docker_file(self) -> Path:
        return self.home / ".docker" / "config.json"

    @property
    def podman_file(self) -> Path:
        return self.home / ".config" / "containers" / "auth.json"

    def put(self, path: Path, text: str, mode: int = 0o600) -> None:
        """A file of this user's, in folders of this user's."""
        missing = [path.parent, *path.parent.parents]
        for folder in reversed(missing[: missing.index(self.home)]):
            if not folder.exists():
                folder.mkdir(mode=0o755)
                os.chown(folder, self.uid, self.gid)
        path.write_text(text)
        path.chmod(mode)
        os.chown(path, self.uid, self.gid)


@dataclass(frozen=True)
class Standing:
    """To whom a file belongs, and its mode as people write it."""

    uid: int
    gid: int
    mode: str

    @classmethod
    def of(cls, path: Path) -> Standing:
        found = path.lstat()
        mode = f"{stat.S_IMODE(found.st_mode):04o}"
        return cls(found.st_uid, found.st_gid, mode)


@contextmanager
def unix_user() -> Iterator[Callable[[], UnixUser]]:
    """A function that makes users; all of them go at the end, their homes too."""
    with ExitStack() as made:

        def make() -> UnixUser:
            name = f"{_NAME}-{secrets.token_hex(4)}"
            # First, so that half a user goes as well.
            made.callback(_remove, name)
            call("useradd", *_IDS, "--create-home", "--shell", "/bin/sh", name)
            entry = pwd.getpwnam(name)
            return UnixUser(name, entry.pw_uid, entry.pw_gid, Path(entry.pw_dir))

        yield make


@contextmanager
def credential_helper(script: str) -> Iterator[str]:
    """The name of a helper with that script, where every user finds it on PATH."""
    name = f"{_NAME}-{secrets.token_hex(4)}"
    path = Path("/usr/local/bin") / f"docker-credential-{name}"
    try:
        path.write_text(script)
        path.chmod(0o755)
        yield name
    finally:
        path.unlink(missing_ok=True)


def _remove(name: str) -> None:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return
    call("userdel", "--remove", name)
