# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Lay out what Ansible's own test tools insist on, under build/.

build/NAME/ansible_collections/icr/access
    A copy of the files that git tracks or would track. It is a git repository of its own:
    inside the checkout, where build/ is ignored, ansible-test would find no files at all.
    Integration tests that run side by side take one each: ansible-test writes its inventory
    into the copy, before each target, which another run would read half written.
build/home
    The home folder of whatever runs from that copy, so that no test reads or writes the
    developer's files. Only pip's settings and cache are shared with the real one.

Running it again copies what has changed and removes what is gone. Usage: lay_out_build.py
CHECKOUT BUILD NAME.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

COLLECTION = Path("ansible_collections", "icr", "access")
SHARED_WITH_REAL_HOME = (".config/pip", ".pip", ".cache/pip")


def files_of(repository: Path) -> set[Path]:
    """The files, relative to the repository, that git tracks or does not ignore."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    names = (Path(os.fsdecode(name)) for name in listing.split(b"\0") if name)
    return {name for name in names if os.path.lexists(repository / name)}


def is_same(source: Path, copy: Path) -> bool:
    """Whether the copy was made from the source as it is now."""
    if not os.path.lexists(copy):
        return False
    ours, theirs = source.lstat(), copy.lstat()
    return (ours.st_mode, ours.st_size, ours.st_mtime_ns) == (
        theirs.st_mode,
        theirs.st_size,
        theirs.st_mtime_ns,
    )


def synchronise(checkout: Path, copy: Path) -> None:
    """Make the copy hold the checkout's files and nothing that git does not ignore."""
    copy.mkdir(parents=True, exist_ok=True)
    if not (copy / ".git").is_dir():
        subprocess.run(
            ["git", "init", "--quiet", "--initial-branch=copy", str(copy)], check=True
        )
    wanted = files_of(checkout)
    for name in files_of(copy) - wanted:
        (copy / name).unlink()
        for folder in (copy / name).parents:
            if folder == copy or any(folder.iterdir()):
                break
            folder.rmdir()
    for name in wanted:
        source, target = checkout / name, copy / name
        if is_same(source, target):
            continue
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        # A tool that reads the copy meanwhile sees the old file or the new one, no half of it.
        part = target.with_name(f".{target.name}.part")
        shutil.copy2(source, part, follow_symlinks=False)
        part.replace(target)


def furnish(home: Path) -> None:
    """Make the home folder and share pip's settings and cache with it."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in SHARED_WITH_REAL_HOME:
        real, link = Path.home() / name, home / name
        if real.exists() and real.resolve() != link.resolve() and not link.exists():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(real)


def main() -> None:
    checkout, build = (Path(argument).resolve() for argument in sys.argv[1:3])
    tree = build / sys.argv[3]
    build.mkdir(exist_ok=True)
    with (build / "lay_out.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        synchronise(checkout, tree / COLLECTION)
        furnish(build / "home")


if __name__ == "__main__":
    main()
