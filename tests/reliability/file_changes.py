# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Every kind of change that is made to a file with secrets, and what a folder may look like when
one of them was not finished."""

from __future__ import annotations

import base64
import errno
import fcntl
import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from ansible_collections.icr.access.plugins.module_utils._key_file import KeyFile
from ansible_collections.icr.access.plugins.module_utils._login_change import change
from ansible_collections.icr.access.plugins.module_utils._login_place import Place
from ansible_collections.icr.access.plugins.module_utils._users import User

HOST, OTHER = "us.icr.io", "de.icr.io"
# Long enough to be written in parts, and known in any file by one of these.
SECRET, OLD_SECRET = "n3w-s3cret-" * 20, "0ld-s3cret-" * 20
_DOCKER, _PODMAN = Path(".docker", "config.json"), Path(".config", "auth.json")
_RUNTIME, _KEY = Path("run", "auth.json"), Path("keys", "builder")


def entry(secret: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"iamapikey:{secret}".encode()).decode()}


_TRACES = tuple(
    form
    for secret in (SECRET, OLD_SECRET)
    for form in (secret[:11].encode(), entry(secret)["auth"][16:32].encode())
)


class Standing(NamedTuple):
    """A file: what is in it, its mode, and where it leads if it is a link."""

    raw: bytes
    mode: int
    target: str | None = None

    def is_open(self, granted: int = 0) -> bool:
        """Whether it has a secret for others than its owner and whom that mode names."""
        is_readable = bool(self.mode & 0o077 & ~granted)
        return is_readable and any(trace in self.raw for trace in _TRACES)


Tree = dict[str, Standing]


def tree(home: Path) -> Tree:
    """Every file below a folder, by its path from there."""
    found = {}
    for path in sorted(home.rglob("*")):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if path.is_symlink():
            found[str(path.relative_to(home))] = Standing(b"", 0, os.readlink(path))
        elif path.is_file():
            found[str(path.relative_to(home))] = Standing(path.read_bytes(), mode)
    return found


@dataclass(frozen=True)
class FileChange:
    """A change of one file or several: `prepare` makes what is there before in a home, `make`
    changes it. A second file has its own moment."""

    prepare: Callable[[Path], object]
    make: Callable[[Path], object]
    files: tuple[Path, ...] = (_DOCKER,)

    def set_up(self, home: Path) -> Tree:
        """Makes a home in which the change is still to be made; what is in it."""
        home.mkdir()
        self.prepare(home)
        return tree(home)

    def wanted(self, home: Path) -> Tree:
        """Makes a home in which the change is made; what is in it then."""
        self.set_up(home)
        self.make(home)
        return tree(home)

    def flaws(self, home: Path, old: Tree, new: Tree) -> list[str]:
        """What is wrong with a home in which the change was begun, and maybe finished."""
        now = tree(home)
        names = {str(path) for path in self.files}
        granted = max(new[name].mode for name in names)
        flaws = [
            f"{name} is neither old nor new"
            for name in sorted(names)
            if now.get(name) not in (old.get(name), new.get(name))
        ]
        for name, standing in now.items():
            if name not in names and standing != old.get(name):
                if standing.is_open(granted):
                    flaws.append(f"{name} can be read by others: {standing.mode:04o}")
                if not Path(name).name.startswith("."):
                    flaws.append(f"{name} is in the way")
        return flaws

    def flaws_after_next(self, home: Path, new: Tree) -> list[str]:
        """What is wrong when the change is made once more in such a home."""
        try:
            self.make(home)
        except Exception as error:
            return [f"the next run fails: {error!r}"]
        now = tree(home)
        return [
            f"the next run leaves {name}"
            for name in sorted({*now, *new})
            if now.get(name) != new.get(name)
            # what is locked where folders cannot be
            and now.get(name) != Standing(b"", 0o600)
        ]


def _write(path: Path, document: object, mode: int = 0o600) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    path.chmod(mode)


def _nothing(_home: Path) -> None:
    """Not even the folder is there."""


def _others(mode: int = 0o600, **ours: str) -> Callable[[Path], None]:
    auths = {OTHER: entry(OLD_SECRET), **({HOST: ours} if ours else {})}
    return lambda home: _write(home / _DOCKER, {"auths": auths, "x": "y"}, mode)


def _behind_a_link(home: Path) -> None:
    _write(home / "shared" / "logins.json", {"auths": {OTHER: entry(OLD_SECRET)}})
    (home / _DOCKER).parent.mkdir()
    (home / _DOCKER).symlink_to("../shared/logins.json")


def _two_files(home: Path) -> None:
    for path in (_PODMAN, _RUNTIME):
        _write(home / path, {"auths": {HOST: entry(OLD_SECRET)}})


def _left_by_a_killed_run(home: Path) -> None:
    _others()(home)
    _write(home / ".docker" / ".config.json.icr-0a1b2c", SECRET)


def _old_key(home: Path) -> None:
    (home / _KEY).parent.mkdir(parents=True, exist_ok=True)
    (home / _KEY).write_text(OLD_SECRET)
    (home / _KEY).chmod(0o600)


def _key_folder(home: Path) -> None:
    (home / _KEY).parent.mkdir(parents=True, exist_ok=True)


def _logged_in(home: Path) -> object:
    return change(place_in(home, "docker", _DOCKER), {HOST: ("iamapikey", SECRET)})


def _logged_out(home: Path) -> object:
    place = place_in(home, "podman", _PODMAN)
    place = place._replace(runtime_paths=(str(home / _RUNTIME),))
    return change(place, {HOST: None})


def place_in(home: Path, client: str, path: Path) -> Place:
    """That file as the place for a client's logins."""
    user = User("me", os.geteuid(), os.getegid(), str(home), {}, True)
    return Place(user, client, str(home / path))


def _logged_in_without_lock(home: Path) -> object:
    with _no_lock_on_folders():
        return _logged_in(home)


@contextmanager
def _no_lock_on_folders() -> Iterator[None]:
    """As on a file system that emulates these locks with others."""
    flock = fcntl.flock

    def lock(handle: int, operation: int) -> None:
        if stat.S_ISDIR(os.stat(handle).st_mode):
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        flock(handle, operation)

    with mock.patch.object(fcntl, "flock", lock):
        yield


def _key_written(mode: int) -> Callable[[Path], object]:
    def write(home: Path) -> None:
        key_file = KeyFile(str(home / _KEY), mode)
        key_file.prove_writable()
        key_file.write(SECRET, key_file.look())

    return write


CHANGES = {
    "first login": FileChange(_nothing, _logged_in),
    "one more login": FileChange(_others(), _logged_in),
    "login in the place of another": FileChange(
        _others(0o644, **entry(OLD_SECRET)), _logged_in
    ),
    "mode alone": FileChange(_others(0o644, **entry(SECRET)), _logged_in),
    "login behind a link": FileChange(
        _behind_a_link, _logged_in, (Path("shared", "logins.json"),)
    ),
    "login after a killed run": FileChange(_left_by_a_killed_run, _logged_in),
    "login without a lock on folders": FileChange(_others(), _logged_in_without_lock),
    "log-out from two files": FileChange(_two_files, _logged_out, (_PODMAN, _RUNTIME)),
    "first key": FileChange(_key_folder, _key_written(0o600), (_KEY,)),
    "key in the place of another": FileChange(_old_key, _key_written(0o640), (_KEY,)),
}
