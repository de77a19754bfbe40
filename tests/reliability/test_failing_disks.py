# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The disk is full, over quota, broken or read-only, or the folder goes, at every system call in
turn: whoever writes a file with secrets says so in one line, and the old file stays."""

from __future__ import annotations

import errno
import os
import resource
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import AuthFileError
from ansible_collections.icr.access.tests.reliability.children import start
from ansible_collections.icr.access.tests.reliability.file_changes import (
    CHANGES,
    FileChange,
    Tree,
    tree,
)
from ansible_collections.icr.access.tests.reliability.system_calls import (
    FAULTS,
    Call,
    Event,
    count_calls,
    failing_at,
    intercepted,
    interrupted_by,
    writing_slowly,
)
from ansible_collections.icr.access.tests.reliability.tally import Tally

pytestmark = pytest.mark.usefixtures("quick_disk")
each_change = pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
Making = Callable[[], object]


def calls_of(change: FileChange, tmp_path: Path) -> list[Call]:
    counted = tmp_path / "counted"
    change.set_up(counted)
    return count_calls(partial(change.make, counted))


class Fault(NamedTuple):
    """A failure with its name. `is_early` tells that nothing can have been changed by then,
    `bars_removal` that a draft cannot be removed any more."""

    name: str
    event: Event
    is_early: bool
    bars_removal: bool


def faults(calls: list[Call], code: int) -> Iterator[Fault]:
    """Every call that can fail so, alone, and with all that come after it."""
    renames = [call.number for call in calls if call.kind == "rename"]
    for call in calls:
        if call.kind in FAULTS[code]:
            is_early = call.number <= min(renames)
            for for_good in (False, True):
                name = f"{errno.errorcode[code]} at {call.kind} {call.number}"
                name += " and later" if for_good else ""
                event = failing_at(call.number, code, for_good=for_good)
                yield Fault(
                    name, event, is_early, for_good and "unlink" in FAULTS[code]
                )


def told(make: Making, home: Path) -> tuple[bool, list[str]]:
    """Whether the change was made, and what is wrong with how a failure was told."""
    before = len(os.listdir("/proc/self/fd"))
    try:
        make()
    except AuthFileError as error:
        message = str(error)
        is_good = str(home) in message and len(message.splitlines()) == 1
        flaws = [] if is_good else [f"it says {message!r}"]
        return False, flaws + _left_open(before)
    except Exception as error:
        return False, [f"it raises {error!r}"]
    return True, _left_open(before)


def _left_open(before: int) -> list[str]:
    return [] if len(os.listdir("/proc/self/fd")) == before else ["a file stays open"]


def outcome(
    change: FileChange, home: Path, new: Tree, make: Making, fault: Fault
) -> list[str]:
    """What is wrong once `make` was tried in a new home, and again after that."""
    old = change.set_up(home)
    is_made, flaws = told(make, home)
    now = tree(home)
    names = [str(path) for path in change.files]
    if is_made and any(now.get(name) != new.get(name) for name in names):
        flaws.append("it tells of no failure, and is not made")
    if not is_made and fault.is_early and any(now.get(n) != old.get(n) for n in names):
        flaws.append("it tells of a failure, and the file is another one")
    if not fault.bars_removal and any(".icr-" in name for name in set(now) - set(old)):
        flaws.append("it leaves a draft")
    return flaws + change.flaws(home, old, new) + change.flaws_after_next(home, new)


class TestFailingCalls:
    @each_change
    @pytest.mark.parametrize("code", FAULTS, ids=errno.errorcode.get)
    def test_each_one(
        self, change: FileChange, code: int, tmp_path: Path, tally: Tally, soak: bool
    ) -> None:
        flaws = []
        new = change.wanted(tmp_path / "wanted")
        cases = list(faults(calls_of(change, tmp_path), code))
        # One in six, but others for each code.
        chosen = cases if soak else cases[code % 6 :: 6]
        for number, fault in enumerate(chosen):
            home = tmp_path / f"home-{number}"

            def make(fault: Fault = fault, home: Path = home) -> None:
                with intercepted(fault.event):
                    change.make(home)

            found = outcome(change, home, new, make, fault)
            tally.count("faults", survived=int(not found))
            flaws += [f"{fault.name}: {flaw}" for flaw in found]
        assert flaws == []

    @each_change
    @pytest.mark.parametrize("length", [1, 7])
    def test_writes_that_take_a_part_go_on(
        self, change: FileChange, length: int, tmp_path: Path
    ) -> None:
        new = change.wanted(tmp_path / "wanted")
        change.set_up(tmp_path / "home")
        with intercepted(writing_slowly(length)):
            change.make(tmp_path / "home")
        assert tree(tmp_path / "home") == new


@each_change
def test_folder_that_vanishes(change: FileChange, tmp_path: Path, tally: Tally) -> None:
    flaws = []
    new = change.wanted(tmp_path / "wanted")
    for call in calls_of(change, tmp_path):
        home = tmp_path / f"home-{call.number}"
        old = change.set_up(home)
        (folder,) = {(home / path).parent for path in change.files[:1]}

        def vanish(folder: Path = folder, home: Path = home) -> None:
            if folder.exists():
                folder.rename(home.with_name(f"{home.name}-gone"))

        with intercepted(interrupted_by(call.number, vanish)):
            _is_made, found = told(partial(change.make, home), home)
        gone = home.with_name(f"{home.name}-gone")
        if gone.exists():
            shutil.rmtree(folder, ignore_errors=True)
            gone.rename(folder)
        found += change.flaws(home, old, new) + change.flaws_after_next(home, new)
        tally.count("faults", survived=int(not found))
        flaws += [f"gone before {call.kind} {call.number}: {flaw}" for flaw in found]
    assert flaws == []


class TestLimits:
    """Of what the system itself refuses, without anything in between."""

    @each_change
    @pytest.mark.parametrize("most", [0, 1, 64])
    def test_largest_file(
        self, change: FileChange, most: int, tmp_path: Path, tally: Tally
    ) -> None:
        self.check(change, tmp_path, tally, resource.RLIMIT_FSIZE, most)

    @each_change
    @pytest.mark.parametrize("more", [0, 1, 2])
    def test_open_files(
        self, change: FileChange, more: int, tmp_path: Path, tally: Tally
    ) -> None:
        most = max(int(name) for name in os.listdir("/proc/self/fd")) + more
        self.check(change, tmp_path, tally, resource.RLIMIT_NOFILE, most)

    def check(
        self, change: FileChange, tmp_path: Path, tally: Tally, limit: int, most: int
    ) -> None:
        home = tmp_path / "home"
        old, new = change.set_up(home), change.wanted(tmp_path / "wanted")

        def make() -> None:
            resource.setrlimit(limit, (most, most))
            try:
                change.make(home)
            except AuthFileError as error:
                assert str(home) in str(error)

        end = start(make).wait()
        found = change.flaws(home, old, new) + change.flaws_after_next(home, new)
        tally.count("faults", survived=int(not found and not end))
        assert (end, found) == (0, [])
