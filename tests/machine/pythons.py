# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The Pythons of this machine, wherever they were installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# What an interpreter says of itself: its version, where it is, and whether packages of a
# virtual environment would be beside it.
QUESTION = """
import sys
print(*sys.version_info[:3])
print(sys.executable)
print(sys.prefix != getattr(sys, "base_prefix", sys.prefix))
"""


class Interpreter(NamedTuple):
    """Sorts by version: `(3, 8, 18)`."""

    version: tuple[int, int, int]
    path: Path

    @property
    def minor(self) -> tuple[int, int]:
        return self.version[:2]

    @property
    def dotted(self) -> str:
        return ".".join(str(number) for number in self.version)


def interpreters() -> list[Interpreter]:
    """The first of each minor version of Python 3 that is found, the oldest version first.

    Virtual environments are passed over. Starts each program that looks like one.
    """
    found: dict[tuple[int, int], Interpreter] = {}
    for folder in _folders():
        for program in sorted(folder.glob("python3.*")):
            name = re.fullmatch(r"python3\.(\d+)", program.name)
            if name is None or (3, int(name[1])) in found:
                continue
            interpreter = _asked(program)
            if interpreter is not None:
                found.setdefault(interpreter.minor, interpreter)
    return sorted(found.values())


def _folders() -> Iterator[Path]:
    """Where interpreters are kept: PATH, and the usual places of version managers."""
    on_path = [
        Path(name) for name in os.environ.get("PATH", "").split(os.pathsep) if name
    ]
    yield Path(sys.base_prefix) / "bin"
    yield from on_path
    managers = [folder.parent for folder in on_path if folder.name == "shims"]
    managers += [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))]
    for manager in managers:
        yield from sorted(manager.glob("versions/*/bin"))
    yield from sorted((Path.home() / ".local/share/uv/python").glob("*/bin"))
    yield from sorted(Path("/opt").glob("python*/bin"))


def _asked(program: Path) -> Interpreter | None:
    """What the program says of itself; None if it does not start or is a virtual environment's."""
    try:
        answer = subprocess.run(
            [str(program), "-I", "-c", QUESTION],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
        version, path, is_virtual = answer.stdout.splitlines()
        major, minor, micro = (int(number) for number in version.split())
    except (OSError, subprocess.CalledProcessError, ValueError):
        return None
    if is_virtual == "True":
        return None
    return Interpreter((major, minor, micro), Path(path))
