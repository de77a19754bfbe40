# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The collection, as it is installed, with each release of ansible-core and older Pythons.

`make compatibility` runs it; `--page FILE` writes the table into a page, too, if all went well, and
`--core 2.18` tries one release alone. Makes virtual environments below `--build`, which pip fills from the
package index, and keeps them, as the output of the last run; all else is removed, but for a file
system of Debian 13 in `--roots`. Calls nothing but the local IBM Cloud. The exit status is 1 when
something fails or warns.
"""

from __future__ import annotations

import argparse
import datetime
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from ..machine.pythons import interpreters
from .debian import Debian, lacking
from .releases import RELEASES, in_debian, is_too_new
from .table import table_of, with_table
from .trial import COLLECTION, Trial


def main() -> int:
    try:
        return _tried(_arguments())
    except subprocess.CalledProcessError as error:
        command = shlex.join(str(each) for each in error.cmd)
        _say(f"{command}: exit status {error.returncode}; what it says is above")
        return 1


def _tried(given: argparse.Namespace) -> int:
    """Tries the releases, says what came of it, and gives the exit status."""
    rows, complaints = [], []
    with tempfile.TemporaryDirectory(prefix="icr-package-") as name:
        tarball = _tarball(Path(name))
        build = given.build.resolve()
        here = Trial(build, tarball, interpreters())
        debian = Debian(build, tarball, given.roots.resolve())
        usual = sys.version_info[:2]
        for release in RELEASES:
            if given.core and release.core not in given.core:
                continue
            lacks = lacking() if is_too_new(release, usual) else ""
            if lacks:
                _say(f"ansible-core {release.core}: no Debian 13, for lack of {lacks}")
            place = debian if in_debian(release, usual, lacks) else here
            row, found = place.of(release)
            rows.append(row)
            complaints += [f"ansible-core {row.core}, {each}" for each in found]
            _say(f"ansible-core {row.core}: {'; '.join((row.controller, *row.cells))}")
    version = tarball.name.removesuffix(".tar.gz").rpartition("-")[2]
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    table = table_of(rows, today, version)
    _say(f"\n{table}\n")
    if given.page and not complaints:
        given.page.write_text(with_table(given.page.read_text(), table))
    for each in complaints:
        _say(each)
    return 1 if complaints else 0


def _tarball(folder: Path) -> Path:
    """The collection, built from the copy that this file is in."""
    program = Path(sys.executable).with_name("ansible-galaxy")
    building = ["collection", "build", str(COLLECTION), "--output-path", str(folder)]
    subprocess.run([program, *building], stdout=subprocess.DEVNULL, check=True)
    (built,) = folder.glob("*.tar.gz")
    return built


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="compatibility", description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--roots", type=Path, required=True)
    cores = [release.core for release in RELEASES]
    parser.add_argument("--core", action="append", choices=cores, default=[])
    parser.add_argument("--page", type=Path, default=None)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
