# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The login beside ping through SSH to this machine, with pipelining and without."""

from __future__ import annotations

from pathlib import Path

from ...machine.ssh_server import missing, ssh_server
from .cloud import requests_since, sandbox
from .interleaved import measure
from .playbooks import Fleet
from .results import extent, table_of
from .row import SAME, Row, login, ping
from .section import Section, Size

TITLE = "Through SSH"
# Each connection is counted, and none is to be refused: one host for each fork, and some rounds.
HOSTS_FOR_ONE, ROUNDS_FOR_ONE = 2, 3
COUNTED = (
    "CPU is what the controller uses: what runs on a host is begun by its SSH server, "
    "and not counted."
)


def measured(folder: Path, size: Size) -> Section:
    """A table with pipelining and one without, or what is missing on this machine."""
    lacking = ", ".join(missing())
    if lacking:
        return Section(TITLE, f"Not measured: this machine has no {lacking}.")
    hosts = max(1, size.hosts // HOSTS_FOR_ONE)
    rounds = max(1, size.rounds // ROUNDS_FOR_ONE)
    tables = []
    with sandbox(folder) as cloud, ssh_server(folder) as variables:
        fleet = Fleet(folder, hosts, variables)
        for told, pipelining in (("With pipelining", "1"), ("Without it", "0")):
            rows = [
                each._replace(environment={"ANSIBLE_PIPELINING": pipelining})
                for each in (ping(), Row(SAME, login(cloud, "same.json")))
            ]
            results = measure(fleet, rows, rounds, lambda: requests_since(cloud))
            tables.append(f"{told}, {extent(results)}\n\n{table_of(results)}")
    return Section(TITLE, "\n\n".join([COUNTED, *tables]))
