# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The lab's file systems: made once, whoever wants them."""

from __future__ import annotations

import fcntl
import os
import subprocess
from pathlib import Path

import pytest

# Says in a file that it was called, and makes what it is called for. As often as a file has lines
# it fails, in the middle of that.
DEBOOTSTRAP = """#!/bin/sh
for folder; do root=$before before=$folder; done
echo "$root" >>"$0.calls"
mkdir "$root"
if [ -s "$0.failures" ]; then sed -i 1d "$0.failures"; exit 1; fi
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where each call of debootstrap has a line."""
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "debootstrap"
    program.write_text(DEBOOTSTRAP)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return programs / "debootstrap.calls"


@pytest.fixture
def making(checkout: Path, tmp_path: Path) -> list[str]:
    """The command for a root, without its packages."""
    program = checkout / "extensions" / "molecule" / "lab" / "bin" / "make-root"
    return [str(program), str(tmp_path / "root"), "mirror", "suite", ""]


def made(command: list[str]) -> str:
    """What came of it: `made` or `kept`."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, timeout=60
    )
    return done.stdout.split()[0]


def test_a_root_is_kept_until_something_else_is_wanted(
    making: list[str], calls: Path, tmp_path: Path
) -> None:
    wanted = [[*making, "a"], [*making, "a"], [*making, "a", "b"]]
    assert [made(each) for each in wanted] == ["made", "kept", "made"]
    # One that was interrupted.
    (tmp_path / "root.made").unlink()
    assert made(wanted[-1]) == "made"
    assert len(calls.read_text().splitlines()) == 3


@pytest.mark.parametrize(("failures", "status"), [(1, 0), (2, 1)])
def test_a_mirror_may_be_away_once(
    making: list[str], calls: Path, tmp_path: Path, failures: int, status: int
) -> None:
    calls.with_name("debootstrap.failures").write_text("away\n" * failures)
    done = subprocess.run(
        [*making, "a"], stdout=subprocess.DEVNULL, check=False, timeout=60
    )
    assert done.returncode == status
    assert len(calls.read_text().splitlines()) == 2
    assert (tmp_path / "root.made").exists() == (status == 0)


def test_of_two_at_once_one_makes_it(
    making: list[str], calls: Path, tmp_path: Path
) -> None:
    with (tmp_path / "root.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        both = [
            subprocess.Popen([*making, "a"], stdout=subprocess.PIPE, text=True)
            for time in range(2)
        ]
    said = [each.communicate()[0].split()[0] for each in both]
    assert sorted(said) == ["kept", "made"]
    assert len(calls.read_text().splitlines()) == 1
    assert [each.returncode for each in both] == [0, 0]


def test_a_root_that_is_wanted_as_it_is_may_be_in_use(
    making: list[str], calls: Path, tmp_path: Path
) -> None:
    made([*making, "a"])
    with (tmp_path / "root.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert made([*making, "a"]) == "kept"
