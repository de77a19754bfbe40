# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What is run with one release of ansible-core, on the local IBM Cloud."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .fleet import REGIONS, Host, fleet_key, inventory
from .verdict import Verdict, verdict_of

PLAYS = Path(__file__).resolve().parent / "plays"


class Scenario:
    """Commands of one release, in a folder that has to be empty.

    `programs` is the folder with its ansible-playbook and ansible-runner, `collections` one with the collection
    installed. Each is run, whatever became of those before.
    """

    def __init__(
        self, folder: Path, programs: Path, collections: Path, hosts: Sequence[Host]
    ) -> None:
        self.folder = folder
        self.hosts = [host.name for host in hosts]
        self.callers = [host.name for host in hosts if host.caller]
        self.programs = programs
        self.endpoints = folder / "sandbox" / "endpoints.json"
        self.sandbox = collections.joinpath(
            *("ansible_collections", "icr", "access", "roles", "sandbox", "files")
        )
        self.inventory = folder / "inventory.json"
        self.inventory.write_text(json.dumps(inventory(folder, hosts)))
        (folder / "home").mkdir(mode=0o700)
        # No setting of whoever runs this, which might hide a warning.
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("ANSIBLE_")
        }
        self.environment = {
            **inherited,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder / "home"),
            # What icr.access.report looks at on hosts with a local connection.
            "DOCKER_CONFIG": str(folder / self.callers[0]),
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCAL_TEMP": str(folder / "home" / "tmp"),
        }

    def verdicts(self) -> Iterator[Verdict]:
        """Of each command in turn, whose output is kept in `NAME.log`. Stops what it has
        started."""
        rotation = self._variables(
            "rotation",
            rotate_name="fleet",
            rotate_dest=fleet_key(self.folder),
            rotate_hosts="callers",
        )
        with_callers = ["localhost", *self.callers]
        try:
            yield self._play("start", "start.yml", expected=["localhost"])
            yield self._play("hosts", "hosts.yml", expected=self.hosts)
            yield self._play(
                "rotate", "icr.access.rotate", rotation, expected=with_callers
            )
            report = self._variables(
                "report",
                report_dest=str(self.folder / "report"),
                report_hosts="callers",
                report_regions=REGIONS,
            )
            yield self._play(
                "report", "icr.access.report", report, expected=with_callers
            )
            yield self._with_runner()
            yield self._play("stop", "stop.yml", expected=["localhost"])
        finally:
            if self.endpoints.exists():
                stopping = ["--endpoints-file", str(self.endpoints), "--stop"]
                command = [sys.executable, "-m", "icr_sandbox", *stopping]
                subprocess.run(command, cwd=self.sandbox, check=False)

    def _play(
        self, name: str, playbook: str, *more: str, expected: list[str]
    ) -> Verdict:
        program = str(self.programs / "ansible-playbook")
        place = str(PLAYS / playbook) if playbook.endswith(".yml") else playbook
        command = [program, "-i", str(self.inventory), place, *more]
        return self._run(name, command, self._with_key(), expected)

    def _with_runner(self) -> Verdict:
        folder = self.folder / "runner"
        folder.mkdir()
        program = str(self.programs / "ansible-runner")
        command = [program, "run", str(folder), "--project-dir", str(PLAYS)]
        command += ["--inventory", str(self.inventory), "--playbook", "runner.yml"]
        return self._run("runner", command, self.environment, self.callers)

    def _run(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        expected: Sequence[str],
    ) -> Verdict:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        output = done.stdout.decode(errors="replace")
        (self.folder / f"{name}.log").write_text(output)
        return verdict_of(name, done.returncode, output, expected)

    def _with_key(self) -> dict[str, str]:
        """The environment, with the key that the sandbox has, once it runs."""
        if not self.endpoints.exists():
            return self.environment
        key = json.loads(self.endpoints.read_text())["api_key"]
        return {**self.environment, "IC_API_KEY": key}

    def _variables(self, name: str, **variables: object) -> str:
        """An argument that gives these variables to a playbook, by way of a file."""
        file = self.folder / f"{name}.json"
        file.write_text(json.dumps(variables))
        return f"--extra-vars=@{file}"
