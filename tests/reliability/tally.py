# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What the tests of this folder tried and how that ended, counted over all of them and told in
one table when they are over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pytest

# What is counted, as the table tells it: what was tried, and how that may end.
ROWS: dict[str, tuple[str, ...]] = {
    "faults": ("survived",),
    "kills": ("consistent",),
    "concurrent writers": ("lost entries", "dropped by foreign writers"),
    "fuzzed inputs": ("crashes",),
    "hostile answers": ("withstood",),
    "canary searches": ("leaks",),
}
_PROPERTY = "tally"


@dataclass(frozen=True)
class Tally:
    """The counts of one test, which pytest carries with its report, from any process."""

    node: pytest.Item

    def count(self, row: str, tried: int = 1, **ends: int) -> None:
        """Adds to a row of the table: `count("kills", 1, consistent=1)`; `lost_entries=0` is
        for "lost entries". Count what was tried before anything is asserted of it."""
        known = {each.replace(" ", "_") for each in ROWS[row]}
        unknown = set(ends) - known
        if unknown:
            raise ValueError(f"no such end of {row}: {', '.join(sorted(unknown))}")
        told = {name.replace("_", " "): count for name, count in ends.items()}
        self.node.user_properties.append(
            (_PROPERTY, {"row": row, "tried": tried, "ends": told})
        )


def total(properties: Iterable[tuple[str, object]]) -> dict[str, Counter[str]]:
    """The sums of each row, from the properties of all reports. Pure."""
    sums = {row: Counter[str]() for row in ROWS}
    for name, value in properties:
        if name == _PROPERTY and isinstance(value, Mapping):
            sums[value["row"]].update({"tried": value["tried"], **value["ends"]})
    return sums


def table(sums: Mapping[str, Mapping[str, int]]) -> list[str]:
    """One line for each row that was tried. Pure."""
    lines = []
    for row, ends in ROWS.items():
        counts = sums[row]
        if counts.get("tried"):
            told = "  ".join(f"{end} {counts.get(end, 0)}" for end in ends)
            lines.append(f"{row:<20} tried {counts['tried']:>6}  {told}")
    return lines


def properties_of(reporter: pytest.TerminalReporter) -> list[tuple[str, object]]:
    """What all tests that have run noted of themselves."""
    return [
        each
        for reports in reporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for each in report.user_properties
    ]


def print_table(reporter: pytest.TerminalReporter) -> None:
    """Prints the table of all tests that have run, if they counted anything."""
    lines = table(total(properties_of(reporter)))
    if lines:
        reporter.section("reliability")
        for line in lines:
            reporter.write_line(line)
