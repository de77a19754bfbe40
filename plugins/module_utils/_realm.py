# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Where a credential may be sent. Pure."""

from __future__ import annotations

import re
from typing import Sequence

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _wire,
)

_LONGEST_REALM = 4096  # characters; what asks for a token is hardly longer


def check_realm(realm: str, registry: _wire.Origin, trusted: Sequence[str]) -> None:
    """Let pass the realm of a challenge that may be given the credential for `registry`.

    That is the registry's own host name at any port, or what `trusted` lists as `HOST` or
    `HOST:PORT`; by https, or by http when the registry is asked by http on this machine too.
    Raises `BadResponseError` for any other, naming it. Pure.
    """
    try:
        if len(realm) > _LONGEST_REALM:
            raise ValueError("longer than a URL")
        origin = _wire.Origin.of(realm)
    except ValueError:
        from ansible_collections.icr.access.plugins.module_utils import _excerpt

        raise _errors.BadResponseError(
            f"{registry.address} sends its clients to a token service whose URL is unusable: "
            f"{_excerpt.excerpt(realm)!r}."
        ) from None
    if origin.scheme == "http" and not (
        registry.scheme == "http" and registry.is_loopback and origin.is_loopback
    ):
        raise _errors.BadResponseError(
            f"{registry.address} sends its clients to {origin.address} without encryption "
            f"(http). The credential was not sent there.",
            url=realm,
        )
    if not is_own_host(origin, registry) and not _is_listed(origin, trusted):
        raise _errors.BadResponseError(
            f"{registry.address} sends its clients to another host for tokens, {origin.address}. "
            f"The credential was not sent there; if that host may have it, list {origin.host} in "
            f"trusted_realms.",
            url=realm,
        )


def is_own_host(origin: _wire.Origin, registry: _wire.Origin) -> bool:
    """Whether that is the registry's own host name, not less encrypted. Pure."""
    return origin.host.rstrip(".") == registry.host.rstrip(".") and not (
        origin.scheme == "http" and registry.scheme == "https"
    )


def _is_listed(origin: _wire.Origin, trusted: Sequence[str]) -> bool:
    for entry in trusted:
        host = re.sub(r"^https?://", "", entry.strip().lower()).split("/")[0]
        if host in (origin.host, origin.address, f"[{origin.host}]"):
            return True
    return False
