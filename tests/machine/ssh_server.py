# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""An SSH server for this machine alone, by which Ansible reaches it as it reaches a host."""

from __future__ import annotations

import contextlib
import getpass
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# sshd is in no PATH but root's, and has to be called by its whole path.
SERVERS = ("/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd")
TOOLS = ("ssh", "ssh-keygen")


def missing() -> list[str]:
    """Which of the programs that it takes are not on this machine."""
    lacking = [each for each in TOOLS if shutil.which(each) is None]
    return lacking if _servers() else [*lacking, "sshd"]


@contextlib.contextmanager
def ssh_server(folder: Path) -> Iterator[dict[str, Any]]:
    """A server of our own on a free port; the variables by which Ansible reaches it.

    Its keys, settings and log are in the folder. Needs what `missing` looks for.
    """
    program = _servers()[0]
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
        "Subsystem": "sftp internal-sftp",
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


def _servers() -> list[str]:
    return [each for each in SERVERS if Path(each).exists()]
