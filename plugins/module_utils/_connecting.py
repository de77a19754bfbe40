# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Connecting to a server: by a proxy where one is named, with TLS where it is wanted."""

from __future__ import annotations

import os
import socket

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _wire,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from ansible_collections.icr.access.plugins.module_utils import _tls


def open_wire(
    origin: _wire.Origin,
    *,
    deadline: float,
    timeout: float,
    tls: Callable[[], _tls.Trust],
) -> _wire.Wire:
    """Connect to the origin, through the proxy that the environment names for it, if any.

    All of it until `deadline`, a time of `time.monotonic()`, which is `timeout` seconds from the
    beginning; but Python cannot interrupt the look-up of a name. `tls` is asked whom to
    trust when the origin is https.
    Raises `TransportError` and its children, `InputError` (CA, proxy).
    """
    trust = tls() if origin.scheme == "https" else None
    try:
        return _open(origin, trust, deadline, timeout)
    except _wire.GrownTrustError:  # once, because there is no more to trust then
        return _open(origin, trust, deadline, timeout)


def _open(
    origin: _wire.Origin, trust: _tls.Trust | None, deadline: float, timeout: float
) -> _wire.Wire:
    proxy = None
    if origin.scheme == "https" and not origin.is_loopback and _names_proxy():
        # nearly no host has one, so nearly none loads this
        from ansible_collections.icr.access.plugins.module_utils import _proxy

        proxy = _proxy.find_proxy(origin.host, origin.port)
    nearest = _wire.Origin("http", proxy.host, proxy.port) if proxy else origin
    where = f"the proxy {nearest.address}" if proxy else nearest.address
    try:
        wire = _connect(nearest, deadline)
    except (OSError, UnicodeError) as error:
        raise _loss(error, where, timeout) from error
    try:
        if proxy:
            proxy.open_tunnel(wire, origin.address)
            where = f"{origin.address} through {where}"
        if trust:
            # only where https is spoken, because Python's TLS is large
            from ansible_collections.icr.access.plugins.module_utils import _tls

            _tls.start_tls(wire, trust, origin.host, where)
    except OSError as error:
        wire.socket.close()
        raise _loss(error, where, timeout) from error
    except (_errors.TransportError, _wire.GrownTrustError):
        wire.socket.close()
        raise
    return wire


def _loss(error: Exception, where: str, timeout: float) -> _errors.TransportError:
    from ansible_collections.icr.access.plugins.module_utils import _lost

    return _lost.lost(error, where, timeout)


def _names_proxy() -> bool:
    return bool(os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy"))


def _connect(origin: _wire.Origin, deadline: float) -> _wire.Wire:
    found = socket.getaddrinfo(origin.host, origin.port, 0, socket.SOCK_STREAM)
    last_error = OSError("the name has no address")
    for left, (family, kind, protocol, _name, address) in zip(
        range(len(found), 0, -1), found
    ):
        wire = _wire.Wire(socket.socket(family, kind, protocol), deadline)
        try:
            # an address that swallows everything must not use up the time of the others
            wire.limit(share=left)
            wire.socket.connect(address)
            wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            wire.socket.close()
            last_error = error
        else:
            return wire
    raise last_error
