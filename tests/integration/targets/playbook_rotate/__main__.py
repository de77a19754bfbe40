# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Kill the playbook icr.access.rotate at one request after the other, and run it again.

At no moment a host is without a login that works, and in the end there is no key but the one in
force. The same with a host that cannot be reached, which keeps the key before until it can.
Without arguments a choice of moments; with --all every one of them. The stories of `mishaps`
come before that.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from .fleet import HOSTS, NAME, Fleet, Moment, serving
from .mishaps import STORIES

Story = Callable[[Fleet, dict[str, Any]], Iterator[str]]


@dataclass(frozen=True)
class Case:
    """One kill, and how many keys are made until all is well (None: that depends)."""

    moment: Moment | None
    dead: str | None = None
    made: int | None = None

    def __str__(self) -> str:
        dead = f", {self.dead} is dead" if self.dead else ""
        return f"{self.moment or 'undisturbed'}{dead}"


# What is hardest to take up again; all the others are for --all.
# Kills of the module alone, at every request, are among the unit tests.
CHOICE = (Case(Moment(1, True, "PUT /v1/apikeys/*"), HOSTS[1], made=1),)
KILLED = -9


def check(case: Case) -> tuple[str, list[str], int]:
    """One case: its name, what was wrong, and how many requests the first run made."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serving(folder) as (fleet, endpoints):
            wrong = []
            status = fleet.run(endpoints, case.moment, case.dead)
            count = len(fleet.requests)
            if case.moment is not None and status != KILLED:
                wrong.append(f"the run was not killed but ended with {status}")
            if case.dead is not None:
                status = fleet.run(endpoints, None, case.dead)
                fleet.watch("at the end, with a host that is dead")
                if status != 2 or f"{NAME} (previous)" not in fleet.keys:
                    wrong.append(f"unreachable host: status {status}, {fleet.keys}")
            status = fleet.run(endpoints)
            fleet.watch("at the end")
            if status != 0:
                wrong.append(f"the last run ended with {status}")
            if fleet.keys != [NAME] or not fleet.is_in_force():
                wrong.append(f"there are at the end: {', '.join(fleet.keys)}")
            if case.made not in (None, fleet.made):
                wrong.append(f"{fleet.made} keys were made, not {case.made}")
            wrong += fleet.faults
            if wrong:
                say(fleet.log)
    return str(case), wrong, count


def check_story(story: Story) -> tuple[str, list[str], int]:
    """The same of one of the mishaps."""
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as (fleet, ends):
        wrong = [*story(fleet, ends)]
        fleet.watch("at the end")
        wrong += fleet.faults
        if not fleet.is_in_force():
            wrong.append("file and hosts do not hold the key in force")
        if wrong:
            say(fleet.log)
        return story.__name__, wrong, len(fleet.requests)


def all_cases() -> list[Case]:
    """Before and after each request of an undisturbed run, without and with a dead host."""
    cases = []
    for dead in (None, HOSTS[1]):
        name, wrong, count = check(Case(None, dead))
        if wrong:
            raise SystemExit(f"{name}: {wrong}")
        cases += [
            Case(Moment(number, is_after), dead)
            for number in range(1, count + 1)
            for is_after in (False, True)
        ]
    return cases


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    kills = all_cases() if "--all" in sys.argv[1:] else CHOICE
    begin = time.monotonic()
    failed = count = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        results = [pool.map(check_story, STORIES), pool.map(check, kills)]
        for name, wrong, _requests in chain(*results):
            count += 1
            failed += bool(wrong)
            say(f"{'FAILED' if wrong else 'ok'}: {name} {'; '.join(wrong)}".strip())
    say(f"{count} stories, {failed} failed, {time.monotonic() - begin:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
