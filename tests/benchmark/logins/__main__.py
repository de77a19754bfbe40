# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What a login costs, beside `ansible.builtin.ping` on the same hosts in the same rounds.

Run `python -m logins` in the folder above, with the collection on ANSIBLE_COLLECTIONS_PATH (`make
bench` does). Prints a table; with `--page` it writes that into a page, too. The exit status is 1
when a promise is missed by more than `--slack`. Loopback only; makes and removes a folder.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from .cloud import requests_since, sandbox
from .playbooks import Cost, Fleet
from .results import Result, result_of, surroundings, table_of
from .rows import Row, rows_of

MARK = "<!-- figures: made by `make bench` -->"


def main() -> int:
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="icr-bench-") as name:
        folder = Path(name)
        with sandbox(folder) as cloud:
            fleet = Fleet(folder, given.hosts)
            rows = rows_of(cloud)
            asked, sent = {}, {}
            for row in rows:  # once for nothing: files are there afterwards
                if not row.is_first:
                    _run(fleet, row)
                requests_since(cloud)
                _run(fleet, row)
                asked[row.name] = requests_since(cloud)
                sent[row.name] = fleet.payload_bytes("payload", row.play)
            rounds = [_round(fleet, rows, number) for number in range(given.rounds)]
    results = [
        result_of(row, rounds, given.hosts, sent[row.name], asked[row.name])
        for row in rows
    ]
    text = f"{surroundings(given.hosts, given.rounds)}\n\n{table_of(results)}\n"
    sys.stdout.write(f"\n{text}")
    if given.page:
        page = given.page.read_text()
        given.page.write_text(f"{page.partition(MARK)[0]}{MARK}\n\n{text}")
    return 0 if all(_is_kept(each, given.slack, asked) for each in results) else 1


def _run(fleet: Fleet, row: Row) -> Cost:
    if row.is_first:
        fleet.forget(row.file_name)
    return fleet.run("row", row.play)


def _round(fleet: Fleet, rows: list[Row], number: int) -> dict[str, Cost]:
    """Each row once, in an order that differs from round to round."""
    shuffled = random.Random(number).sample(rows, len(rows))  # noqa: S311 - no secret
    costs = {row.name: _run(fleet, row) for row in shuffled}
    sys.stderr.write(f"round {number + 1}\n")
    return costs


def _is_kept(result: Result, slack: float, asked: dict[str, Counter[str]]) -> bool:
    """Whether the row keeps its promise; a short-lived login asks IAM once for all hosts."""
    if "short-lived" in result.row.name:
        return asked[result.row.name]["POST /identity/token"] <= 1
    return result.row.promise is None or result.judged <= result.row.promise + slack


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="logins", description=__doc__)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--slack", type=float, default=0.0)
    parser.add_argument("--page", type=Path, default=None)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
