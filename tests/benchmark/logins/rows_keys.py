# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What `cr_apikey` and `cr_token` cost when there is nothing to do, by the keys of the account."""

from __future__ import annotations

import statistics
from collections import Counter
from pathlib import Path
from typing import Any

from .cloud import requests_since, sandbox, seed
from .interleaved import run
from .playbooks import Cost, Fleet
from .row import Row, ping
from .section import Section, Size

TITLE = "Many API keys"
KEYS = (1, 100, 2000)
FEW_REQUESTS = 2  # are promised for an unchanged cr_apikey
UP_TO = 100  # keys of the identity
# One host, and no ratio that would need many rounds.
ROUNDS_FOR_ONE = 3


def measured(folder: Path, size: Size) -> Section:
    """The table of this group. The keys belong to the identity that is asked about, so the limit
    for an identity is raised."""
    lines = [
        "| Task, nothing to do | keys | requests | CPU | wall | most memory |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    missed: tuple[str, ...] = ()
    for number in KEYS:
        place = folder / str(number)
        place.mkdir()
        with sandbox(place) as cloud:
            fleet = Fleet(place, 1)
            for row in rows_of(cloud, number):
                costs, asked = _measure(fleet, row, cloud, size.rounds)
                lines.append(_line(row.name, number, costs, asked))
                if row.name == "cr_apikey" and number <= UP_TO:
                    missed += _too_many(number, asked)
    turns = max(1, size.rounds // ROUNDS_FOR_ONE)
    lines += ["", f"One host, medians of {turns} rounds."]
    return Section(TITLE, "\n".join(lines), missed)


def rows_of(cloud: dict[str, Any], number: int) -> list[Row]:
    """The rows. Seeds the account: the owner, and a service ID, with so many keys each."""
    seed(cloud, {"limits": {"api_keys_per_identity": max(number, 20) + 20}})
    seed(cloud, {"namespaces": [{"region": "us-south", "name": "bench"}]})
    service_id = seed(cloud, {"service_ids": [{"name": "bench", "api_keys": []}]})[
        "service_ids"
    ][0]["id"]
    # The first run of each row makes one more; the owner begins with one.
    keys = [{"name": f"other-{each}"} for each in range(number - 1)]
    seed(cloud, {"api_keys": keys[1:]})
    seed(cloud, {"api_keys": [{**each, "service_id": service_id} for each in keys]})
    caller = {"api_key": cloud["api_key"], "endpoints": cloud["endpoints"]}
    apikey = {"name": "bench", **caller}
    token = {"description": "bench-token", "region": "us-south", "non_expiring": True}
    return [
        ping(),
        Row("cr_apikey", {"tasks": [{"icr.access.cr_apikey": apikey}]}),
        Row(
            "cr_apikey of a service ID",
            {"tasks": [{"icr.access.cr_apikey": {**apikey, "service_id": service_id}}]},
        ),
        Row(
            "cr_token",
            {"tasks": [{"icr.access.cr_token": {**token, **caller}, "no_log": True}]},
        ),
    ]


def _measure(
    fleet: Fleet, row: Row, cloud: dict[str, Any], rounds: int
) -> tuple[list[Cost], Counter[str]]:
    run(fleet, row)  # once for nothing: what is asked for is there afterwards
    requests_since(cloud)
    run(fleet, row)
    asked = requests_since(cloud)
    turns = max(1, rounds // ROUNDS_FOR_ONE)
    return [run(fleet, row) for _each in range(turns)], asked


def _line(name: str, number: int, costs: list[Cost], asked: Counter[str]) -> str:
    cpu, wall = (
        statistics.median(getattr(cost, field) for cost in costs)
        for field in ("cpu", "wall")
    )
    memory = max(cost.memory for cost in costs) / 1024**2
    return (
        f"| {name} | {number} | {asked.total()} | {cpu * 1000:.0f} ms | {wall:.1f} s "
        f"| {memory:.0f} MiB |"
    )


def _too_many(number: int, asked: Counter[str]) -> tuple[str, ...]:
    # The exchange of the caller's key for an access token is one of them.
    if asked.total() <= FEW_REQUESTS:
        return ()
    return (f"cr_apikey, {number} keys: {asked.total()} requests, not {FEW_REQUESTS}.",)
