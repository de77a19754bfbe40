# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""This collection beside ping, on the sandbox over TLS, as real registries speak it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .cloud import requests_since, sandbox
from .interleaved import measure
from .playbooks import Fleet
from .results import extent, missed_of, table_of
from .row import SAME, Row, login, ping
from .rows_core import FIVE
from .section import Section, Size

TITLE = "Over TLS"


def measured(folder: Path, size: Size) -> Section:
    """The table of this group."""
    with sandbox(folder, tls=True) as cloud:
        fleet = Fleet(folder, size.hosts)
        results = measure(
            fleet, rows_of(cloud), size.rounds, lambda: requests_since(cloud)
        )
    text = f"{table_of(results)}\n\n{extent(results)}"
    return Section(TITLE, text, missed_of(results, size.slack))


def rows_of(cloud: dict[str, Any]) -> list[Row]:
    """The rows; nothing is promised for them but to be below the peers, who speak TLS too."""
    ca = {"ca_path": cloud["ca_path"]}
    first, same, five = (f"{name}.json" for name in ("first", "same", "five"))
    return [
        ping(),
        Row("cr_login, verified, first", login(cloud, first, **ca), first, True),
        Row(SAME, login(cloud, same, **ca), same),
        Row(
            "cr_login, five regions, verified, nothing to do",
            login(cloud, five, region=FIVE, **ca),
            five,
        ),
    ]
