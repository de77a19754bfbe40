# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The login beside ping through SSH to this machine, with pipelining and without."""

from __future__ import annotations

import contextlib
import getpass
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .cloud import requests_since, sandbox
from .interleaved import measure
from .playbooks import Fleet
from .results import table_of
from .row import SAME, Row, login, ping
from .section import Section, Size

TITLE = "Through SSH"
# sshd is in no PATH but root's, and has to be called by its whole path.
SERVERS = ("/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd")
TOOLS = ("ssh", "ssh-keygen")
# Each connection is counted, and none is to be refused: one host for each fork, and some rounds.
HOSTS_FOR_ONE, ROUNDS_FOR_ONE = 2, 3


def measured(folder: Path, size: Size) -> Section:
    """A table with pipelining and one without, or what is missing on this machine."""
    server = next((each for each in SERVERS if Path(each).exists()), None)
    lacking = [each for each in TOOLS if shutil.which(each) is None]
    if server is None or lacking:
        missing = ", ".join([*lacking, *([] if server else ["sshd"])])
        return Section(TITLE, f"Not measured: this machine has no {missing}.")
    hosts = max(1, size.hosts // HOSTS_FOR_ONE)
    rounds = max(1, size.rounds // ROUNDS_FOR_ONE)
    tables = []
    with sandbox(folder) as cloud, _ssh_server(server, folder) as variables:
        fleet = Fleet(folder, hosts, variables)
        for told, pipelining in (("With pipelining", "1"), ("Without it", "0")):
            rows = [
                each._replace(environment={"ANSIBLE_PIPELINING": pipelining})
                for each in (ping(), Row(SAME, login(cloud, "same.json")))
            ]
            results = measure(fleet, rows, rounds, lambda: requests_since(cloud))
            tables.append(f"{told}, {hosts} hosts:\n\n{table_of(results)}")
    return Section(TITLE, "\n\n".join(tables))


@contextlib.contextmanager
def _ssh_server(program: str, folder: Path) -> Iterator[dict[str, Any]]:
    """A server of our own on a free port; the variables by which Ansible reaches it."""
    host_key, user_key = folder / "host_key", folder / "user_key"
    for key in (host_key, user_key):
        making = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)]
        subprocess.run(making, check=True)
    shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # As root it wants a folder of its own, which its package makes when the service starts.
    if getpass.getuser() == "root":
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    settings = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": host_key,
        "AuthorizedKeysFile": folder / "authorized_keys",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "PasswordAuthentication": "no",
        "PermitRootLogin": "prohibit-password",
        "MaxStartups": "100",
    }
    config = folder / "sshd_config"
    config.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    command = [program, "-D", "-e", "-f", str(config)]
    with (folder / "sshd.log").open("wb") as log:
        running = subprocess.Popen(command, stderr=log)
    try:
        yield {
            "ansible_connection": "ssh",
            "ansible_host": "127.0.0.1",
            "ansible_port": port,
            "ansible_user": getpass.getuser(),
            "ansible_ssh_private_key_file": str(user_key),
            # It is asked again until it answers, which it does in no time.
            "ansible_ssh_common_args": (
                "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
                "-o ConnectionAttempts=10 -o ControlPath=none"
            ),
        }
    finally:
        running.terminate()
        running.wait()
