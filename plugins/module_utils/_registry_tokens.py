# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""A registry token: what the registry tells of it, and what we tell. Everything here is pure.

Source: IBM's client of that time, github.com/IBM-Cloud/bluemix-go
(api/container/registryv1/tokens.go).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.icr.access.plugins.module_utils import (
    _access_token,
    _errors,
    _timestamps,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

USERNAME = "token"
# ISO 8601 writes years with four digits.
_YEAR_10000 = 253402300800


@dataclass(frozen=True)
class RegistryToken:
    """A token, perhaps with its value. `expires_at` is in seconds since 1970, UTC, or None for a
    token that never expires."""

    id: str
    description: str = ""
    readwrite: bool = False
    expires_at: int | None = None
    is_revoked: bool = False
    value: str | None = field(default=None, repr=False)

    @classmethod
    def from_wire(cls, element: object) -> RegistryToken:
        """From an element of the list, without its value. Flags that are false, and the
        `expiry` of what never expires, may be left out.

        Raises `TypeError` or `ValueError` for what is no token.
        """
        if not isinstance(element, dict):
            raise TypeError("no JSON object")
        token_id, expiry = element.get("_id"), element.get("expiry") or 0
        if not isinstance(token_id, str) or not token_id:
            raise TypeError("no id")
        if not 0 <= expiry < _YEAR_10000:
            raise ValueError("no date")
        return cls(
            id=token_id,
            description=str(element.get("secondary_owner") or ""),
            readwrite=not element.get("readonly"),
            expires_at=int(expiry) or None,
            is_revoked=bool(element.get("revoked")),
        )

    @classmethod
    def from_value(cls, value: object) -> RegistryToken | None:
        """From the token itself, None when it does not tell its id. It tells neither its
        description nor its access."""
        claims = _access_token.read_claims(value) if isinstance(value, str) else None
        if claims is None or claims.token_id is None:
            return None
        return cls(claims.token_id, expires_at=claims.expires_at, value=str(value))

    def has_ended(self, now: float) -> bool:
        """Whether it has expired at the moment `now`, in seconds since 1970, UTC."""
        return self.expires_at is not None and self.expires_at <= now

    def is_alive(self, now: float) -> bool:
        """Whether it is accepted at that moment."""
        return not (self.has_ended(now) or self.is_revoked)

    def shown(self) -> dict[str, object]:
        """What a module tells of it, which is not a secret."""
        is_ending = self.expires_at is not None
        return {
            "token_id": self.id,
            "description": self.description,
            "readwrite": self.readwrite,
            # such a token opens all namespaces of its region
            "namespaces": None,
            "non_expiring": not is_ending,
            "expires_at": _timestamps.second_text(self.expires_at or 0)
            if is_ending
            else None,
        }


def refuse_value(token_id: str | None, hide: Callable[[str], object]) -> None:
    """Raises `InputError` for a token where its id belongs, once `hide` has been given it."""
    # How the JSON object at the start of every token is spelled, and no UUID.
    if token_id is not None and "eyJ" in token_id:
        hide(token_id)
        raise _errors.InputError("token_id takes the id of the token, not the token.")
