# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Several runs at one file at the same moment, and foreign clients, too: nothing of ours is lost but
what a foreign client drops, and the file is valid at any moment."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from ..reliability.tally import Tally
from .foreign_logins import logging_in
from .gate import gate
from .login_role import LoginRole, Play

_HOSTS_PER_PLAY = 4
_SECRET = "secret-of-the-play"


class TestRunsAtOnce:
    def test_two_plays_with_several_hosts_each_lose_nothing(
        self, role: LoginRole, auth_file: Path
    ) -> None:
        with gate(2 * _HOSTS_PER_PLAY) as registries:
            shares = (registries[:_HOSTS_PER_PLAY], registries[_HOSTS_PER_PLAY:])
            plays = [
                Play(
                    hosts={
                        f"build-host-{number}": {"registries": [f"http://{registry}"]}
                        for number, registry in enumerate(share)
                    },
                    variables={
                        "username": f"play-{play}",
                        "password": f"secret-of-play-{play}",
                    },
                )
                for play, share in enumerate(shares)
            ]
            for run in role.run_at_once(*plays):
                run.expect(changed=_HOSTS_PER_PLAY)
        stored = json.loads(auth_file.read_bytes())["auths"]
        assert {
            registry: base64.b64decode(entry["auth"]).decode()
            for registry, entry in stored.items()
        } == {
            registry: f"play-{play}:secret-of-play-{play}"
            for play, share in enumerate(shares)
            for registry in share
        }
        # Nor is anything left beside it.
        assert [path.name for path in auth_file.parent.iterdir()] == [auth_file.name]


class TestForeignClients:
    """They take no lock, so that one that has read the file before we write it may write it back
    without what is ours."""

    def test_ours_are_there_in_the_end(
        self, role: LoginRole, auth_file: Path, tally: Tally
    ) -> None:
        auth_file.parent.mkdir()
        auth_file.write_text('{"auths": {}}')
        with (
            gate(2 * _HOSTS_PER_PLAY) as ours,
            gate(9, is_open=True) as foreign,
            logging_in(foreign, auth_file) as clients,
        ):
            shares = (ours[:_HOSTS_PER_PLAY], ours[_HOSTS_PER_PLAY:])
            for run in role.run_at_once(*map(play_of, shares)):
                run.expect(changed=_HOSTS_PER_PLAY)
        found = hosts_in(auth_file)
        missing, dropped = set(ours) - found, set(foreign) - found
        # What they dropped of ours, the next run puts there, and nothing else.
        again = role.run(registries=[f"http://{host}" for host in ours], **LOGIN)
        lost = (set(ours) | found) - hosts_in(auth_file)
        tally.count(
            "concurrent writers",
            2 * _HOSTS_PER_PLAY + len(clients.names),
            lost_entries=len(lost),
            dropped_by_foreign_writers=len(missing | dropped),
        )
        assert clients.failures == []
        assert clients.looks > 100
        assert {*clients.logins} == clients.names
        again.expect(changed=1 if missing else 0)
        assert lost == set()


LOGIN = {"username": "builder", "password": _SECRET, "verify": "never"}


def play_of(registries: list[str]) -> Play:
    """A login of its own on each of several hosts."""
    hosts = {
        f"build-host-{number}": {"registries": [f"http://{registry}"]}
        for number, registry in enumerate(registries)
    }
    return Play({**LOGIN, "verify": "always"}, hosts)


def hosts_in(auth_file: Path) -> set[str]:
    return set(json.loads(auth_file.read_bytes())["auths"])
