# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A release of ansible-core on this machine: what it takes, what is run, its row of the table."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..machine.pythons import Interpreter
from ..machine.ssh_server import missing, ssh_server
from ..machine.system import system
from . import environments, fleet
from .releases import Release, controller_of, hosts_of
from .scenario import Scenario
from .table import FAILED, PASSED, Row, not_run
from .verdict import Verdict

COLLECTION = Path(__file__).resolve().parents[2]
REQUIREMENTS = COLLECTION / "meta" / "requirements.txt"
# A version for all releases, as in .venv, whose Python need not be there where a release is tried.
(RUNNER,) = (
    line
    for line in (COLLECTION / "requirements-test.txt").read_text().splitlines()
    if line.startswith("ansible-runner ")
)
PLAYBOOKS = ("rotate", "report")


class Trial:
    """Tries releases with the Pythons that are `here`. Virtual environments and the output of
    what was run are kept in `build`."""

    def __init__(self, build: Path, tarball: Path, here: Sequence[Interpreter]) -> None:
        self.build = build
        self.tarball = tarball
        self.here = here

    def of(self, release: Release) -> tuple[Row, list[str]]:
        """The row of the release, and what there is to complain of, each in a line."""
        python = controller_of(release, self.here, sys.version_info[:2])
        if python is None:
            oldest = ".".join(str(number) for number in release.controller[0])
            return not_run(release.core, f"no Python {oldest} or newer here"), []
        pythons = hosts_of(release, self.here)
        programs = environments.controller(
            self.build, release.core, python, [RUNNER, "-r", str(REQUIREMENTS)]
        )
        lacking = {
            fleet.SSH: ", ".join(missing()),
            fleet.BECOME: fleet.becoming_lacks(),
        }
        verdicts = self._run(release, programs, pythons, lacking)
        exact = _version_of_core(programs / "python")
        complaints = [each for one in verdicts.values() for each in one.complaints]
        cells = cells_of(verdicts, pythons, lacking)
        return Row(exact, f"{system()}, Python {python.dotted}", cells), complaints

    def _run(
        self,
        release: Release,
        programs: Path,
        pythons: Sequence[Interpreter],
        lacking: Mapping[str, str],
    ) -> dict[str, Verdict]:
        """What came of each command; its output is kept in `build`."""
        hosts = [
            fleet.local(each, environments.caller(self.build, each, REQUIREMENTS))
            for each in pythons
        ]
        if not lacking[fleet.BECOME]:
            hosts.append(fleet.as_other_user())
        with contextlib.ExitStack() as stack:
            folder = Path(
                stack.enter_context(
                    tempfile.TemporaryDirectory(prefix=f"icr-core-{release.core}-")
                )
            )
            if not lacking[fleet.SSH]:
                hosts.append(
                    fleet.through_ssh(
                        pythons[0], stack.enter_context(ssh_server(folder))
                    )
                )
            collections = folder / "collections"
            _install(self.tarball, programs, collections)
            scenario = Scenario(folder, programs, collections, hosts)
            stack.callback(_keep_logs, folder, self.build / f"log-{release.core}")
            return {each.name: each for each in scenario.verdicts()}


def cells_of(
    verdicts: Mapping[str, Verdict],
    pythons: Sequence[Interpreter],
    lacking: Mapping[str, str],
) -> tuple[str, ...]:
    """The cells of a row, from the column for the Pythons of hosts on. `lacking` says for
    `ssh` and `become` what was not there, and nothing where they were tried. Pure."""
    well = verdicts["hosts"].well
    on_hosts = [
        each.dotted if fleet.name_of(each) in well else f"{each.dotted} {FAILED}"
        for each in pythons
    ]
    ways = [
        f"not run: no {lacking[way]}" if lacking[way] else _told(way in well)
        for way in (fleet.SSH, fleet.BECOME)
    ]
    playbooks = all(verdicts[name].passed for name in PLAYBOOKS)
    runner = verdicts["runner"].passed
    return (", ".join(on_hosts), *ways, _told(playbooks), _told(runner))


def _told(passed: bool) -> str:
    return PASSED if passed else FAILED


def _install(tarball: Path, programs: Path, collections: Path) -> None:
    """Install the tarball with that release's own ansible-galaxy."""
    command = [str(programs / "ansible-galaxy"), "collection", "install", str(tarball)]
    options = ["--offline", "--no-deps", "--collections-path", str(collections)]
    # One that is installed on another path would be left at that.
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections)}
    subprocess.run(
        [*command, *options], env=environment, stdout=subprocess.DEVNULL, check=True
    )


def _version_of_core(python: Path) -> str:
    """The exact version of ansible-core in a virtual environment."""
    question = "import importlib.metadata as m; print(m.version('ansible-core'))"
    asked = subprocess.run(
        [python, "-c", question], stdout=subprocess.PIPE, text=True, check=True
    )
    return asked.stdout.strip()


def _keep_logs(folder: Path, kept: Path) -> None:
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir()
    for log in folder.glob("*.log"):
        shutil.copy(log, kept)
