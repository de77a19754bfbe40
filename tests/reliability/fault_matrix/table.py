# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Which faults were tried with which scenario, and how many were survived: a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from ansible_collections.icr.access.tests.reliability.fault_matrix.faults import (
    COLUMNS,
)
from ansible_collections.icr.access.tests.reliability.tally import properties_of

_PROPERTY = "fault"
Cells = dict[tuple[str, str], Counter[str]]


def record(node: pytest.Item, row: str, column: str, *, survived: bool) -> None:
    """Keeps one try with the test's report, which comes from any process."""
    node.user_properties.append((_PROPERTY, (row, column, survived)))


def sum_up(properties: Iterable[tuple[str, object]]) -> Cells:
    """The counts of each cell, in the order of their first tries. Pure."""
    cells: Cells = {}
    for name, value in properties:
        if name == _PROPERTY and isinstance(value, (tuple, list)):
            row, column, survived = value
            counts = cells.setdefault((row, column), Counter())
            counts.update(tried=1, survived=int(survived))
    return cells


def table(cells: Cells, columns: Iterable[str]) -> list[str]:
    """A line for each row, with `tried/survived` in each cell that was tried. Pure."""
    if not cells:
        return []
    rows = sorted({row for row, _column in cells})
    used = [each for each in columns if any(each == column for _row, column in cells)]
    widest = max(map(len, rows))
    lines = [" " * widest + "".join(f"{each:>9}" for each in used)]
    for row in rows:
        told = (_cell(cells.get((row, column))) for column in used)
        lines.append(f"{row:<{widest}}" + "".join(f"{each:>9}" for each in told))
    return lines


def print_matrix(reporter: pytest.TerminalReporter) -> None:
    """Prints the table of all faults that were tried, if any were."""
    lines = table(sum_up(properties_of(reporter)), COLUMNS)
    if lines:
        reporter.section("faults: tried/survived")
        for line in lines:
            reporter.write_line(line)


def _cell(counts: Counter[str] | None) -> str:
    return f"{counts['tried']}/{counts['survived']}" if counts else "-"
