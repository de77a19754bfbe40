# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Several runs at one file at the same moment: nothing is lost."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from .gate import gate
from .login_role import LoginRole, Play

_HOSTS_PER_PLAY = 4


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
