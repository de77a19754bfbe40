# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The role: starts, stops, repeats itself without a change, and tells no secret."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TIMEOUT = 120.0
PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.include_role:
        name: icr.access.sandbox
      vars:
        sandbox_state: "{{ item }}"
      loop: "{{ states }}"
    - name: Keep
      ansible.builtin.copy:
        content: "{{ sandbox_cloud | to_json }}"
        dest: "{{ kept }}/{{ inventory_hostname }}"
        mode: "0600"
      no_log: true
      when: sandbox_cloud is defined
"""

Play = Callable[..., tuple[list[str], str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "sandbox"


@pytest.fixture
def play(
    collections_path: Path, tmp_path: Path, folder: Path, package: Path
) -> Iterator[Play]:
    """`play(states, *options)` runs the role for two hosts, once for each state in turn, and
    gives the names of the tasks that changed something, and all output."""
    playbook = tmp_path / "play.yml"
    playbook.write_text(PLAY)
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(collections_path),
        "ANSIBLE_HOME": str(tmp_path / "ansible"),
        "ANSIBLE_NOCOLOR": "1",
    }

    def run(states: list[str], *options: str) -> tuple[list[str], str]:
        variables = {
            "states": states,
            "sandbox_dir": str(folder),
            "sandbox_tls": True,
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "kept": str(tmp_path),
        }
        done = subprocess.run(
            [
                *(sys.executable, "-m", "ansible", "playbook", "-i", "one,two,"),
                *("-e", json.dumps(variables), *options, str(playbook)),
            ],
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        output = done.stdout + done.stderr
        assert done.returncode == 0, output
        return changed_tasks(done.stdout), output

    yield run
    path = str(folder / "endpoints.json")
    subprocess.run(
        [sys.executable, "-m", "icr_sandbox", "--endpoints-file", path, "--stop"],
        cwd=package,
        stdout=subprocess.DEVNULL,
        timeout=TIMEOUT,
        check=True,
    )


def changed_tasks(output: str) -> list[str]:
    """Names of the tasks under which a line says "changed", in order."""
    changed = []
    for block in re.split(r"^TASK \[", output, flags=re.MULTILINE)[1:]:
        name = block.partition("]")[0].removeprefix("icr.access.sandbox : ")
        if re.search(r"^changed: ", block, flags=re.MULTILINE):
            changed.append(name)
    return changed


def test_check_mode_says_so_and_does_nothing(play: Play, folder: Path) -> None:
    changed, _output = play(["started", "stopped"], "--check")
    assert changed == [
        "Make the folder of the sandbox",
        "Say that the sandbox would be started",
    ]
    assert not folder.exists()


def test_starts_once_and_tells_every_host(
    play: Play, folder: Path, tmp_path: Path
) -> None:
    changed, output = play(["started", "started"], "-vvvv", "--diff")
    assert changed == [
        "Make the folder of the sandbox",
        "Start the sandbox in the background",
        "Keep",
    ]
    cloud = json.loads((folder / "endpoints.json").read_text())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert cloud["api_key"] not in output
    for host in ("one", "two"):
        assert json.loads((tmp_path / host).read_text()) == cloud
    changed, _output = play(["stopped", "stopped"])
    assert changed == [
        "Stop the sandbox",
        "Remove what the sandbox left behind",
        "Remove the empty folder of the sandbox",
    ]
    assert not folder.exists()
