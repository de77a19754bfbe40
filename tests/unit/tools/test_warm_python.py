# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What it runs ends as with a Python that has just started, and Ansible notices no difference."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
SERVER = """
import warm_python_server as server
server.import_what_modules_import = lambda: None
server.main()
"""
CLIENT = """
import sys
import warm_python as client
client.ADDRESS = sys.argv.pop(1)
client.start_server = lambda: sys.stderr.write("started\\n")
client.main()
"""
# What a program can find out about how it was started, and the files that it was given.
ALL = """
import os, sys
print(__name__, sys.argv, os.getcwd(), os.environ["WHAT"], sys.path[0])
os.umask(print(oct(os.umask(0o77))) or 0)
print(sys.stdin.read())
sys.stderr.write("an error\\n")
"""


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(TOOLS), "WHAT": "told"}


def run(command: list[str], text: str, folder: Path) -> tuple[int, str, str]:
    """Its exit status, and what it wrote."""
    done = subprocess.run(
        command,
        input=text,
        cwd=folder,
        env=environment(),
        umask=0o27,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a server that can be asked."""
    path = str(tmp_path_factory.mktemp("server") / "socket")
    command = [sys.executable, "-P", "-c", SERVER, path]
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        yield path
        server.kill()


def warm(address: str) -> list[str]:
    return [sys.executable, "-c", CLIENT, address]


PROGRAMS = {
    "all that can be seen": ALL,
    "exit status": "raise SystemExit(3)",
    "exit with words": "raise SystemExit('no')",
    "exit without a status": "raise SystemExit",
    "at exit": "import atexit; atexit.register(print, 'late')",
    "a child of its own": "import subprocess; print(subprocess.call(['false']))",
}


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS)
@pytest.mark.parametrize("how", ["file", "standard input"])
def test_ends_as_with_plain_python(
    address: str, tmp_path: Path, source: str, how: str
) -> None:
    program = tmp_path / "program.py"
    program.write_text(source)
    arguments, text = (
        ([str(program), "one", "-two"], "said") if how == "file" else ([], source)
    )
    expected = run([sys.executable, *arguments], text, tmp_path)
    assert run([*warm(address), *arguments], text, tmp_path) == expected


def test_error_is_told(address: str, tmp_path: Path) -> None:
    status, output, errors = run(warm(address), "print('begun')\n1 / 0", tmp_path)
    assert (status, output) == (1, "begun\n")
    assert errors.endswith("ZeroDivisionError: division by zero\n")


def test_what_ends_without_a_word_has_failed(address: str, tmp_path: Path) -> None:
    assert run(warm(address), "import os; os._exit(0)", tmp_path) == (1, "", "")


def test_one_program_leaves_nothing_to_the_next(address: str, tmp_path: Path) -> None:
    run(warm(address), "import os, sys; sys.left = os.environ['LEFT'] = 'x'", tmp_path)
    look = "import os, sys; print(hasattr(sys, 'left'), 'LEFT' in os.environ)"
    assert run(warm(address), look, tmp_path) == (0, "False False\n", "")


def test_options_of_python_are_for_plain_python(tmp_path: Path) -> None:
    nobody = warm(str(tmp_path / "nobody"))
    assert run([*nobody, "-c", "print(1)"], "", tmp_path) == (0, "1\n", "")


def test_without_a_server_one_is_started_and_plain_python_runs(tmp_path: Path) -> None:
    nobody = warm(str(tmp_path / "nobody"))
    assert run(nobody, "print(1)", tmp_path) == (0, "1\n", "started\n")


def test_second_server_ends_at_once(address: str, tmp_path: Path) -> None:
    second = [sys.executable, "-P", "-c", SERVER, address]
    assert run(second, "", tmp_path) == (0, "", "")
