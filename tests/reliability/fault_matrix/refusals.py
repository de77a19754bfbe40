# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A server that refuses connections, which one that listens cannot do."""

from __future__ import annotations

import errno
import socket
from typing import Any

import pytest


class Refusals:
    """Between `begin` and `end`, connections of this process are refused; `count` tells how
    many were."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self._refused = range(0)
        self._seen = 0
        connect = socket.socket.connect

        def connect_or_refuse(sock: socket.socket, address: Any) -> None:
            number, self._seen = self._seen, self._seen + 1
            if number in self._refused:
                self.count += 1
                raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
            connect(sock, address)

        monkeypatch.setattr(socket.socket, "connect", connect_or_refuse)

    def begin(self, first: int, *, once: bool) -> None:
        """From the connection of that number on, counted from 0: that one, or all."""
        self._refused = range(first, first + 1 if once else 1_000_000)
        self._seen = self.count = 0

    def end(self) -> None:
        self._refused = range(0)
