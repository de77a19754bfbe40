# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Several runs at one file at the same time: nothing is lost."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from .local_cloud import Key, Sandbox
from .login_role import LoginRole

REGIONS = (
    ("us-south", "eu-de", "eu-gb", "jp-tok"),
    ("au-syd", "ca-tor", "br-sao", "global"),
)


class TestRunsAtOnce:
    def test_two_plays_with_several_hosts_each_lose_nothing(
        self,
        role: LoginRole,
        cloud: Sandbox,
        writer: Key,
        reader: Key,
        auth_file: Path,
    ) -> None:
        keys = (writer, reader)
        plays = [
            role.start(
                hosts={region: {"regions": [region]} for region in regions},
                endpoints=cloud.endpoints,
                api_key=key.value,
            )
            for regions, key in zip(REGIONS, keys, strict=True)
        ]
        for run in [play.finish() for play in plays]:
            run.expect(changed=4)
        expected = {
            cloud.host(region): f"iamapikey:{key.value}"
            for regions, key in zip(REGIONS, keys, strict=True)
            for region in regions
        }
        stored = json.loads(auth_file.read_bytes())["auths"]
        assert {
            host: base64.b64decode(entry["auth"]).decode()
            for host, entry in stored.items()
        } == expected
        # Nor is anything left beside it.
        assert [path.name for path in auth_file.parent.iterdir()] == [auth_file.name]
