# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What counts as the host of a registry, and which spellings of one clients have used. Pure.

Without regular expressions: every login asks here, and to compile them would cost more than
all the rest of its questions.
"""

from __future__ import annotations

_DIGITS = frozenset("0123456789")
_NAME = _DIGITS | frozenset("abcdefghijklmnopqrstuvwxyz_.-")
_IPV6 = _DIGITS | frozenset("abcdef:.")
_SCHEME = _DIGITS | frozenset("abcdefghijklmnopqrstuvwxyz+.-")
_WHOLE_REGISTRY = ("", "/", "/v1", "/v1/", "/v2", "/v2/")


def split_scheme(url: str) -> tuple[str | None, str]:
    """Scheme in lower case and what follows `://`; None and everything without a scheme. Pure."""
    scheme, separator, rest = url.partition("://")
    scheme = scheme.lower()
    if separator and scheme[:1].isalpha() and _SCHEME.issuperset(scheme):
        return scheme, rest
    return None, url


def is_host(host: str) -> bool:
    """Whether this is `host[:port]` in lower case, IPv6 in brackets. Pure."""
    port = _split(host)[1]
    return is_host_like(host) and 1 <= int(port or 1) <= 65535


def is_host_like(host: str) -> bool:
    """Whether this looks like `host[:port]`; the port may be one that nobody has. Pure."""
    name, port = _split(host)
    if port is not None and not (0 < len(port) <= 5 and _DIGITS.issuperset(port)):
        return False
    if name[:1] == "[":
        return name[-1] == "]" and len(name) > 2 and _IPV6.issuperset(name[1:-1])
    return _NAME.issuperset(name) and not {name[:1], name[-1:]} & {"", ".", "-"}


def is_loopback(host: str) -> bool:
    """Whether `host[:port]` is this machine by its name alone. Pure."""
    name = _split(host)[0]
    return is_host_like(host) and (name == "[::1]" or is_loopback_name(name))


def is_loopback_name(name: str) -> bool:
    """Whether a host name or address without brackets is this machine by itself. Pure."""
    first, *others = name.split(".")
    is_ipv4 = first == "127" and len(others) == 3
    return name in ("localhost", "::1") or (
        is_ipv4 and all(0 < len(n) <= 3 and _DIGITS.issuperset(n) for n in others)
    )


def host_of_key(key: str) -> str | None:
    """`host[:port]` when an auth file's key names a whole registry in any of the spellings
    that clients have used (`https://HOST`, `HOST/v1/`), else None. Pure."""
    _scheme, rest = split_scheme(key.strip())
    host, slash, path = rest.partition("/")
    # the sign for Kelvin is a k in lower case, but no letter of a host
    host = host.lower() if host.isascii() else ""
    if not is_host_like(host) or slash + path not in _WHOLE_REGISTRY:
        return None
    return host


def _split(host: str) -> tuple[str, str | None]:
    """Name and port, None without a colon before the port."""
    name, colon, port = host.rpartition(":")
    return (host, None) if not colon or host[-1] == "]" else (name, port)
