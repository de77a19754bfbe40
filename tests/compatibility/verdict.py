# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What the output of Ansible says: which hosts went well, and what it warns of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

RECAP = re.compile(
    r"^(?P<host>[\w.-]+) +: ok=\d+ +changed=\d+ +unreachable=(?P<unreachable>\d+)"
    r" +failed=(?P<failed>\d+) ",
    re.MULTILINE,
)
WARNING = re.compile(r"^\[(?:DEPRECATION )?WARNING\]: .*", re.MULTILINE)
# By colours a terminal is told how to show it.
COLOURS = re.compile(r"\x1b\[[\d;]*m")


class Verdict(NamedTuple):
    """Of one command: `well` are the hosts that the recap has without a failure."""

    name: str
    well: frozenset[str]
    complaints: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.complaints


def verdict_of(name: str, returned: int, output: str, hosts: Iterable[str]) -> Verdict:
    """What to think of a command with that exit status and output. Pure.

    Complaints are an exit status, each of the hosts for which there is no recap without a
    failure, and each warning: none of what runs has a reason for one.
    """
    text = COLOURS.sub("", output)
    well = frozenset(
        recap["host"]
        for recap in RECAP.finditer(text)
        if recap["unreachable"] == recap["failed"] == "0"
    )
    complaints = [f"exit status {returned}"] if returned else []
    complaints += [f"{host} failed" for host in hosts if host not in well]
    complaints += WARNING.findall(text)
    return Verdict(name, well, tuple(f"{name}: {each}" for each in complaints))
