# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Registries that accept any login, at once or each only when all have been asked.

In the latter case whoever asks them goes on at the same moment: that is how runs that start at
different times come to write at the same one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PATIENCE = 60.0


@contextmanager
def gate(width: int, *, is_open: bool = False) -> Iterator[list[str]]:
    """`host:port` of so many registries. Unless the gate is open, they answer 503 when one of
    them is not asked within a minute."""
    barrier = threading.Barrier(1 if is_open else width)

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.headers.get("Authorization") is None:
                self._answer(401, ("WWW-Authenticate", 'Basic realm="gate"'))
                return
            try:
                barrier.wait(_PATIENCE)
            except threading.BrokenBarrierError:
                self._answer(503)
            else:
                self._answer(200)

        def _answer(self, status: int, *headers: tuple[str, str]) -> None:
            self.send_response(status)
            for name, value in (*headers, ("Content-Type", "application/json")):
                self.send_header(name, value)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        # Its base calls it by this name.
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing: the plays tell what became of them."""

    with ExitStack() as open_doors:
        hosts = []
        for _number in range(width):
            server = open_doors.enter_context(
                ThreadingHTTPServer(("127.0.0.1", 0), Door)
            )
            server.daemon_threads = True
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            open_doors.callback(server.shutdown)
            hosts.append(f"127.0.0.1:{server.server_address[1]}")
        yield hosts
