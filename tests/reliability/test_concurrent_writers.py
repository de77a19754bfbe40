# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Many processes log in to and out of registries in one file at once: nothing is lost, and whoever
reads it reads JSON."""

from __future__ import annotations

import json
import os
import select
import time
from functools import partial
from pathlib import Path
from unittest import mock

import pytest

from ansible_collections.icr.access.plugins.module_utils import _login_change
from ansible_collections.icr.access.plugins.module_utils._login_change import change
from ansible_collections.icr.access.plugins.module_utils._secret_file import locked
from ansible_collections.icr.access.plugins.modules import cr_login
from ansible_collections.icr.access.tests.reliability.children import (
    KILLED,
    result_of,
    run_together,
    start,
)
from ansible_collections.icr.access.tests.reliability.file_changes import (
    entry,
    place_in,
    tree,
)
from ansible_collections.icr.access.tests.reliability.foreign_client import (
    dropped,
    log_in,
    notes,
    own_logins,
)
from ansible_collections.icr.access.tests.reliability.system_calls import (
    Call,
    intercepted,
    killed_before,
)
from ansible_collections.icr.access.tests.reliability.tally import Tally

_PROCESSES = 50
_LOGIN = {"username": "builder", "password": "s3cret", "verify": "never"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file, with a login for each process to remove and one that nobody touches."""
    path = tmp_path / "home" / "config.json"
    path.parent.mkdir()
    hosts = ["kept.example", *(f"old-{number}.example" for number in range(_PROCESSES))]
    path.write_text(json.dumps({"auths": {host: entry("x") for host in hosts}}))
    path.chmod(0o600)
    return path


def run_login(path: Path, host: str, **options: object) -> None:
    """Runs the module; AssertionError with what it says unless it changes the file."""
    given = {"config_path": str(path), "registry": [host], **options}
    result = result_of(cr_login.main, given)
    assert result.get("changed") is True, result


def run_pair(path: Path, number: int, round_number: int) -> None:
    """A log-in, and the log-out from a registry of the round before."""
    run_login(path, f"new-{number}-{round_number}.example", **_LOGIN)
    before = f"new-{number}-{round_number - 1}" if round_number else f"old-{number}"
    run_login(path, f"{before}.example", state="absent")


def hosts_in(path: Path) -> set[str]:
    """The registries in the file; an error when that is not JSON at this moment."""
    return set(json.loads(path.read_bytes())["auths"])


class TestOurs:
    def test_nothing_is_lost(self, path: Path, tally: Tally, soak: bool) -> None:
        rounds = 20 if soak else 1
        looks: list[int] = []

        def run_rounds(number: int) -> None:
            for round_number in range(rounds):
                run_pair(path, number, round_number)

        ends = run_together(
            [partial(run_rounds, number) for number in range(_PROCESSES)],
            lambda: looks.append(len(hosts_in(path))),
        )
        wanted = {f"new-{number}-{rounds - 1}.example" for number in range(_PROCESSES)}
        lost = (wanted | {"kept.example"}) - hosts_in(path)
        tally.count("concurrent writers", _PROCESSES, lost_entries=len(lost))
        assert (ends, lost) == ([0] * _PROCESSES, set())
        assert hosts_in(path) == wanted | {"kept.example"}
        assert [*tree(path.parent)] == ["config.json"]
        # It was looked at while it changed, and never without one of all entries.
        assert len(looks) > 10
        assert min(looks) >= _PROCESSES + 1

    def test_those_that_are_killed_do_not_stop_the_others(
        self, path: Path, tally: Tally
    ) -> None:
        # Each fifth dies, ever later on its way; all have at least forty calls.
        deaths = {number: 4 * number // 5 + 1 for number in range(0, _PROCESSES, 5)}

        def run(number: int) -> None:
            host = f"new-{number}.example"
            if number not in deaths:
                run_login(path, host, **_LOGIN)
                return
            place = place_in(path.parent, "docker", Path(path.name))
            with intercepted(killed_before(deaths[number])):
                change(place, {host: ("builder", "s3cret")})

        ends = run_together(
            [partial(run, number) for number in range(_PROCESSES)],
            lambda: hosts_in(path),
        )
        assert {number for number, end in enumerate(ends) if end == KILLED} == {*deaths}
        assert {end for number, end in enumerate(ends) if number not in deaths} == {0}
        wanted = {
            f"new-{number}.example"
            for number in range(_PROCESSES)
            if number not in deaths
        }
        lost = (wanted | {"kept.example"}) - hosts_in(path)
        tally.count("concurrent writers", _PROCESSES, lost_entries=len(lost))
        assert lost == set()
        # Whatever the killed ones left goes with the next run.
        start(partial(run_login, path, "last.example", **_LOGIN)).wait()
        assert [*tree(path.parent)] == ["config.json"]

    def test_killed_holder_of_the_lock_is_followed_by_the_next(
        self, path: Path
    ) -> None:
        receiver, sender = os.pipe()

        def hold() -> None:
            with locked(str(path)):
                os.write(sender, b"x")
                select.select([], [], [])

        holder = start(hold)
        ends: list[int] = []

        def kill_the_holder(_seconds: float) -> None:
            holder.kill()
            ends.append(holder.wait())

        try:
            assert os.read(receiver, 1) == b"x"
            with locked(str(path), sleep=kill_the_holder):
                assert ends == [KILLED]
        finally:
            if not ends:
                kill_the_holder(0)


class TestForeign:
    """Clients that take no lock write the file, too."""

    def test_ours_are_there_unless_a_foreign_client_dropped_them(
        self, path: Path, tmp_path: Path, tally: Tally, soak: bool
    ) -> None:
        ours, foreign = (_PROCESSES, 20) if soak else (20, 10)
        logins = 10 if soak else 3
        looks = [tmp_path / f"look-{number}" for number in range(ours)]
        journals = [tmp_path / f"journal-{number}" for number in range(foreign)]

        def run_ours(number: int) -> None:
            seen = 0.0

            def look(call: Call) -> None:
                nonlocal seen
                if call.kind == "open" and call.arguments[0] == str(path):
                    seen = time.monotonic()

            # So many foreign clients at once keep it from its end for longer than usual.
            with mock.patch.object(_login_change, "_ATTEMPTS", 500), intercepted(look):
                run_login(path, f"ours-{number}.example", **_LOGIN)
            looks[number].write_text(str(seen))

        def run_foreign(number: int) -> None:
            for login in range(logins):
                log_in(path, f"foreign-{number}-{login}.example", journals[number])

        ends = run_together(
            [
                *(partial(run_ours, number) for number in range(ours)),
                *(partial(run_foreign, number) for number in range(foreign)),
            ],
            lambda: hosts_in(path),
        )
        assert ends == [0] * (ours + foreign)
        written = notes(journals)
        assert len(written) == foreign * logins
        begun = {
            f"ours-{number}.example": float(look.read_text())
            for number, look in enumerate(looks)
        }
        begun |= own_logins(journals)
        missing = set(begun) - hosts_in(path)
        excused = {host for host in missing if dropped(host, begun[host], written)}
        tally.count(
            "concurrent writers",
            ours + foreign,
            lost_entries=len(missing - excused),
            dropped_by_foreign_writers=len(excused),
        )
        assert {host for host in missing - excused if host.startswith("ours")} == set()
