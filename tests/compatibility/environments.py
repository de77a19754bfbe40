# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Virtual environments: a controller of one release of ansible-core, a host with `requests`."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from ..machine.pythons import Interpreter


def controller(
    folder: Path, core: str, python: Interpreter, beside: Sequence[str]
) -> Path:
    """The folder with the programs of the newest ansible-core of that release, such as `2.18`,
    and of what is to be beside it, in words of pip. Kept in the folder, and made again when what
    it consists of is another."""
    wanted = [f"ansible-core=={core}.*", *beside]
    return _environment(folder / f"core-{core}", python, wanted)


def caller(folder: Path, python: Interpreter, requirements: Path) -> Path:
    """The Python of a host that can call IBM Cloud: with what the file of requirements names."""
    place = folder / f"host-{python.dotted}"
    programs = _environment(place, python, ["-r", str(requirements)])
    return programs / "python"


def _environment(folder: Path, python: Interpreter, wanted: Sequence[str]) -> Path:
    """Raises `CalledProcessError` when pip fails, which says itself what is wrong."""
    programs, note = folder / "bin", folder / "made-of"
    made_of = f"{python.path} {python.dotted}: {' '.join(wanted)}\n"
    if note.is_file() and note.read_text() == made_of:
        return programs
    subprocess.run([str(python.path), "-m", "venv", "--clear", str(folder)], check=True)
    # Of what pip says, only its errors.
    installing = ["-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([str(programs / "python"), *installing, *wanted], check=True)
    note.write_text(made_of)
    return programs
