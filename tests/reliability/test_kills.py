# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Whoever writes a file with secrets is killed at every system call in turn: the file is then
the old one or the new one, no other user can read a draft, and the next run puts all right."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from ansible_collections.icr.access.tests.reliability.children import KILLED, start
from ansible_collections.icr.access.tests.reliability.file_changes import (
    CHANGES,
    FileChange,
)
from ansible_collections.icr.access.tests.reliability.system_calls import (
    Call,
    Event,
    count_calls,
    intercepted,
    killed_before,
    killed_within,
)
from ansible_collections.icr.access.tests.reliability.tally import Tally


def deaths(calls: list[Call], soak: bool) -> Iterator[tuple[str, Event]]:
    """Every moment at which a run that makes these calls can die, with its name."""
    for call in calls:
        yield f"before {call.kind} {call.number}", killed_before(call.number)
        if call.kind == "write":
            whole = len(call.arguments[1])
            for length in range(1, whole + 1) if soak else (1, whole // 2, whole):
                name = f"in write {call.number}, after {length} of {whole} bytes"
                yield name, killed_within(call.number, length)


def run_until(event: Event, change: FileChange, home: Path) -> None:
    # The draft's mode must not hang on the umask of whoever runs this.
    os.umask(0)
    with intercepted(event):
        change.make(home)


@pytest.mark.usefixtures("quick_disk")
@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_killed_at_every_call(
    change: FileChange, tmp_path: Path, tally: Tally, soak: bool
) -> None:
    counted = tmp_path / "counted"
    change.set_up(counted)
    calls = count_calls(partial(change.make, counted))
    new = change.wanted(tmp_path / "wanted")
    flaws: list[str] = []
    tried = 0
    for number, (moment, event) in enumerate(deaths(calls, soak)):
        home = tmp_path / f"home-{number}"
        old = change.set_up(home)
        end = start(partial(run_until, event, change, home)).wait()
        found = change.flaws(home, old, new) + change.flaws_after_next(home, new)
        found += [] if end == KILLED else [f"the run ended with {end}"]
        tally.count("kills", consistent=int(not found))
        flaws += [f"killed {moment}: {flaw}" for flaw in found]
        tried += 1
    assert tried > len(calls) > 15, "hardly a call was seen"
    assert flaws == []
