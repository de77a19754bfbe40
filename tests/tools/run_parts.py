# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Run several make targets side by side and say of each whether it passed.

Those of --then begin when the others have ended, side by side, too; those of --alone after them,
one at a time.
One line per part as it ends, with how long it took and the CPU that it used, and below that of
one that failed what its log says of failures, a few lines of it; the whole output of the parts
that failed at the end; then one closing line, "N passed, N failed", which is also left in
BUILD/parts/summary. Every part's output stays in BUILD/parts/PART.log. Exit status 0 when all
have passed.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

# How Ansible, pytest, linters and scripts begin what went wrong. A playbook whose output is
# shown by another has its lines in one, with the escapes of JSON between them.
FAILURE = re.compile(
    r"(?:fatal: \[|failed: \[|FAILED |ERROR\b|\b[\w.]{0,60}[Ee]rror: |^E {3})(?:(?!\\n).)*",
    re.MULTILINE,
)
MOST_LINES = 6
LONGEST_LINE = 240


@dataclass(frozen=True)
class Outcome:
    """How a part ended; duration, and CPU of what it has started and awaited, in seconds."""

    part: str
    passed: bool
    duration: float
    cpu: float
    log: Path

    def line(self) -> str:
        verdict = "PASS" if self.passed else "FAIL"
        used = f"{self.duration:6.1f} s  CPU {self.cpu:6.1f} s"
        return f"{verdict}  {self.part:<18} {used}"

    def reasons(self) -> list[str]:
        """What its log says of failures, else how it ends; nothing when it has passed. The last
        lines, because what was ignored or rescued comes before what was not."""
        if self.passed:
            return []
        text = self.log.read_text(errors="replace")
        found = list(dict.fromkeys(match.group() for match in FAILURE.finditer(text)))
        lines = found or text.rstrip().splitlines()
        return [line.strip()[:LONGEST_LINE] for line in lines[-MOST_LINES:]]


def run(part: str, logs: Path) -> Outcome:
    """Run one make target with its output in a log and nothing on its standard input."""
    log = logs / f"{part}.log"
    # A flag such as -j of the make that runs us must not reach the ones that we run.
    settings = {
        key: os.environ[key] for key in os.environ if not key.startswith("MAKE")
    }
    start = time.monotonic()
    with log.open("wb") as output:
        running = subprocess.Popen(
            [os.environ.get("MAKE", "make"), "--no-print-directory", part],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=settings,
        )
        _pid, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    cpu = used.ru_utime + used.ru_stime
    passed = running.returncode == 0
    return Outcome(part, passed, time.monotonic() - start, cpu, log)


def run_all(parts: list[str], jobs: int, logs: Path) -> Iterable[Outcome]:
    """Run the parts, so many at a time, and give back each outcome as soon as it is known."""
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        waiting = [pool.submit(run, part, logs) for part in parts]
        for done in as_completed(waiting):
            yield done.result()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    # One more than there are processors: each part waits now and then, for a disk or a program.
    parser.add_argument("--jobs", type=int, default=1 + (os.cpu_count() or 1))
    parser.add_argument("--then", action="append", default=[], metavar="PART")
    parser.add_argument("--alone", action="append", default=[], metavar="PART")
    parser.add_argument("parts", nargs="+", metavar="PART")
    arguments = parser.parse_args()

    logs = arguments.build / "parts"
    logs.mkdir(parents=True, exist_ok=True)
    summary = logs / "summary"
    summary.unlink(missing_ok=True)
    start = time.monotonic()
    outcomes = []
    phases = (
        (arguments.parts, arguments.jobs),
        (arguments.then, arguments.jobs),
        (arguments.alone, 1),
    )
    for parts, jobs in phases:
        for outcome in run_all(parts, jobs, logs):
            print(outcome.line(), flush=True)
            for reason in outcome.reasons():
                print(f"      {reason}", flush=True)
            outcomes.append(outcome)

    failed = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in failed:
        print(f"\n--- {outcome.part} ---", flush=True)
        print(outcome.log.read_text(errors="replace").rstrip(), flush=True)
    closing = f"{len(outcomes) - len(failed)} passed, {len(failed)} failed"
    summary.write_text(f"{closing}\n")
    print(f"\n{time.monotonic() - start:.0f} s in all, logs in {logs}\n{closing}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
