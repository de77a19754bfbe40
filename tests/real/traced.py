# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A program under strace, which sees every system call and can kill before any of them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

KILLED = -9
# The program looks for this file when what is to be interrupted begins.
BEGIN = "/begin-of-what-is-interrupted"
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\(")
# Of memory and signals; how many there are is not the same each time, and no file sees them.
_UNSEEN = re.compile(r"mmap|mremap|munmap|brk|madvise|futex|rt_sig|exit|sigaltstack")


@dataclass(frozen=True)
class Moment:
    """The system call of that name which a run makes as its `number`th."""

    name: str
    number: int


@dataclass(frozen=True)
class Program:
    """Python code that does its work after `os.path.exists(BEGIN)`; `arguments` are in its
    `sys.argv`."""

    code: str
    collections: Path
    arguments: tuple[str, ...] = ()

    def moments(self, log: Path) -> list[Moment]:
        """Every call that a run makes from the beginning on."""
        assert self._run("--output", str(log)) == 0
        counts: Counter[str] = Counter()
        found: list[Moment] | None = None
        for line in log.read_text().splitlines():
            match = _CALL.match(line)
            if match is None:
                continue
            name = match[1]
            counts[name] += 1
            if found is not None and not _UNSEEN.match(name):
                found.append(Moment(name, counts[name]))
            if BEGIN in line:
                found = []
        assert found, "the program did not begin"
        return found

    def run(self) -> int:
        """How an undisturbed run ends."""
        return subprocess.run(
            self._command(), env=self._settings(), check=False
        ).returncode

    def killed_before(self, moment: Moment) -> int:
        """How a run ends whose process is killed before that call."""
        when = f"inject={moment.name}:signal=SIGKILL:when={moment.number}"
        return self._run("--output", "/dev/null", "--trace", moment.name, "-e", when)

    def _run(self, *options: str) -> int:
        command = ["strace", "--quiet=all", *options, *self._command()]
        return subprocess.run(command, env=self._settings(), check=False).returncode

    def _command(self) -> list[str]:
        return [sys.executable, "-SE", "-c", _PATH + self.code, *self._arguments]

    @property
    def _arguments(self) -> tuple[str, ...]:
        return (str(self.collections), *self.arguments)

    def _settings(self) -> dict[str, str]:
        return {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}


_PATH = "import sys; sys.path.insert(0, sys.argv.pop(1))\n"
