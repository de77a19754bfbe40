# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Starting and stopping the sandbox as a process that outlives its starter."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from icr_sandbox import endpoints_file

_START_TIMEOUT = 30.0
_STOP_TIMEOUT = 10.0
_POLL = 0.02


class BackgroundError(Exception):
    """The process did not start or did not stop."""


def log_path(endpoints: Path) -> Path:
    return endpoints.with_name(endpoints.name + ".log")


def start(endpoints: Path, given: list[str]) -> str:
    """Start with the same arguments, in a session of its own, and return its ready line once
    everything answers. Raises BackgroundError, OSError."""
    if endpoints_file.running(endpoints) is not None:
        return "icr_sandbox already running"
    command = [sys.executable, "-m", "icr_sandbox"]
    command += [argument for argument in given if argument != "--detach"]
    log = log_path(endpoints)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stream,
            start_new_session=True,
        )
    line = _first_line(process)
    if not line:
        process.kill()
        process.wait()
        reason = log.read_text().strip().rpartition("\n")[2]
        raise BackgroundError(f"did not start: {reason or 'no ready line in time'}")
    return line


def _first_line(process: subprocess.Popen[bytes]) -> str:
    """Its ready line; empty when it ended or said nothing in time."""
    if process.stdout is None:
        return ""
    readable, _writable, _errors = select.select(
        [process.stdout], [], [], _START_TIMEOUT
    )
    return process.stdout.readline().decode().strip() if readable else ""


def stop(endpoints: Path) -> str:
    """Stop the sandbox that wrote the file; one that is not running is no error. A process
    that merely has its old id is left alone. Raises BackgroundError."""
    document = endpoints_file.running(endpoints)
    log_path(endpoints).unlink(missing_ok=True)
    if document is None:
        endpoints.unlink(missing_ok=True)
        return "icr_sandbox not running"
    pid = document["pid"]
    if not isinstance(pid, int):
        raise BackgroundError(f"{endpoints} names no process")
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_TIMEOUT
    while endpoints.exists():
        if time.monotonic() > deadline:
            raise BackgroundError(f"process {pid} did not stop")
        time.sleep(_POLL)
    return "icr_sandbox stopped"
