# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What `Debian` runs inside: a release is tried with what is there, and the row is left in a file.

Usage: inside CORE BUILD TARBALL ANSWER. Needs nothing but Python's standard library.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

from ..machine.pythons import interpreters
from .releases import RELEASES
from .table import Row
from .trial import Trial


def main(core: str, *files: str) -> int:
    build, tarball, answer = (Path(each) for each in files)
    (release,) = (each for each in RELEASES if each.core == core)
    try:
        row, complaints = Trial(build, tarball, interpreters()).of(release)
    except subprocess.CalledProcessError as error:
        command = shlex.join(str(each) for each in error.cmd)
        sys.stderr.write(f"{command}: exit status {error.returncode}\n")
        return 1
    write(answer, row, complaints)
    return 0


def write(answer: Path, row: Row, complaints: list[str]) -> None:
    answer.write_text(json.dumps({"row": row, "complaints": complaints}))


def read(answer: Path) -> tuple[Row, list[str]]:
    """What `write` has written."""
    written = json.loads(answer.read_text())
    core, controller, cells = written["row"]
    return Row(core, controller, tuple(cells)), written["complaints"]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
