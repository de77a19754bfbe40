# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What a group of rows gives: a part of the page, and promises that are not kept."""

from __future__ import annotations

from typing import NamedTuple


class Size(NamedTuple):
    """How much is measured: hosts, rounds, and by how much a promise may be missed; `is_check`
    leaves out what only informs, and measures again while a promise seems to be missed."""

    hosts: int = 20
    rounds: int = 15
    slack: float = 0.0
    is_check: bool = False


class Section(NamedTuple):
    """`missed` tells each promise that is not kept, in a sentence."""

    title: str
    text: str
    missed: tuple[str, ...] = ()


def with_section(page: str, name: str, section: Section) -> str:
    """The page with the section between the marks of that name, which are added at its end
    where there are none. Pure."""
    begin, end = f"<!-- figures: {name} -->", f"<!-- end: {name} -->"
    before, mark, rest = page.partition(begin)
    after = rest.partition(end)[2] if mark else "\n"
    before = before if mark else before.rstrip("\n") + "\n\n"
    return f"{before}{begin}\n\n## {section.title}\n\n{section.text}\n\n{end}{after}"
