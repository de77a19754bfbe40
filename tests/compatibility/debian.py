# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A release of ansible-core in Debian 13, with the Python that Debian has.

It is the lab's file system of Debian 13, in the place of this machine's own system. Everything else
of the machine is there as well, such as Pythons of a version manager for hosts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import yaml

from . import inside
from .releases import Release
from .table import Row
from .trial import COLLECTION

LAB = COLLECTION / "extensions" / "molecule" / "lab"
ROOT = "trixie"
# Debian's own; a program of that name may be earlier on PATH.
PYTHON = "/usr/bin/python3"
ENTER = Path(__file__).with_name("enter_root")
NAMESPACES = ("unshare", "--mount", "--pid", "--fork")


class Debian:
    """Tries releases there. Its file system is kept in `cache`, which is the lab's, too; all
    else in `build`, as with `Trial`."""

    def __init__(self, build: Path, tarball: Path, cache: Path) -> None:
        self.build = build
        self.tarball = tarball
        self.cache = cache

    def of(self, release: Release) -> tuple[Row, list[str]]:
        """The row of the release, and what there is to complain of, each in a line. Makes the
        file system if need be, which takes a minute. Raises `CalledProcessError` when that, or
        pip, fails, which says itself what is wrong."""
        root = self._root()
        with tempfile.TemporaryDirectory(prefix="icr-debian-") as folder:
            answer = Path(folder, "answer.json")
            program = [PYTHON, "-m", inside.__name__, release.core]
            files = [str(each) for each in (self.build, self.tarball, answer)]
            subprocess.run(
                [str(ENTER), str(root), *program, *files],
                cwd=COLLECTION.parents[2],
                check=True,
            )
            return inside.read(answer)

    def _root(self) -> Path:
        self.cache.mkdir(parents=True, exist_ok=True)
        self.build.mkdir(parents=True, exist_ok=True)
        settings = yaml.safe_load((LAB / "vars" / "lab.yml").read_text())
        wanted = specification(ROOT, settings["lab_roots"][ROOT])
        folders = [str(self.cache), str(self.build)]
        making = [str(LAB / "bin" / "make-roots"), *folders, _mirror(), wanted]
        subprocess.run(making, check=True)
        return self.cache / ROOT


def specification(name: str, root: dict[str, Any]) -> str:
    """What the lab's make-roots is told of a root, for its entry in `lab_roots`. Pure."""
    return " ".join((name, root["suite"], root.get("base", "-"), *root["packages"]))


def lacking() -> str:
    """What it takes to be in Debian 13 and is not there; empty if nothing."""
    if os.geteuid() != 0:
        return "root"
    for program in ("debootstrap", "setpriv", "unshare"):
        if shutil.which(program) is None:
            return program
    # In a container root may lack it.
    allowed = subprocess.run([*NAMESPACES, "true"], capture_output=True, check=False)
    if allowed.returncode:
        return "the right to mount"
    return "" if _mirror() else "a mirror of Debian in the settings of apt"


def _mirror() -> str:
    """The mirror of Debian that this machine uses; empty if there is none."""
    asked = subprocess.run(
        [LAB / "bin" / "debian-mirror"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() if asked.returncode == 0 else ""
