# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What is compared: one play for each row of the table, and what is promised for it."""

from __future__ import annotations

from typing import Any, NamedTuple

PING = "ping"
SAME = "cr_login, verified, nothing to do"
FIVE = ["us-south", "eu-de", "eu-gb", "jp-tok", "br-sao"]


class Row(NamedTuple):
    """`file_name` is the auth file of the row on each host, removed before each run if the row
    `is_first`. `promise` is the most that the row's CPU may be of that of the row `against`; None
    for a row that only informs."""

    name: str
    play: dict[str, Any]
    file_name: str = ""
    is_first: bool = False
    promise: float | None = None
    against: str = PING


def rows_of(cloud: dict[str, Any]) -> list[Row]:
    """The rows about this collection; the first is what the others are measured against."""
    ping = Row(PING, {"tasks": [{"ansible.builtin.ping": {}}]})
    return [
        ping,
        Row(
            "cr_login, verified, first",
            _login(cloud, "first.json"),
            "first.json",
            is_first=True,
            promise=1.10,
        ),
        Row(SAME, _login(cloud, "same.json"), "same.json", promise=1.10),
        Row(
            "cr_login, not verified, nothing to do",
            _login(cloud, "never.json", verify="never"),
            "never.json",
            promise=1.05,
        ),
        Row(
            "role registry_login, verified, nothing to do",
            _role(cloud, "role.json", registry_login_api_key=cloud["api_key"]),
            "role.json",
            promise=1.10,
            against=SAME,
        ),
        Row(
            "cr_login, five regions, verified, nothing to do",
            _login(cloud, "five.json", region=FIVE),
            "five.json",
            promise=1.15,
        ),
        Row(
            "role registry_login, short-lived",
            _role(
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


def _login(cloud: dict[str, Any], file_name: str, **options: Any) -> dict[str, Any]:
    task = {
        "region": ["us-south"],
        "api_key": cloud["api_key"],
        "endpoints": cloud["endpoints"],
        "config_path": f"{{{{ host_folder }}}}/{file_name}",
        **options,
    }
    return {"tasks": [{"icr.access.cr_login": task}]}


def _role(cloud: dict[str, Any], file_name: str, **variables: Any) -> dict[str, Any]:
    return {
        "roles": ["icr.access.registry_login"],
        "vars": {
            "registry_login_regions": ["us-south"],
            "registry_login_endpoints": cloud["endpoints"],
            "registry_login_config_path": f"{{{{ host_folder }}}}/{file_name}",
            **variables,
        },
    }
