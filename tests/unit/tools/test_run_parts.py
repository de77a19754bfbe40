# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What the runner of `make test` tells a person and a machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "run_parts.py"
MAKEFILE = """\
good: ; @echo fine
bad: ; @echo what went wrong; exit 3
plays: ; @cat told; exit 2
last: ; @test -f build/parts/good.log && test -f build/parts/bad.log
tells: ; @timeout 60 sh -c 'echo here >pipe'
hears: ; @timeout 60 cat pipe
first: ; @test ! -e build/parts/second.log
second: ; @test -f build/parts/first.log
"""
# A playbook shows what another printed, as JSON does, and ends.
TOLD = r"""THE   first
msg: TASK\nfatal: [a]: FAILED! => no\nRECAP
ERROR! it failed
bye
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Makefile").write_text(MAKEFILE)
    (tmp_path / "told").write_text(TOLD)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(TOOL), "--build", "build", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )


def verdicts(done: subprocess.CompletedProcess[str]) -> list[tuple[str, ...]]:
    """Verdict and part, in the order in which they were told."""
    lines = done.stdout.splitlines()
    return [tuple(line.split()[:2]) for line in lines if line[:4] in ("PASS", "FAIL")]


def summary(folder: Path) -> str:
    return (folder / "build" / "parts" / "summary").read_text()


def test_all_passed(folder: Path) -> None:
    done = run(folder, "good")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].startswith("PASS  good ")
    assert done.stdout.splitlines()[-1] == "1 passed, 0 failed"
    assert summary(folder) == "1 passed, 0 failed\n"
    assert "fine" not in done.stdout


def test_failed_part_is_shown_whole_and_fails_the_run(folder: Path) -> None:
    done = run(folder, "good", "bad")
    assert done.returncode == 1
    assert "\n--- bad ---\nwhat went wrong\n" in done.stdout
    assert done.stdout.splitlines()[-1] == "1 passed, 1 failed"
    assert summary(folder) == "1 passed, 1 failed\n"


def test_failure_is_told_below_the_part_that_failed(folder: Path) -> None:
    lines = run(folder, "plays").stdout.splitlines()
    assert lines[0].startswith("FAIL  plays ")
    assert lines[1:4] == [
        "      fatal: [a]: FAILED! => no",
        "      ERROR! it failed",
        "",
    ]


def test_part_that_names_no_failure_is_told_by_its_last_lines(folder: Path) -> None:
    lines = run(folder, "bad").stdout.splitlines()
    assert lines[1] == "      what went wrong"


def test_last_part_starts_when_the_others_have_ended(folder: Path) -> None:
    done = run(folder, "--then", "last", "bad", "good")
    assert verdicts(done)[2] == ("PASS", "last")
    assert done.stdout.splitlines()[-1] == "2 passed, 1 failed"


def test_last_parts_run_side_by_side(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    done = run(folder, "--then", "tells", "--then", "hears", "good")
    assert done.stdout.splitlines()[-1] == "3 passed, 0 failed"


def test_lonely_part_starts_when_the_last_ones_have_ended(folder: Path) -> None:
    done = run(folder, "--then", "bad", "--alone", "last", "good")
    assert verdicts(done)[2] == ("PASS", "last")
    assert done.stdout.splitlines()[-1] == "2 passed, 1 failed"


def test_lonely_parts_run_one_at_a_time(folder: Path) -> None:
    done = run(folder, "--alone", "first", "--alone", "second", "good")
    assert done.stdout.splitlines()[-1] == "3 passed, 0 failed"


def test_summary_is_of_this_run_and_not_of_an_earlier_one(folder: Path) -> None:
    run(folder, "good")
    assert run(folder, "bad").returncode == 1
    assert summary(folder) == "0 passed, 1 failed\n"
