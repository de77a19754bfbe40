# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The proxy between this host and a registry."""

from __future__ import annotations

import base64
import http.client
import urllib.request
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _wire,
)


@dataclass(frozen=True)
class Proxy:
    """Where to send `CONNECT`, and the `Proxy-Authorization` to send with it, if any."""

    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)

    def open_tunnel(self, wire: _wire.Wire, address: str) -> None:
        """Have the proxy at the other end pass everything on to `host:port`.

        Raises `TransportError` when it will not, `OSError` when the connection breaks.
        """
        lines = [f"CONNECT {address} HTTP/1.1", f"Host: {address}"]
        if self.authorization:
            lines.append(f"Proxy-Authorization: {self.authorization}")
        wire.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
        # It is typed for a socket, of which it only uses what a wire has too.
        answer = http.client.HTTPResponse(wire, method="CONNECT")  # type: ignore[arg-type]
        me = f"The proxy {self.host}:{self.port}"
        try:
            answer.begin()
        except ConnectionError:
            raise
        except http.client.HTTPException as error:
            raise _wire.LastingError(f"{me} answers what is not HTTP.") from error
        finally:
            answer.close()
        status = answer.status
        if status == 407:
            raise _wire.LastingError(
                f"{me} wants other credentials than HTTPS_PROXY gives."
            )
        if status != 200:
            kind = _errors.TransportError if status >= 500 else _wire.LastingError
            raise kind(f"{me} does not connect to {address}: it answers {status}.")


def find_proxy(host: str, port: int) -> Proxy | None:
    """The proxy for https to that host, by `HTTPS_PROXY` and `NO_PROXY` in upper or lower case.

    Raises `InputError` when the variable names something else than an http proxy. Reads the
    environment.
    """
    proxies = urllib.request.getproxies_environment()
    url = proxies.get("https")
    # Python documents none of this function, but all HTTP clients written in it rest on it
    bypass = urllib.request.proxy_bypass_environment  # type: ignore[attr-defined]
    if not url or bypass(f"{host}:{port}", proxies):
        return None
    parts = urlsplit(url if "://" in url else f"http://{url}")
    try:
        name, proxy_port = parts.hostname, parts.port or 80
    except ValueError:
        name, proxy_port = None, 0
    if parts.scheme != "http" or not name:
        raise _errors.InputError(
            f"HTTPS_PROXY names {_errors.without_query(url)}: only proxies of the form "
            f"http://HOST:PORT are spoken. Change it, or list {host} in NO_PROXY."
        )
    return Proxy(name, proxy_port, _authorization(parts.username, parts.password))


def _authorization(username: str | None, password: str | None) -> str | None:
    if username is None:
        return None
    pair = f"{unquote(username)}:{unquote(password or '')}".encode()
    return "Basic " + base64.b64encode(pair).decode("ascii")
