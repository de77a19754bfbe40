# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The table of the README: what was tried with which versions, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

BEGIN, END = "<!-- compatibility -->", "<!-- end: compatibility -->"
HEAD = (
    "ansible-core",
    "Controller",
    "Pythons of hosts",
    "SSH",
    "`become`",
    "`rotate`, `report`",
    "ansible-runner",
)
PASSED, FAILED = "passed", "**failed**"
RAN = """
every module, role, filter and lookup, with check and diff mode and the strategies `linear` and
`free`, on the local IBM Cloud, without a warning. On the oldest of these Pythons, ansible-test
compiles and imports all of it. `make compatibility-table` does both and writes this table."""


class Row(NamedTuple):
    """A release, with versions that are exact where it ran; `cells` are those after the first
    two columns, in the order of `HEAD`."""

    core: str
    controller: str
    cells: tuple[str, ...]


def not_run(core: str, reason: str) -> Row:
    """The row of a release that could not be tried here."""
    return Row(core, reason, ("not run",) * (len(HEAD) - 2))


def table_of(rows: Sequence[Row], date: str, version: str) -> str:
    """The table, and below it of which day and version it is, and what ran. Pure."""
    lines = [HEAD, tuple("---" for cell in HEAD)]
    lines += [(row.core, row.controller, *row.cells) for row in rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{table}\n\nTried on {date} with version {version} as it is installed:{RAN}"


def with_table(page: str, table: str) -> str:
    """The page with the table between its marks. Raises `ValueError` where it has none. Pure."""
    before, begin, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no {BEGIN} with {END} after it")
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"
