# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What one host more costs: the slope from few hosts to many, beside that of ping."""

from __future__ import annotations

import statistics
from pathlib import Path

from .cloud import sandbox
from .interleaved import run
from .playbooks import Fleet
from .row import PING, SAME, Row, login, ping
from .section import Section, Size

TITLE = "One host more"
PROMISE = 1.10
# Many are ten times the hosts of the other tables, few are half of them.
MANY, FEW = 10, 0.5
# Each round takes as long as ten of the others.
ROUNDS_FOR_ONE = 5


def measured(folder: Path, size: Size) -> Section:
    """The table of this group: 10 and 200 hosts, where the other tables have 20."""
    numbers = [max(1, round(size.hosts * FEW)), size.hosts * MANY]
    rounds = max(1, size.rounds // ROUNDS_FOR_ONE)
    with sandbox(folder) as cloud:
        rows = [ping(), Row(SAME, login(cloud, "same.json"))]
        costs: dict[tuple[str, int], list[float]] = {}
        for number in numbers:
            fleet = Fleet(folder / str(number), number)
            for row in rows:  # once for nothing: files are there afterwards
                run(fleet, row)
            for _each in range(rounds):
                for row in rows:
                    cost = run(fleet, row).cpu
                    costs.setdefault((row.name, number), []).append(cost)
    few, many = numbers
    slopes = {
        row.name: slope(few, costs[row.name, few], many, costs[row.name, many])
        for row in rows
    }
    ratio = slopes[SAME] / slopes[PING]
    lines = [
        f"| Task | CPU for each further host, from {few} to {many} | / ping |",
        "| --- | --- | --- |",
        *(
            f"| {name} | {each * 1000:.0f} ms | {each / slopes[PING]:.2f} |"
            for name, each in slopes.items()
        ),
        "",
        f"Promised: ≤ {PROMISE:.2f}. Medians of {rounds} rounds.",
    ]
    missed = ratio > PROMISE + size.slack
    told = (f"one host more: {ratio:.2f} of ping's, not {PROMISE:.2f}.",)
    return Section(TITLE, "\n".join(lines), told if missed else ())


def slope(few: int, low: list[float], many: int, high: list[float]) -> float:
    """Seconds for each host more, by the medians. Pure."""
    return (statistics.median(high) - statistics.median(low)) / (many - few)
