# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""One row of a table: a play, and what is promised for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

PING = "ping"
SAME = "cr_login, verified, nothing to do"


def nobody() -> float:
    """The seconds of CPU of nobody."""
    return 0.0


class Row(NamedTuple):
    """`file_name` is the auth file of the row on each host, removed before each run if the row
    `is_first`. `promise` is the most that the row's CPU may be of that of the row `against`; None
    for a row that only informs. `environment` is added to that of `ansible-playbook`. `servant`
    is asked for the seconds of CPU of who works for the row without being its child: what comes
    to them in a run is part of the row's CPU."""

    name: str
    play: dict[str, Any]
    file_name: str = ""
    is_first: bool = False
    promise: float | None = None
    against: str = PING
    environment: Mapping[str, str] = {}
    servant: Callable[[], float] = nobody


def ping() -> Row:
    """What the others are measured against."""
    return Row(PING, {"tasks": [{"ansible.builtin.ping": {}}]})


def login(cloud: dict[str, Any], file_name: str, **options: Any) -> dict[str, Any]:
    """A play that logs in to the sandbox with one task, by default to one region."""
    task = {
        "region": ["us-south"],
        "api_key": cloud["api_key"],
        "endpoints": cloud["endpoints"],
        "config_path": f"{{{{ host_folder }}}}/{file_name}",
        **options,
    }
    return {"tasks": [{"icr.access.cr_login": task}]}


def role(cloud: dict[str, Any], file_name: str, **variables: Any) -> dict[str, Any]:
    """A play that does the same with the role."""
    return {
        "roles": ["icr.access.registry_login"],
        "vars": {
            "registry_login_regions": ["us-south"],
            "registry_login_endpoints": cloud["endpoints"],
            "registry_login_config_path": f"{{{{ host_folder }}}}/{file_name}",
            **variables,
        },
    }


def unchecked(play: dict[str, Any]) -> dict[str, Any]:
    """The same play with a role whose arguments Ansible does not check before it runs."""
    (name,) = play["roles"]
    importing = {"name": name, "rolespec_validate": False}
    tasks = [{"ansible.builtin.import_role": importing}]
    return {"tasks": tasks, "vars": play["vars"]}
