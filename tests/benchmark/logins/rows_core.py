# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The rows that the promises are about: this collection beside ping, on the sandbox over http."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .cloud import requests_since, sandbox
from .interleaved import Enough, measure
from .playbooks import Fleet
from .results import extent, missed_of, table_of
from .row import PING, SAME, Row, login, ping, role, unchecked
from .section import Section, Size

TITLE = "Beside ping"
SHORT_LIVED = "role registry_login, short-lived"
FIVE = ["us-south", "eu-de", "eu-gb", "jp-tok", "br-sao"]


def measured(folder: Path, size: Size) -> Section:
    """The table of this group."""
    with sandbox(folder) as cloud:
        fleet = Fleet(folder, size.hosts)
        rows = rows_of(cloud)
        enough: Enough | None = None
        if size.is_check:
            rows = [each for each in rows if is_promised(each)]
            enough = within(size.slack)
        results = measure(
            fleet, rows, size.rounds, lambda: requests_since(cloud), enough
        )
    missed = missed_of(results, size.slack)
    for each in results:
        if each.row.name == SHORT_LIVED and each.asked:
            exchanges = each.asked["POST /identity/token"]
            if exchanges > 1:
                missed += (f"{SHORT_LIVED}: {exchanges} calls of IAM, not one.",)
    text = f"{table_of(results)}\n\n{extent(results)}"
    return Section(TITLE, text, missed)


def within(slack: float) -> Enough:
    """What tells whether no promise is missed by more than the slack."""
    return lambda results: not missed_of(results, slack)


def is_promised(row: Row) -> bool:
    """Whether something is promised for the row, or against it. Pure."""
    return row.promise is not None or row.name in (PING, SHORT_LIVED)


def rows_of(cloud: dict[str, Any]) -> list[Row]:
    """The rows about this collection; the first is what the others are measured against."""
    by_role = role(cloud, "role.json", registry_login_api_key=cloud["api_key"])
    return [
        ping(),
        Row(
            "cr_login, verified, first",
            login(cloud, "first.json"),
            "first.json",
            is_first=True,
            promise=1.10,
        ),
        Row(SAME, login(cloud, "same.json"), "same.json", promise=1.10),
        Row(
            "cr_login, not verified, nothing to do",
            login(cloud, "never.json", verify="never"),
            "never.json",
            promise=1.05,
        ),
        Row(
            "role registry_login, verified, nothing to do",
            by_role,
            "role.json",
            promise=1.10,
            against=SAME,
        ),
        Row(
            "the same with `rolespec_validate: false`",
            unchecked(by_role),
            "role.json",
        ),
        Row(
            "cr_login, five regions, verified, nothing to do",
            login(cloud, "five.json", region=FIVE),
            "five.json",
            promise=1.15,
        ),
        Row(
            SHORT_LIVED,
            role(
                cloud,
                "short.json",
                registry_login_api_key=cloud["api_key"],
                registry_login_short_lived=True,
            ),
            "short.json",
        ),
        Row(
            "cr_login_info, verified",
            {
                "tasks": [
                    {
                        "icr.access.cr_login_info": {
                            "region": ["us-south"],
                            "endpoints": cloud["endpoints"],
                            "config_path": "{{ host_folder }}/same.json",
                        }
                    }
                ]
            },
        ),
    ]
