# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What the benchmark concludes from its figures."""

from __future__ import annotations

import itertools
import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.icr.access.tests.benchmark.logins.engine import find_engine
from ansible_collections.icr.access.tests.benchmark.logins.interleaved import (
    MOST_TURNS,
    measure,
)
from ansible_collections.icr.access.tests.benchmark.logins.playbooks import Cost
from ansible_collections.icr.access.tests.benchmark.logins.results import (
    Result,
    doubt_of,
    missed_of,
    result_of,
    table_of,
)
from ansible_collections.icr.access.tests.benchmark.logins.row import PING, Row
from ansible_collections.icr.access.tests.benchmark.logins.rows_core import (
    is_promised,
    rows_of,
    within,
)
from ansible_collections.icr.access.tests.benchmark.logins.rows_growth import slope
from ansible_collections.icr.access.tests.benchmark.logins.rows_peers import (
    OURS,
    dearer_than_others,
)
from ansible_collections.icr.access.tests.benchmark.logins.rows_peers import (
    table_of as peers_table_of,
)
from ansible_collections.icr.access.tests.benchmark.logins.section import (
    Section,
    with_section,
)


def result(name: str, cpu: float, wall: float = 1.0, **row: Any) -> Result:
    rounds = [{PING: Cost(2.0, 1.0), name: Cost(2.0 * cpu, wall)}]
    return result_of(Row(name, {}, **row), rounds, 20, 1000, None)


@pytest.mark.parametrize(
    ("cpu", "slack", "is_missed"),
    [(1.10, 0.0, False), (1.12, 0.0, True), (1.12, 0.05, False)],
)
def test_a_promise_is_missed_beyond_its_slack(
    cpu: float, slack: float, is_missed: bool
) -> None:
    assert bool(missed_of([result("login", cpu, promise=1.101)], slack)) is is_missed


def test_a_promise_that_is_missed_by_little_is_seen_to_be() -> None:
    by_little = [result("login", 1.1012, promise=1.10)]
    assert missed_of(by_little, 0.0) == ("login: 1.101 ± 0.000 of ping, not 1.10.",)
    assert "≤ 1.10, **missed: 1.101 ± 0.000**" in table_of(by_little)


def test_a_row_that_only_informs_misses_nothing() -> None:
    assert missed_of([result("login", 9.0)], 0.0) == ()


def test_the_check_measures_what_a_promise_is_about_and_nothing_else() -> None:
    rows = rows_of({"api_key": "key", "endpoints": {}})
    kept = [row for row in rows if is_promised(row)]
    assert {row.against for row in kept} <= {row.name for row in kept}
    assert [row.name for row in rows if not is_promised(row)] == [
        "the same with `rolespec_validate: false`",
        "cr_login_info, verified",
    ]


class NoisyFleet:
    """A login costs twice a ping until so many of its runs are over, and then as much."""

    size = 1

    def __init__(self, noisy: int) -> None:
        self.noisy = noisy

    def run(self, _name: str, play: dict[str, Any], **_environment: str) -> Cost:
        is_dear = bool(play) and self.noisy > 0
        self.noisy -= bool(play)
        return Cost(2.0 if is_dear else 1.0, 1.0)

    def payload_bytes(self, _play: dict[str, Any], **_environment: str) -> int:
        return 0


@pytest.mark.parametrize(
    ("noisy", "rounds"),
    [(2, 3), (4, 6), (6, 9), (99, 3 * MOST_TURNS)],
    ids=["before", "in the first rounds", "in the second, too", "always"],
)
def test_the_check_measures_again_while_a_promise_seems_missed(
    noisy: int, rounds: int
) -> None:
    rows = [Row(PING, {}), Row("login", {"tasks": []}, promise=1.1)]
    fleet: Any = NoisyFleet(noisy)
    results = measure(fleet, rows, 3, enough=within(0.1))
    assert {each.rounds for each in results} == {rounds}
    assert bool(missed_of(results, 0.1)) is (noisy == 99)


def test_nothing_is_measured_again_where_nobody_asks() -> None:
    rows = [Row(PING, {}), Row("login", {"tasks": []}, promise=1.1)]
    fleet: Any = NoisyFleet(99)
    assert measure(fleet, rows, 3)[1].rounds == 3


def test_what_others_do_for_a_row_is_part_of_its_cpu() -> None:
    used = itertools.count(10.0, 0.25)
    rows = [Row(PING, {}), Row("login", {"tasks": []}, servant=lambda: next(used))]
    fleet: Any = NoisyFleet(0)
    ping, login = measure(fleet, rows, 1)
    assert (ping.cpu, login.cpu) == (1.0, 1.25)


