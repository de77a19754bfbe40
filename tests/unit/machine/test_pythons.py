# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Which Pythons of a machine the tests find."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ansible_collections.icr.access.tests.machine.pythons import (
    Interpreter,
    interpreters,
)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PATH; there is no other place than that and the one of this Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    return folder


def put(folder: Path, name: str, *lines: str) -> None:
    """A program that says those lines of itself."""
    program = folder / name
    said = "\n".join(f"echo '{line}'" for line in lines)
    program.write_text(f"#!/bin/sh\n{said}\n")
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("lines", "is_found"),
    [
        pytest.param(("3 4 9", "/real/python3.4", "False"), True, id="an-interpreter"),
        pytest.param(("3 4 9", "/real/python3.4", "True"), False, id="a-virtual-one"),
        pytest.param(("not installed",), False, id="a-shim-of-what-is-not-there"),
        pytest.param((), False, id="silent"),
    ],
)
def test_an_interpreter_is_known_by_what_it_says(
    programs: Path, lines: tuple[str, ...], is_found: bool
) -> None:
    put(programs, "python3.4", *lines)
    expected = Interpreter((3, 4, 9), Path("/real/python3.4"))
    assert (expected in interpreters()) is is_found


def test_there_is_one_of_each_minor_version_and_the_oldest_first(
    programs: Path,
) -> None:
    put(programs, "python3.4", "3 4 9", "/real/python3.4", "False")
    put(programs, "python3.3", "3 3 7", "/real/python3.3", "False")
    put(programs, "python3.4-config", "3 2 1", "/no/python", "False")
    second = programs / "python3"
    second.symlink_to("python3.4")
    minors = [each.minor for each in interpreters()]
    assert minors[:2] == [(3, 3), (3, 4)]
    assert sorted(set(minors)) == minors
    assert sys.version_info[:2] in minors
