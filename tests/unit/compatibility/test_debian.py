# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Debian in the place of this machine's system: what is there, and what remains of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ansible_collections.icr.access.tests.compatibility.debian import (
    ENTER,
    NAMESPACES,
    specification,
)
from ansible_collections.icr.access.tests.compatibility.inside import read, write
from ansible_collections.icr.access.tests.compatibility.table import Row


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        pytest.param(
            {"suite": "s", "packages": ["a", "b"]}, "name s - a b", id="of-its-own"
        ),
        pytest.param(
            {"suite": "s", "base": "other", "packages": ["a"]},
            "name s other a",
            id="on-another",
        ),
    ],
)
def test_a_root_is_asked_for_as_the_lab_asks_for_it(
    root: dict[str, object], expected: str
) -> None:
    assert specification("name", root) == expected


def test_what_came_of_it_is_handed_on(tmp_path: Path) -> None:
    row, complaints = Row("2.21.1", "Debian", ("3.9.1", "passed")), ["one", "two"]
    write(tmp_path / "answer", row, complaints)
    assert read(tmp_path / "answer") == (row, complaints)


class TestEnterRoot:
    """With a root whose programs are those of this machine, so that it takes no time."""

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        allowed = subprocess.run(
            [*NAMESPACES, "mount", "-t", "tmpfs", "root", str(tmp_path)],
            capture_output=True,
            check=False,
        )
        if allowed.returncode:
            pytest.skip("mounting takes root")
        root = tmp_path / "root"
        (root / "etc").mkdir(parents=True)
        (root / "etc" / "os-release").write_text("NAME=Another\n")
        for link in ("bin", "lib", "lib64", "sbin"):
            (root / link).symlink_to(f"usr/{link}")
        (root / "usr").symlink_to("/usr")
        return root

    @pytest.mark.parametrize(
        ("command", "status", "output"),
        [
            pytest.param("cat /etc/os-release", 0, "NAME=Another\n", id="its-etc"),
            pytest.param("cat here", 0, "this machine", id="the-folder-as-it-was"),
            pytest.param("echo new >/etc/new", 0, "", id="writing-does-no-harm"),
            pytest.param("mkdir -p /run/new", 0, "", id="nor-does-it-in-run"),
            pytest.param("touch /usr/new 2>&-", 1, "", id="its-programs-stay"),
            pytest.param("exit 7", 7, "", id="exit-status"),
        ],
    )
    def test_has_the_system_of_the_root_and_else_this_machine(
        self, root: Path, command: str, status: int, output: str
    ) -> None:
        here = root.parent
        (here / "here").write_text("this machine")
        before = sorted(root.rglob("*"))
        done = subprocess.run(
            [ENTER, root, "sh", "-c", command],
            cwd=here,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (status, output)
        assert sorted(root.rglob("*")) == before
        assert not Path("/run/new").exists()
        assert str(here) not in Path("/proc/self/mountinfo").read_text()

    @pytest.mark.parametrize(
        "caller",
        [
            pytest.param([], id="itself"),
            pytest.param(["sh", "-c", '"$@"; exit', "sh"], id="its-caller"),
        ],
    )
    def test_ends_with_whoever_is_killed(self, root: Path, caller: list[str]) -> None:
        """What was started inside and left alone would keep the pipe open."""
        command = ["sh", "-c", "cat /dev/zero >/dev/null & echo started; wait"]
        with subprocess.Popen(
            [*caller, ENTER, root, *command], stdout=subprocess.PIPE
        ) as running:
            assert running.stdout is not None
            assert running.stdout.readline() == b"started\n"
            running.kill()
            assert running.stdout.read() == b""
        assert str(root) not in Path("/proc/self/mountinfo").read_text()