def test_engine_is_who_listens_where_docker_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{place}")
    assert find_engine() is None
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place))
        listening.listen()
        assert find_engine() is None  # this process, which is no engine
        name = Path("/proc/self/comm").read_text().strip()
        found = find_engine(name)
    assert found is not None
    assert found.pid == os.getpid()
    assert found.cpu() == pytest.approx(time.process_time(), abs=0.5)


@pytest.mark.parametrize("address", ["tcp://192.0.2.1:2375", "ssh://192.0.2.1"])
def test_engine_of_another_machine_is_not_looked_for(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", address)
    assert find_engine() is None


@pytest.mark.parametrize(
    ("ratios", "doubt"),
    [
        ([1.3], 0.0),
        ([1.1] * 16, 0.0),
        ([1.0, 1.1, 1.2] * 8, 0.0379),
        ([1.0, 1.1, 1.2] * 8 + [9.0], 0.0371),
    ],
    ids=["one", "the same", "some", "and one far off"],
)
def test_doubt_is_the_standard_error_of_the_median(
    ratios: list[float], doubt: float
) -> None:
    assert doubt_of(ratios) == pytest.approx(doubt, abs=0.0005)


def test_a_ratio_that_has_no_column_is_told_with_its_promise() -> None:
    rounds = [{PING: Cost(1.0, 1.0), "login": Cost(2.0, 1.0), "role": Cost(2.1, 1.0)}]
    row = Row("role", {}, promise=1.10, against="login")
    kept = result_of(row, rounds, 20, 1000, None)
    assert "≤ 1.10 of `login`, kept: 1.050 ± 0.000" in table_of([kept])


def test_requests_that_nobody_counts_are_left_out() -> None:
    assert table_of([result("login", 1.0)]).endswith("| 1 kB |  |")


def peers(*theirs: Cost) -> list[Result]:
    """Of one round each, in which ours costs 2.2 seconds of CPU and 1.1 of time."""
    rounds = [
        {PING: Cost(2.0, 1.0), OURS: Cost(2.2, 1.1), "docker_login": each}
        for each in theirs
    ]
    rows = Row(PING, {}), Row(OURS, {}), Row("docker_login", {}, against=OURS)
    return [result_of(row, rounds, 20, 1000, None) for row in rows]


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        pytest.param([Cost(3.0, 1.5)], 0, id="below"),
        pytest.param([Cost(3.0, 1.0)], 1, id="more time"),
        pytest.param([Cost(2.2, 1.1)], 2, id="the same"),
        pytest.param([Cost(3.0, 1.5)] * 2 + [Cost(2.0, 1.0)], 0, id="below in most"),
        pytest.param([Cost(3.0, 1.5)] + [Cost(2.0, 1.0)] * 2, 2, id="in a minority"),
    ],
)
def test_ours_is_to_be_below_each_other_in_both(theirs: list[Cost], told: int) -> None:
    assert len(dearer_than_others(peers(*theirs), "Over http")) == told


def test_others_are_set_against_ours_of_the_same_round() -> None:
    _head, _line, ping, ours, theirs = peers_table_of(
        peers(Cost(3.3, 2.2))
    ).splitlines()
    assert ping.startswith("| ping | 1.00 ± 0.00 | 1.00 ± 0.00 |  |  | 100 ms |")
    assert ours.startswith("| cr_login | 1.10 ± 0.00 | 1.10 ± 0.00 |  |  | 110 ms |")
    assert "| 1.65 ± 0.00 | 2.20 ± 0.00 | 1.50 ± 0.00 | 2.00 ± 0.00 |" in theirs


def test_the_slope_is_what_one_host_more_costs() -> None:
    assert slope(10, [3.0, 2.0, 2.5], 200, [40.5, 21.5, 90.0]) == pytest.approx(0.2)


SECTION = Section("Beside ping", "a table")
WRITTEN = "<!-- figures: core -->\n\n## Beside ping\n\na table\n\n<!-- end: core -->"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        pytest.param("Words.\n", f"Words.\n\n{WRITTEN}\n", id="added"),
        pytest.param(
            "Words.\n\n<!-- figures: core -->\nold\n<!-- end: core -->\n\nMore.\n",
            f"Words.\n\n{WRITTEN}\n\nMore.\n",
            id="replaced",
        ),
    ],
)
def test_a_page_has_each_group_once(page: str, expected: str) -> None:
    assert with_section(page, "core", SECTION) == expected
    assert with_section(expected, "core", SECTION) == expected
