# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Install pip into an environment that has none, from a wheel that lies beside this file.

Stands in for the script that ansible-test would download for its virtual environments. Takes
the arguments of "pip install"; the two options that only the downloaded script knows are left
out. The wheel is unpacked and no more: there are nine such environments, each is given pip for
one command and loses it again, and pip takes ten seconds to install itself.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

KNOWN_TO_THE_DOWNLOADED_SCRIPT_ONLY = {"--no-setuptools", "--no-wheel"}


def unpack(requirement: str) -> None:
    """Unpack the wheel of a requirement such as `pip==24.2`. Raises `SystemExit` without it."""
    pattern = f"{requirement.replace('==', '-')}-*.whl"
    folder = Path(__file__).parent
    wheels = [*folder.glob(pattern)]
    if not wheels:
        raise SystemExit(f"Cannot install {requirement}: no {pattern} in {folder}.")
    with zipfile.ZipFile(wheels[0]) as archive:
        archive.extractall(sysconfig.get_path("purelib"))


def main() -> int:
    arguments = [
        argument
        for argument in sys.argv[1:]
        if argument not in KNOWN_TO_THE_DOWNLOADED_SCRIPT_ONLY
    ]
    for argument in list(arguments):
        if argument.startswith("pip=="):
            unpack(argument)
            arguments.remove(argument)
    if all(argument.startswith("-") for argument in arguments):
        return 0
    return subprocess.call([sys.executable, "-m", "pip", "install", *arguments])


if __name__ == "__main__":
    sys.exit(main())
