# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""A deadline for the answers that the Python library requests reads.

It knows how long to wait for the next bytes only: a server that sends one now and then could
hold a task for ever.
"""

from __future__ import annotations

import http.client
import io
import math
import socket
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from _typeshed import WriteableBuffer


class Deadline:
    """`moment` is a time of `time.monotonic()` at which reading ends: never, until it is set."""

    def __init__(self) -> None:
        self.moment = math.inf

    def keep(self, adapters: Iterable[Any]) -> None:
        """Have the answers to all requests that these adapters of requests send end at the
        deadline, directly or by a proxy. Reading beyond it raises `socket.timeout`."""
        for adapter in adapters:
            self._keep_in(adapter.poolmanager)
            adapter.proxy_manager_for = self._keeping_maker(adapter.proxy_manager_for)

    def _keeping_maker(self, make: Any) -> Any:
        def make_and_keep(*arguments: Any, **more: Any) -> Any:
            manager = make(*arguments, **more)
            self._keep_in(manager)
            return manager

        return make_and_keep

    def _keep_in(self, manager: Any) -> None:
        answer = type("TimedAnswer", (_TimedAnswer,), {"deadline": self})
        pools = {}
        for scheme, pool in manager.pool_classes_by_scheme.items():
            known = pool.ConnectionCls
            connection = type(known.__name__, (known,), {"response_class": answer})
            pools[scheme] = type(pool.__name__, (pool,), {"ConnectionCls": connection})
        # urllib3 has this attribute for whoever wants connections of another kind
        manager.pool_classes_by_scheme = pools


class _TimedAnswer(http.client.HTTPResponse):
    deadline: Deadline

    def __init__(self, end: socket.socket, *arguments: Any, **more: Any) -> None:
        super().__init__(end, *arguments, **more)
        raw = self.fp.detach()
        self.fp = io.BufferedReader(_TimedReader(raw, end, self.deadline))


class _TimedReader(io.RawIOBase):
    def __init__(
        self, raw: io.RawIOBase, end: socket.socket, deadline: Deadline
    ) -> None:
        self._raw = raw
        self._end = end
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        left = self._deadline.moment - time.monotonic()
        if left <= 0:
            raise socket.timeout("timed out")
        if left < math.inf:
            self._end.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        # the socket is closed for good when the last reader of it is
        self._raw.close()
        super().close()
