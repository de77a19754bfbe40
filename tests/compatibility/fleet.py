# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The hosts that a release of ansible-core is tried with: all are where Ansible itself runs."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..machine.pythons import Interpreter

SSH, BECOME = "ssh", "become"
# A user that every system has and that can read nothing of root's, and a Python that it can.
BECOME_USER, BECOME_PYTHON = "nobody", Path("/usr/bin/python3")
REGIONS = ["us-south", "eu-de"]


class Host(NamedTuple):
    """`variables` are those of the inventory; a host with `caller`, the path of a Python with
    `requests`, calls IBM Cloud, too."""

    name: str
    variables: Mapping[str, Any]
    caller: Path | None = None


def local(python: Interpreter, caller: Path) -> Host:
    """A host with that Python, on a local connection."""
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": str(python.path),
    }
    return Host(name_of(python), variables, caller)


def name_of(python: Interpreter) -> str:
    """What the local host with that Python is called."""
    return f"python{python.minor[0]}.{python.minor[1]}"


def through_ssh(python: Interpreter, variables: Mapping[str, Any]) -> Host:
    """The host that an SSH server with those variables leads to."""
    return Host(SSH, {**variables, "ansible_python_interpreter": str(python.path)})


def as_other_user() -> Host:
    """A host where root becomes another user, who has no rights of root's."""
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": str(BECOME_PYTHON),
        "ansible_become": True,
        "ansible_become_method": "su",
        "ansible_become_user": BECOME_USER,
        # It has no shell of its own.
        "ansible_become_flags": "-s /bin/sh",
    }
    return Host(BECOME, variables)


def becoming_lacks() -> str:
    """What it takes to become another user and is not there; empty if nothing."""
    if os.geteuid() != 0:
        return "root"
    return "" if BECOME_PYTHON.exists() else str(BECOME_PYTHON)


def fleet_key(folder: Path) -> str:
    """The file with the key that `icr.access.rotate` puts another one in the place of."""
    return str(folder / "fleet.key")


def inventory(folder: Path, hosts: Sequence[Host]) -> dict[str, Any]:
    """The inventory, and for each host a folder in that folder. A key is in none of its
    variables: it is looked up when it is used."""
    folder.chmod(0o711)
    described = {}
    for host in hosts:
        own = folder / host.name
        own.mkdir(mode=0o700)
        if host.variables.get("ansible_become"):
            user = pwd.getpwnam(BECOME_USER)
            os.chown(own, user.pw_uid, user.pw_gid)
        described[host.name] = {
            **host.variables,
            "ansible_remote_tmp": str(own / "tmp"),
            "folder": str(own),
            "own_name": host.name.replace(".", "-"),
            "registry_login_config_path": str(own / "config.json"),
            **({"with_requests": str(host.caller)} if host.caller else {}),
        }
    localhost = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    }
    callers: dict[str, Any] = {host.name: {} for host in hosts if host.caller}
    return {
        "all": {
            "hosts": {"localhost": localhost},
            "children": {
                "logged_in": {"hosts": described},
                "callers": {"hosts": callers},
            },
            "vars": {
                "fleet_key": fleet_key(folder),
                "sandbox_dir": str(folder / "sandbox"),
                "cloud": "{{ lookup('ansible.builtin.file', sandbox_dir ~ '/endpoints.json')"
                " | from_json }}",
                "registry_login_regions": REGIONS,
                "registry_login_api_key": "{{ cloud.api_key }}",
                "registry_login_endpoints": "{{ cloud.endpoints }}",
            },
        }
    }
