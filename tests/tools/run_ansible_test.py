# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Run ansible-test in the current folder, without the download it would begin with.

For each virtual environment of its own ansible-test wants a script that installs pip, and
fetches it from a host that a build machine may not be allowed to reach. It does not when it
finds one in its cache, so ours (bootstrap_pip.py) is put there first, with the wheel of pip. It also makes an SSH key
in the home, and two runs side by side would get in each other's way: that is done here, too,
one run at a time. Expects HOME to be a
folder made for tests. Usage: run_ansible_test.py sanity|integration [OPTION...]; the options
that choose this Python and this machine are added.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

# Private to ansible-test, and still better than a version number of its pip written down here.
from ansible_test._internal.python_requirements import get_venv_packages

HOME = Path.home() / ".ansible" / "test"
BOOTSTRAP = Path(__file__).with_name("bootstrap_pip.py")


def place_bootstrap(python_version: str) -> None:
    """Put our bootstrap where ansible-test looks for the one of its pip version, and that pip
    beside it."""
    pip_version = get_venv_packages(SimpleNamespace(version=python_version))["pip"]
    cache = HOME / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(BOOTSTRAP, cache / f"get_pip_{pip_version.replace('.', '_')}.py")
    if not any(cache.glob(f"pip-{pip_version}-*.whl")):
        command = [
            sys.executable,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "download",
        ]
        wanted = ["--quiet", "--no-deps", "--dest", str(cache), f"pip=={pip_version}"]
        subprocess.run([*command, *wanted], check=True)


def place_key() -> None:
    """Make the SSH key that ansible-test would make, the way it does, unless it is there."""
    key = HOME / "id_rsa"
    if not key.exists():
        command = ["ssh-keygen", "-m", "PEM", "-q", "-t", "rsa", "-N", "", "-f"]
        subprocess.run([*command, str(key)], check=True)


def main() -> None:
    command, *options = sys.argv[1:]
    python_version = f"{sys.version_info.major}.{sys.version_info.minor}"
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / ".set-up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        place_bootstrap(python_version)
        place_key()
    if command == "sanity":
        # pylint starts a process for each processor, and each reads on its own what all import.
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    ansible_test = str(Path(sys.executable).with_name("ansible-test"))
    arguments = [command, "--local", "--python", python_version, *options]
    os.execv(ansible_test, [ansible_test, *arguments])


if __name__ == "__main__":
    main()
