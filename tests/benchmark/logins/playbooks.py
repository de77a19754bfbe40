# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Running a playbook on many hosts of this machine, and what that costs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

FORKS = 10
# The Python of .venv keeps what it compiles, which no host's Python does.
AS_ELSEWHERE = {"KEEP_NO_BYTECODE": "1"}
CALLBACKS = Path(__file__).resolve().parent / "callback_plugins"


class Cost(NamedTuple):
    """Of one run, in seconds: CPU of what ansible-playbook has started (user and system), and of
    who else works for the row; the time that went by, ansible-playbook's own start included; and
    the most memory that one of its processes had, in bytes."""

    cpu: float
    wall: float
    memory: int = 0


class Fleet:
    """Hosts, each with a folder of its own, `{{ host_folder }}`. They are reached by local
    connection, unless `variables` of the inventory say otherwise."""

    def __init__(
        self, folder: Path, size: int, variables: Mapping[str, Any] | None = None
    ) -> None:
        self.folder = folder
        self.size = size
        self.names = [f"host{number:03d}" for number in range(size)]
        for name in self.names:
            (folder / "hosts" / name).mkdir(parents=True, exist_ok=True)
        hosts = {
            name: {"host_folder": str(folder / "hosts" / name)} for name in self.names
        }
        inventory = {
            "all": {
                "hosts": hosts,
                "vars": {
                    "ansible_connection": "local",
                    "ansible_python_interpreter": sys.executable,
                    **(variables or {}),
                },
            }
        }
        (folder / "inventory.json").write_text(json.dumps(inventory))

    def run(self, name: str, play: dict[str, Any], **environment: str) -> Cost:
        """Runs the play on all hosts. Raises `RuntimeError`, with the output, if a host fails."""
        playbook = self.folder / f"{name}.json"
        whole = {"hosts": "all", "gather_facts": False, **play}
        whole["environment"] = {**AS_ELSEWHERE, **play.get("environment", {})}
        playbook.write_text(json.dumps([whole]))
        children = self.folder / "children.json"
        settings = {
            **os.environ,
            "ANSIBLE_FORKS": str(FORKS),
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "children",
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "local"),
            "ANSIBLE_REMOTE_TMP": str(self.folder / "remote"),
            "BENCHMARK_CHILDREN": str(children),
            **environment,
        }
        command = ["ansible-playbook", "-i", str(self.folder / "inventory.json")]
        begin = time.monotonic()
        done = subprocess.run(
            [*command, str(playbook)],
            env=settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        wall = time.monotonic() - begin
        if done.returncode:
            raise RuntimeError(f"{name} fails:\n{done.stdout.decode(errors='replace')}")
        used = json.loads(children.read_text())
        return Cost(used["user"] + used["system"], wall, used["memory"])

    def forget(self, file_name: str) -> None:
        """Removes that file from the folder of each host."""
        for name in self.names:
            (self.folder / "hosts" / name / file_name).unlink(missing_ok=True)

    def payload_bytes(self, play: dict[str, Any], **environment: str) -> int:
        """How many bytes of modules one host is sent for the play."""
        remote = self.folder / "kept"
        one = {**play, "hosts": self.names[0]}
        kept = {
            "ANSIBLE_KEEP_REMOTE_FILES": "1",
            "ANSIBLE_PIPELINING": "0",
            "ANSIBLE_REMOTE_TMP": str(remote),
        }
        self.run("kept", one, **{**environment, **kept})
        sent = sum(path.stat().st_size for path in remote.rglob("AnsiballZ_*.py"))
        shutil.rmtree(remote)
        return sent
