# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Kill the playbook icr.access.rotate at one request after the other, and run it again.

At no moment a host is without a login that works, and in the end there is no key but the one in
force. The same with a host that cannot be reached, which keeps the key before until it can.
Without arguments a choice of moments; with --all every one of them.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .fleet import HOSTS, NAME, Moment, serving

# What is hardest to take up again: the steps at which the world changes.
CHOICE = (
    (Moment(1, True, "POST /v1/apikeys"), None),
    (Moment(1, True, "PUT /v1/apikeys/*"), HOSTS[1]),
    (Moment(2, True, "GET /oauth/token"), None),
    (Moment(1, True, "POST /v1/apikeys/*/disable"), None),
)
KILLED = -9


def check(case: tuple[Moment | None, str | None]) -> tuple[str, list[str], int]:
    """One case: its name, what was wrong, and how many requests the first run made."""
    moment, dead = case
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serving(folder) as (fleet, endpoints):
            wrong = []
            status = fleet.run(endpoints, moment, dead)
            count = len(fleet.requests)
            if moment is not None and status != KILLED:
                wrong.append(f"the run was not killed but ended with {status}")
            if dead is not None:
                status = fleet.run(endpoints, None, dead)
                fleet.watch("at the end, with a host that is dead")
                if status != 2 or f"{NAME} (previous)" not in fleet.keys:
                    wrong.append(f"unreachable host: status {status}, {fleet.keys}")
            status = fleet.run(endpoints, None, None)
            fleet.watch("at the end")
            if status != 0:
                wrong.append(f"the last run ended with {status}")
            if fleet.keys != [NAME] or not fleet.is_in_force():
                wrong.append(f"there are at the end: {', '.join(fleet.keys)}")
            wrong += fleet.faults
            if wrong:
                say((folder / "log").read_text())
    return (
        f"{moment or 'undisturbed'}{f', {dead} is dead' if dead else ''}",
        wrong,
        count,
    )


def all_cases() -> list[tuple[Moment | None, str | None]]:
    """Before and after each request of an undisturbed run, without and with a dead host."""
    _name, wrong, count = check((None, None))
    if wrong:
        raise SystemExit(f"undisturbed: {wrong}")
    return [
        (Moment(number, is_after), dead)
        for dead in (None, HOSTS[1])
        for number in range(1, count + 1 - (6 if dead else 0))
        for is_after in (False, True)
    ]


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    cases = all_cases() if "--all" in sys.argv[1:] else list(CHOICE)
    begin = time.monotonic()
    failed = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for name, wrong, _count in pool.map(check, cases):
            failed += bool(wrong)
            say(f"{'FAILED' if wrong else 'ok'}: {name} {'; '.join(wrong)}".strip())
    say(f"{len(cases)} moments, {failed} failed, {time.monotonic() - begin:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
