# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Programs that run beside the tests, and no longer than they."""

from __future__ import annotations

import re
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 30.0


def call(*command: str) -> None:
    """Runs a command that has to succeed; AssertionError with what it said otherwise."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}"


class Background:
    """A program whose output says when it is ready.

    The end of the output is kept; of what comes later, the lines that match `keep`.
    """

    def __init__(
        self,
        command: list[str],
        *,
        ready: str,
        keep: str,
        settings: Mapping[str, str],
    ) -> None:
        self.name = Path(command[0]).name
        self._log: deque[str] = deque(maxlen=20)
        self._keep = re.compile(keep)
        self._ready = re.compile(ready)
        self._match: re.Match[str] | None = None
        self._decided = threading.Event()
        self.process = subprocess.Popen(
            command,
            env=dict(settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        # The pipe is read to its end, or the program would stop when it is full.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if self._match is None or self._keep.search(line):
                self._log.append(line)
            if self._match is None:
                self._match = self._ready.search(line)
                if self._match is not None:
                    self._decided.set()
        self._decided.set()

    def log(self) -> str:
        return "".join(self._log)

    def wait_until_ready(self) -> re.Match[str]:
        """The match of the line that says so; AssertionError with the output else."""
        self._decided.wait(_PATIENCE)
        assert self._match is not None, f"{self.name} did not start:\n{self.log()}"
        return self._match

    def stop(self) -> None:
        """Ends the program and waits until it is gone."""
        self.process.terminate()
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join(_PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def running(
    command: list[str], *, ready: str, keep: str = "", settings: Mapping[str, str]
) -> Iterator[tuple[Background, re.Match[str]]]:
    """The program once its output matches `ready`, and that match."""
    program = Background(command, ready=ready, keep=keep, settings=settings)
    try:
        yield program, program.wait_until_ready()
    finally:
        program.stop()
