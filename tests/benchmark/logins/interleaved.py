# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Rows that are run in turns, each round in another order, so that no row has the quiet minutes."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence

from .playbooks import Cost, Fleet
from .results import Result, result_of
from .row import Row

Asked = Callable[[], Counter[str]]
Enough = Callable[[Sequence[Result]], bool]
# As often as that, at most, are the rounds run while what came of them is not enough.
MOST_TURNS = 4


def measure(
    fleet: Fleet,
    rows: Sequence[Row],
    rounds: int,
    asked: Asked | None = None,
    enough: Enough | None = None,
) -> list[Result]:
    """The result of each row. `asked` gives the requests since its last call, where somebody
    counts them; what a host is sent is counted for hosts by local connection. While `enough` says
    no to the results of all rounds so far, as many are added, within bounds: what a noisy machine
    pretends does not last, and what has become dearer does."""
    sent: dict[str, int] = {}
    requests: dict[str, Counter[str] | None] = {}
    for row in rows:
        if not row.is_first:  # once for nothing: the file is there afterwards
            run(fleet, row)
        if asked:
            asked()
        run(fleet, row)
        requests[row.name] = asked() if asked else None
        sent[row.name] = fleet.payload_bytes(row.play, **row.environment)
    done: list[dict[str, Cost]] = []
    results: list[Result] = []
    for _turn in range(MOST_TURNS):
        done += [_round(fleet, rows, len(done) + more) for more in range(rounds)]
        results = [
            result_of(row, done, fleet.size, sent[row.name], requests[row.name])
            for row in rows
        ]
        if enough is None or enough(results):
            break
    return results


def run(fleet: Fleet, row: Row) -> Cost:
    """The row once, on all hosts."""
    if row.is_first:
        fleet.forget(row.file_name)
    before = row.servant()
    cost = fleet.run("row", row.play, **row.environment)
    return cost._replace(cpu=cost.cpu + row.servant() - before)


def _round(fleet: Fleet, rows: Sequence[Row], number: int) -> dict[str, Cost]:
    shuffled = random.Random(number).sample(rows, len(rows))  # noqa: S311 - no secret
    costs = {row.name: run(fleet, row) for row in shuffled}
    sys.stderr.write(f"round {number + 1}\n")
    return costs
