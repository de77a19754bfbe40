# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Processes that do one task and are gone: forks of this one, which has loaded everything."""

from __future__ import annotations

import io
import json
import os
import select
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest import mock

from ansible.module_utils import _internal
from ansible.module_utils.testing import patch_module_args

Task = Callable[[], object]

KILLED = -signal.SIGKILL
_CRASHED = 70


@dataclass(frozen=True)
class Child:
    """A child process of this one."""

    pid: int

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def has_ended(self) -> bool:
        """Whether it is over; `wait` still tells how."""
        found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return found is not None

    def wait(self) -> int:
        """0 when the task was done, `KILLED` when it was killed, something else when it
        raised; standard error tells what."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def start(task: Task) -> Child:
    """A child that does the task and nothing else: no test of ours goes on in it."""
    with warnings.catch_warnings():
        # Python warns of threads whose locks a fork takes along; none of them is needed.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid:
        return Child(pid)
    status = _CRASHED
    try:
        task()
        status = 0
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(status)


def run_together(tasks: Sequence[Task], watch: Task = lambda: None) -> list[int]:
    """Starts all tasks in processes of their own, which begin at one moment; how they ended.
    `watch` is done over and over until then."""
    gate, opener = os.pipe()

    def begin(task: Task) -> None:
        os.close(opener)
        select.select([gate], [], [])
        task()

    children = [start(partial(begin, task)) for task in tasks]
    try:
        os.close(opener)
        while not all(child.has_ended() for child in children):
            watch()
    except BaseException:
        for child in children:
            child.kill()
        raise
    finally:
        os.close(gate)
        ends = [child.wait() for child in children]
    return ends


def result_of(main: Callable[[], None], options: Mapping[str, Any]) -> dict[str, Any]:
    """Runs a module in this process, as Ansible would start it, and gives its result."""
    with (
        redirect_stdout(io.StringIO()) as told,
        mock.patch.object(_internal, "is_controller", False),
        patch_module_args(dict(options)),
        suppress(SystemExit),
    ):
        main()
    result: dict[str, Any] = json.loads(told.getvalue())
    return result
