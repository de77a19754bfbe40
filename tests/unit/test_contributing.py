# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""CONTRIBUTING.md sends nobody to a file or a command that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

# Stands for the name of a module, role or part.
PLACEHOLDER = "NAME"
GENERATED = "build/"


@pytest.fixture
def contributing(checkout: Path) -> str:
    return (checkout / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_paths_exist(contributing: str, checkout: Path) -> None:
    paths = [
        path.replace(PLACEHOLDER, "*")
        for path in re.findall(r"`([\w.-]*/[\w./-]*|[\w-]+\.\w+)`", contributing)
        if not path.startswith(GENERATED)
    ]
    assert "galaxy.yml" in paths
    assert [path for path in paths if not any(checkout.glob(path.rstrip("/")))] == []


def test_files_of_the_architecture_exist(checkout: Path) -> None:
    page = (checkout / "docs" / "architecture.md").read_text(encoding="utf-8")
    names = set(re.findall(r"`(_\w+\.py)`", page))
    assert len(names) > 10
    folder = checkout / "plugins" / "module_utils"
    assert [name for name in sorted(names) if not (folder / name).exists()] == []


def test_make_targets_exist(contributing: str, checkout: Path) -> None:
    makefile = (checkout / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z-]+)", contributing))
    assert "test" in named
    assert named <= targets
