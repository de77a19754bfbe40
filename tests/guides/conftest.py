# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""An account and a folder for each page, in which its commands are run."""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

# The collection becomes importable here as it does for the unit tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
unit = importlib.import_module("tests.unit.conftest")

# Found because of what was imported above.
from ansible_collections.icr.access.tests.guides.pages import (  # noqa: E402
    Command,
    Page,
)
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import (  # noqa: E402
    LocalCloud,
    serving_cloud,
)

checkout = unit.checkout
collections_path = unit.collections_path

# tests/tools/warm_python.py says what it is.
PYTHON = Path(sys.executable).with_name("warm-python")
STAND_INS = Path(__file__).resolve().parent / "stand_ins"
# The hosts of the inventories; each has a home of its own.
HOSTS = ("build-1", "build-2")
# What the index of the guides says that there is.
NAMESPACES = [{"region": region, "name": "team-a"} for region in ("eu-de", "global")]
REPOSITORIES = [{**each, "name": "team-a/app", "tags": ["1.0"]} for each in NAMESPACES]
# An access token, which is a JSON Web Token: header, claims and signature.
ACCESS_TOKEN = re.compile(r"\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]+")


@dataclass(frozen=True)
class Done:
    """A command that was run, its exit status and all that it wrote."""

    command: Command
    status: int
    output: str

    @property
    def has_changed(self) -> bool:
        """Whether Ansible says at the end that something was changed."""
        return re.search(r"changed=[1-9]", self.output) is not None

    def has_shown_what_it_is_to_show(self) -> bool:
        """Whether it ended well, and as the page says."""
        if self.status != 0:
            return False
        if not self.command.changes_nothing:
            return True
        return "PLAY RECAP" in self.output and not self.has_changed


@dataclass(frozen=True)
class Reader:
    """Somebody with an account at IBM Cloud, who follows a page in an empty folder. `keys` are
    the values of all API keys that the account had before and after each command."""

    cloud: LocalCloud
    folder: Path
    collections: Path
    keys: set[str] = field(default_factory=set)

    def follow(self, page: Page) -> list[Done]:
        """Write the files, run the commands, and stop after the first that is not as it
        should be."""
        for name, text in page.files.items():
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        done: list[Done] = []
        for command in page.commands:
            done.append(self.run(command))
            if not done[-1].has_shown_what_it_is_to_show():
                break
        return done

    def run(self, command: Command) -> Done:
        """Run one command in a shell that still has what was exported before."""
        kept = self.folder / ".exported"
        script = [
            "set -euo pipefail",
            f"[ ! -e {shlex.quote(str(kept))} ] || . {shlex.quote(str(kept))}",
            command.text,
            f"export -p >{shlex.quote(str(kept))}",
        ]
        self._note_keys()
        ended = subprocess.run(
            ["bash", "-c", "\n".join(script)],
            input=f"{self.cloud.api_key}\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            env=self._environment(),
            check=False,
        )
        self._note_keys()
        return Done(command, ended.returncode, ended.stdout)

    def secrets_in(self, text: str) -> list[str]:
        """The values of API keys, those that are gone by now included, and the access tokens
        that are in a text."""
        shown = [value for value in self.keys if value in text]
        return sorted(shown) + ACCESS_TOKEN.findall(text)

    def _note_keys(self) -> None:
        self.keys.update(key.value for key in self.cloud.app.state.api_keys.values())

    def _environment(self) -> dict[str, str]:
        home = self.folder.parent / "home"
        tools = f"{STAND_INS}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {
            "PATH": tools,
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "ICR_ENDPOINTS": str(self.folder.parent / "endpoints.json"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_TRANSPORT": "local",
            "ANSIBLE_PYTHON_INTERPRETER": str(PYTHON),
            # Quicker, and the same for whoever follows a page.
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
        }


@pytest.fixture(scope="session")
def running_cloud() -> Iterator[LocalCloud]:
    """One local IBM Cloud for all pages of a process."""
    with serving_cloud() as cloud:
        yield cloud


@pytest.fixture
def reader(running_cloud: LocalCloud, collections_path: Path, tmp_path: Path) -> Reader:
    """Of an account as the index of the guides describes it, and with the hosts that the
    inventories name."""
    assert running_cloud.control("POST", "/reset").status == 204
    running_cloud.seed(namespaces=NAMESPACES, repositories=REPOSITORIES)
    folder = tmp_path / "folder"
    for path in (folder / "group_vars", folder / "host_vars", tmp_path / "home"):
        path.mkdir(parents=True)
    endpoints = running_cloud.endpoints
    (tmp_path / "endpoints.json").write_text(json.dumps(endpoints))
    # Hosts are told where the local cloud is, because they have no such variable; JSON is YAML.
    settings = {"registry_login_endpoints": endpoints, "ansible_become": False}
    (folder / "group_vars" / "all.yml").write_text(json.dumps(settings))
    for host in HOSTS:
        add_host(folder / "host_vars" / f"{host}.yml", tmp_path / host)
    return Reader(running_cloud, folder, collections_path)


def add_host(variables: Path, home: Path) -> None:
    """A host that is this machine, but for the home of whoever works on it."""
    home.mkdir()
    python = home / "python"
    python.write_text(f'#!/bin/sh\nHOME={home} exec {PYTHON} "$@"\n')
    python.chmod(0o755)
    variables.write_text(json.dumps({"ansible_python_interpreter": str(python)}))
