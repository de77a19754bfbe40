# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The Docker engine: it logs in for who asks it, and is no child of Ansible."""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path

USUAL = "unix:///var/run/docker.sock"
# struct ucred of unix(7): process, user and group
CREDENTIALS = struct.Struct("iii")


class Engine:
    """A running engine of this machine."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def cpu(self) -> float:
        """The seconds, user and system, that it has used since its start. Those of proc(5), which
        counts in hundredths. Raises `OSError` when it has ended."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        user, system = fields[11:13]  # utime and stime; before ")" there are two
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def find_engine(program: str = "dockerd") -> Engine | None:
    """The one that listens where `DOCKER_HOST`, or else Docker's habit, says; None where nobody
    does, where that is another machine, or where another program, like systemd, listens in its
    place."""
    address = os.environ.get("DOCKER_HOST", USUAL)
    scheme, _separator, path = address.partition("://")
    if scheme != "unix":
        return None
    with socket.socket(socket.AF_UNIX) as asking:
        try:
            asking.connect(path)
        except OSError:
            return None
        option = asking.getsockopt(
            socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size
        )
    pid = CREDENTIALS.unpack(option)[0]
    name = Path(f"/proc/{pid}/comm").read_text().strip()
    return Engine(pid) if name == program else None
