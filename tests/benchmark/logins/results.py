# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""From the costs of all rounds to a table, and to what was promised."""

from __future__ import annotations

import datetime
import math
import os
import platform
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from .playbooks import FORKS, Cost
from .row import PING, Row


class Ratio(NamedTuple):
    """The median of the ratios of all rounds, and its standard error."""

    median: float
    doubt: float

    def __format__(self, digits: str) -> str:
        return f"{self.median:{digits or '.2f'}} ± {self.doubt:{digits or '.2f'}}"


class Ratios(NamedTuple):
    """What one row costs to another in the same round."""

    cpu: Ratio
    wall: Ratio


class Result(NamedTuple):
    """`judged` is to the row that the promise is about. `cpu` is the median in seconds for each
    host, `sent` in bytes for each host; `asked` counts the requests of one run, None where nobody
    counts them."""

    row: Row
    cpu: float
    to_ping: Ratios
    judged: Ratios
    sent: int
    hosts: int
    rounds: int
    asked: Counter[str] | None

    @property
    def is_kept(self) -> bool:
        """Whether the promise is, for rows that have one."""
        return self.row.promise is None or self.judged.cpu.median <= self.row.promise


def result_of(
    row: Row,
    rounds: Sequence[Mapping[str, Cost]],
    hosts: int,
    sent: int,
    asked: Counter[str] | None,
) -> Result:
    """The result of one row. Pure."""

    def ratio(field: str, against: str) -> Ratio:
        each_round = [
            getattr(costs[row.name], field) / getattr(costs[against], field)
            for costs in rounds
        ]
        return Ratio(statistics.median(each_round), doubt_of(each_round))

    def ratios(against: str) -> Ratios:
        return Ratios(ratio("cpu", against), ratio("wall", against))

    cpu = statistics.median(costs[row.name].cpu for costs in rounds) / hosts
    to_ping, judged = ratios(PING), ratios(row.against)
    return Result(row, cpu, to_ping, judged, sent, hosts, len(rounds), asked)


def doubt_of(ratios: Sequence[float]) -> float:
    """The standard error of their median, by the spread of their middle half: single rounds of a
    noisy machine are far off. 0 for one. Pure."""
    if len(ratios) < 2:
        return 0.0
    low, _median, high = statistics.quantiles(ratios, n=4)
    # of a normal distribution, which has 1.349 standard deviations between its quartiles
    deviation = (high - low) / 1.349
    return math.sqrt(math.pi / 2 / len(ratios)) * deviation


def table_of(results: Sequence[Result]) -> str:
    """The rows as a Markdown table. Pure."""
    lines = [
        "| Task | CPU / ping | wall / ping | promised (CPU) | CPU per host | sent per host | requests per host |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {each.row.name} | {each.to_ping.cpu.median:.2f} | {each.to_ping.wall.median:.2f} | {_promised(each)} "
        f"| {each.cpu * 1000:.0f} ms | {each.sent / 1000:.0f} kB | {_requests(each)} |"
        for each in results
    ]
    return "\n".join(lines)


def missed_of(results: Sequence[Result], slack: float) -> tuple[str, ...]:
    """A sentence for each promise that is missed by more than `slack`. Pure."""
    return tuple(
        f"{each.row.name}: {each.judged.cpu:.3f} of {each.row.against}, not {each.row.promise:.2f}."
        for each in results
        if each.row.promise is not None
        and each.judged.cpu.median > each.row.promise + slack
    )


def extent(results: Sequence[Result]) -> str:
    """How much was measured for a table of interleaved rows, and how well. Pure."""
    hosts, rounds = results[0].hosts, results[0].rounds
    doubt = max(each.to_ping.cpu.doubt for each in results)
    return (
        f"{hosts} hosts, forks {FORKS}, medians of {rounds} interleaved rounds; "
        f"the standard error of CPU / ping is {doubt:.2f} at most."
    )


def surroundings() -> str:
    """What the figures depend on: the machine, the versions, the day."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    return (
        f"Measured on {today}: {_processor()}, {os.cpu_count()} cores, "
        f"{platform.system()} {platform.release()}, load {os.getloadavg()[0]:.1f};\n"
        f"Python {platform.python_version()}, ansible-core {version('ansible-core')}."
    )


def _requests(result: Result) -> str:
    return "" if result.asked is None else f"{result.asked.total() / result.hosts:g}"


def _promised(result: Result) -> str:
    promise = result.row.promise
    if promise is None:
        return ""
    judged = f"{result.judged.cpu:.3f}"
    # To ping, the table has a column for it.
    to_ping = result.row.against == PING
    kept = "kept" if to_ping else f"kept: {judged}"
    against = "" if to_ping else f" of `{result.row.against}`"
    verdict = kept if result.is_kept else f"**missed: {judged}**"
    return f"≤ {promise:.2f}{against}, {verdict}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
