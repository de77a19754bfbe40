# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Install pip into an environment that has none, from the copy that Python brings along.

Stands in for the script that ansible-test would download for its virtual environments. Takes
the arguments of "pip install"; the two options that only the downloaded script knows are left
out.
"""

from __future__ import annotations

import subprocess
import sys

KNOWN_TO_THE_DOWNLOADED_SCRIPT_ONLY = {"--no-setuptools", "--no-wheel"}


def main() -> int:
    # As a process of its own: it changes its environment so that pip's settings do not count.
    subprocess.check_call([sys.executable, "-m", "ensurepip"])
    arguments = [
        argument
        for argument in sys.argv[1:]
        if argument not in KNOWN_TO_THE_DOWNLOADED_SCRIPT_ONLY
    ]
    return subprocess.call([sys.executable, "-m", "pip", "install", *arguments])


if __name__ == "__main__":
    sys.exit(main())
