# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The connection to this machine, which fails once: for the task whose number is in a file."""

from __future__ import annotations

import os
from pathlib import Path

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = r"""
name: refusing
short_description: Fail once
description:
  - The file C(refuse-HOST) in the home folder says how many tasks reach the host before one does not.
author:
  - Contributors to the icr.access project (@icr-access)
"""


class Connection(Local):
    """One for each task."""

    transport = "refusing"

    def _connect(self) -> Connection:
        if not self._connected:
            self._count_down()
        super()._connect()
        return self

    def _count_down(self) -> None:
        path = Path(os.environ["HOME"], f"refuse-{self._play_context.remote_addr}")
        if not path.exists():
            return
        left = int(path.read_text())
        if left:
            path.write_text(str(left - 1))
        else:
            path.unlink()
            raise AnsibleConnectionFailure("The host has gone away for a moment.")
