# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

PLAY = "- name: Do something\n  hosts: localhost\n  tasks:\n    - {task}\n"
GOOD, BAD = "ansible.builtin.ping:", "ansible.builtin.there_is_none:"


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    tools = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    monkeypatch.setenv("PATH", tools)
    return importlib.import_module(
        "ansible_collections.icr.access.tests.tools.run_ansible_lint"
    )


def runner_of(folder: Path, playbook: str, role: str) -> SimpleNamespace:
    """What ansible-lint knows when it checks the syntax of a playbook and a role."""
    play = folder / "play.yml"
    play.write_text(PLAY.format(task=playbook))
    tasks = folder / "role" / "tasks" / "main.yml"
    tasks.parent.mkdir(parents=True)
    tasks.write_text(f"- {role}\n")
    files = [
        SimpleNamespace(kind="playbook", path=play),
        SimpleNamespace(kind="role", path=folder / "role"),
    ]
    return SimpleNamespace(
        _collect_syntax_check_files=lambda: files,
        app=SimpleNamespace(runtime=SimpleNamespace(environ=dict(os.environ))),
    )


@pytest.mark.parametrize(
    ("playbook", "role", "expected"),
    [
        pytest.param(GOOD, GOOD, [], id="all is right"),
        pytest.param(BAD, GOOD, ["each"], id="a playbook is not"),
        pytest.param(GOOD, BAD, ["each"], id="a role is not"),
    ],
)
def test_each_is_looked_at_when_not_all_are_right(
    tool: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    playbook: str,
    role: str,
    expected: list[str],
) -> None:
    runner = runner_of(tmp_path, playbook, role)
    called: list[str] = []

    def check_each(*_given: object) -> list[object]:
        called.append("each")
        return []

    monkeypatch.setattr(tool, "check_each", check_each)
    found = tool.check_all(runner, [])
    assert called == expected
    assert found == ([] if expected else runner._collect_syntax_check_files())
