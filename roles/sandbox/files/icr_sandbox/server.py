# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Sockets, and nothing but sockets: one listener per service, one thread per connection."""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass

from icr_sandbox.http1 import BadRequestError, Connection
from icr_sandbox.messages import Request, Response
from icr_sandbox.regions import REGIONS

LOOPBACK = "127.0.0.1"
_BACKLOG = 128
# A client that says nothing for so long, in seconds, is gone; its thread may end.
_IDLE = 120.0

Handle = Callable[[Request], Response]


@dataclass(frozen=True)
class Listener:
    service: str
    region: str | None
    sock: socket.socket
    secure: bool

    @property
    def port(self) -> int:
        port: int = self.sock.getsockname()[1]
        return port


def service_order() -> list[tuple[str, str | None]]:
    """The services in the order of their ports, from `--port-base` on. Pure."""
    regions: list[tuple[str, str | None]] = [("registry", name) for name in REGIONS]
    return [("iam", None), ("control", None), *regions]


def listen(
    bind: str, port_base: int | None
) -> list[tuple[str, str | None, socket.socket]]:
    """A listening socket per service: free ports, or consecutive ones from `port_base`.
    Raises OSError when one cannot be had. The control port never leaves the loopback."""
    opened: list[tuple[str, str | None, socket.socket]] = []
    try:
        for offset, (service, region) in enumerate(service_order()):
            port = 0 if port_base is None else port_base + offset
            address = LOOPBACK if service == "control" else bind
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            sock = socket.create_server(
                (address, port), family=family, backlog=_BACKLOG
            )
            opened.append((service, region, sock))
    except OSError:
        for _service, _region, sock in opened:
            sock.close()
        raise
    return opened


class Server:
    """Serves until `stop`. With a TLS context every service but the control port is https."""

    def __init__(
        self,
        handle: Handle,
        *,
        bind: str = LOOPBACK,
        port_base: int | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._handle = handle
        self._tls = tls
        self.listeners = [
            Listener(service, region, sock, tls is not None and service != "control")
            for service, region, sock in listen(bind, port_base)
        ]
        self._selector = selectors.DefaultSelector()
        # Waking the loop up is what ends it: closing a socket under select() does not.
        self._waker, self._sleeper = socket.socketpair()
        self._waker.setblocking(False)

    def run(self) -> None:
        """Accept connections until `stop` is called, from any thread or a signal handler."""
        for listener in self.listeners:
            self._selector.register(listener.sock, selectors.EVENT_READ, listener)
        self._selector.register(self._sleeper, selectors.EVENT_READ, None)
        while True:
            for key, _events in self._selector.select():
                if key.data is None:
                    self._close()
                    return
                self._accept(key.data)

    @property
    def wakeup_fd(self) -> int:
        """A descriptor that does not block; whatever is written to it stops the server."""
        return self._waker.fileno()

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._waker.send(b"x")

    def _close(self) -> None:
        self._selector.close()
        for listener in self.listeners:
            listener.sock.close()
        self._waker.close()
        self._sleeper.close()

    def _accept(self, listener: Listener) -> None:
        try:
            sock, _address = listener.sock.accept()
        except OSError:
            return
        # A daemon on purpose: an open connection must not keep the process alive.
        threading.Thread(target=self._serve, args=(sock, listener), daemon=True).start()

    def _serve(self, sock: socket.socket, listener: Listener) -> None:
        with contextlib.suppress(OSError), self._prepared(sock, listener) as ready:
            self._converse(ready, listener)

    def _prepared(self, sock: socket.socket, listener: Listener) -> socket.socket:
        """The socket to speak on, TLS done. Raises OSError, the socket then closed."""
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(_IDLE)
            if listener.secure and self._tls is not None:
                return self._tls.wrap_socket(sock, server_side=True)
        except OSError:
            sock.close()
            raise
        return sock

    def _converse(self, sock: socket.socket, listener: Listener) -> None:
        connection = Connection(
            sock, listener.service, listener.region, listener.secure
        )
        open_ = True
        while open_:
            try:
                incoming = connection.read()
            except BadRequestError as error:
                connection.write(Response(error.status), method="GET", stays=False)
                return
            if incoming is None:
                return
            request, stays = incoming
            open_ = connection.write(
                self._handle(request), method=request.method, stays=stays
            )
