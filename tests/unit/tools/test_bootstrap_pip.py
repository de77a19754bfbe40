# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The pip that ansible-test's environments are given for a moment."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "bootstrap_pip.py"
UNKNOWN_TO_PIP = ["--no-setuptools", "--no-wheel"]


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool beside a wheel, in an environment that is an empty folder."""
    place = shutil.copy(TOOL, tmp_path)
    with zipfile.ZipFile(tmp_path / "pip-24.2-py3-none-any.whl", "w") as wheel:
        wheel.writestr("pip/__init__.py", "")
    monkeypatch.setattr(sysconfig, "get_path", lambda _name: str(tmp_path / "packages"))
    spec = importlib.util.spec_from_file_location("bootstrap_pip", place)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that would be run."""
    commands: list[list[str]] = []

    def call(command: list[str]) -> int:
        commands.append(command)
        return 0

    monkeypatch.setattr(subprocess, "call", call)
    return commands


def run(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> int | None:
    monkeypatch.setattr(sys, "argv", ["bootstrap_pip.py", *arguments])
    status: int | None = tool.main()
    return status


def test_pip_is_unpacked_and_not_asked(
    tool: ModuleType,
    calls: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    arguments = ["--disable-pip-version-check", "pip==24.2", *UNKNOWN_TO_PIP]
    assert run(tool, monkeypatch, *arguments) == 0
    assert (tmp_path / "packages" / "pip" / "__init__.py").exists()
    assert calls == []


def test_what_else_is_wanted_is_installed_by_it(
    tool: ModuleType, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(tool, monkeypatch, "pip==24.2", "wheel==1.0", *UNKNOWN_TO_PIP) == 0
    assert calls == [[sys.executable, "-m", "pip", "install", "wheel==1.0"]]


def test_wheel_of_another_version_is_no_help(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match=r"no pip-25.0-\*.whl in "):
        run(tool, monkeypatch, "pip==25.0")
