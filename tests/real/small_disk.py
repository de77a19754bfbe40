# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A file system of a few pages, which is soon full."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .processes import call


@dataclass(frozen=True)
class SmallDisk:
    """A file system of its own in the folder `mount`."""

    mount: Path

    def fill(self, *, but: int = 0) -> Path:
        """Fills it with one file, but for so many bytes; the file."""
        ballast = self.mount / "ballast"
        free = os.statvfs(self.mount)
        ballast.write_bytes(bytes(free.f_bavail * free.f_frsize - but))
        return ballast

    def use_up_files(self) -> list[Path]:
        """Makes files until there can be no more; the files."""
        made = []
        for number in range(os.statvfs(self.mount).f_favail):
            made.append(self.mount / f"file-{number}")
            made[-1].touch()
        return made

    def remount(self, option: str) -> None:
        """Makes it read-only (`ro`) or not (`rw`)."""
        call("mount", "-o", f"remount,{option}", str(self.mount))


@contextmanager
def small_disk(mount: Path) -> Iterator[SmallDisk]:
    """Of 128 KiB and 16 files, in a folder that is made for it."""
    mount.mkdir()
    call(
        *("mount", "-t", "tmpfs", "-o", "size=128k,nr_inodes=16,mode=0700"),
        "tmpfs",
        str(mount),
    )
    try:
        yield SmallDisk(mount)
    finally:
        call("umount", str(mount))
