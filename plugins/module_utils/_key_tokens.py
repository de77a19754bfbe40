# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""A registry token of the kind that works today: an API key with a stored value, of a service ID
that has no other purpose. Everything here is pure.

Source: https://cloud.ibm.com/docs/Registry?topic=Registry-registry_access
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _grants,
    _regions,
    _timestamps,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ansible_collections.icr.access.plugins.module_utils import _identities

USERNAME = "iamapikey"
_KEY_PREFIX = "ApiKey-"
# The whole description of a service ID of ours, but for the region that follows it.
_MARK = "icr.access.cr_token "
# In seconds: by then IBM Cloud has long shown a key everywhere.
_YOUTH = 600
_READER, _WRITER, _MANAGER = "Reader", "Writer", "Manager"


@dataclass(frozen=True)
class Access:
    """What a token opens: `namespaces` sorted, None for all of its region."""

    readwrite: bool
    namespaces: tuple[str, ...] | None = None

    @classmethod
    def of(cls, grants: Iterable[_grants.Grant], region: str) -> Access:
        """What grants amount to in a region. Whoever may push somewhere is told as such."""
        here = [grant for grant in grants if grant.region in (None, region)]
        names = {grant.namespace for grant in here}
        return cls(
            any({_WRITER, _MANAGER} & set(grant.roles) for grant in here),
            None if None in names else tuple(sorted(filter(None, names))),
        )

    def grants(self, region: str) -> tuple[_grants.Grant, ...]:
        """What gives exactly this. Raises `InputError` for what cannot be a namespace."""
        # Writer alone may push and pull, but not list what there is.
        roles = [_READER, _WRITER] if self.readwrite else [_READER]
        entry = {"roles": roles, "region": region, "namespaces": self.namespaces}
        return _grants.grants_of([entry], "namespaces")


def mark(region: str) -> str:
    """The description by which a service ID is known to be of a token for that region."""
    return _MARK + region


def region_of(service_id: _identities.ServiceId) -> str | None:
    """The region of the token whose service ID this is, None for a service ID of other people."""
    marks = {mark(region.name): region.name for region in _regions.REGIONS}
    return marks.get(service_id.description)


def named_keys(
    service_id: _identities.ServiceId, keys: Sequence[_identities.ApiKey]
) -> list[_identities.ApiKey]:
    """Those of its keys that are tokens, which have its name; the newest is first."""
    found = [key for key in keys if key.name == service_id.name]
    return sorted(found, key=_age, reverse=True)


def has_ended(key: _identities.ApiKey, now: float) -> bool:
    """Whether it has expired; one whose end cannot be read has not."""
    end = end_of(key)
    return end is not None and end <= now


def end_of(key: _identities.ApiKey) -> float | None:
    """When it ends in seconds since 1970, UTC; None for never, or what cannot be read."""
    try:
        return _timestamps.parse_moment(key.expires_at or "", "expires_at")
    except _errors.InputError:
        return None


def is_young(key: _identities.ApiKey, now: float) -> bool:
    """Whether it was made so lately that it may not be accepted everywhere yet; one whose
    beginning cannot be read counts as old."""
    return now - _beginning_of(key) < _YOUTH


def shown(key: _identities.ApiKey, access: Access) -> dict[str, object]:
    """What a module tells of a token, which is not a secret."""
    end = end_of(key)
    return {
        "token_id": key.id,
        "description": key.name,
        "readwrite": access.readwrite,
        "namespaces": None if access.namespaces is None else list(access.namespaces),
        "non_expiring": key.expires_at is None,
        "expires_at": key.expires_at if end is None else _timestamps.second_text(end),
    }


def refuse_value(token_id: str | None, hide: Callable[[str], object]) -> None:
    """Raises `InputError` for what is no id of an API key, such as its value, once `hide` has
    been given it."""
    if token_id is not None and not token_id.startswith(_KEY_PREFIX):
        hide(token_id)
        raise _errors.InputError(
            f"token_id takes the id of the token, which begins with {_KEY_PREFIX} with backend "
            f"iam, and not the token."
        )


def _age(key: _identities.ApiKey) -> tuple[float, float, str]:
    """To the minute, as IBM Cloud tells it, so that of two the one that ends later counts."""
    end = end_of(key)
    return _beginning_of(key), float("inf") if end is None else end, key.id


def _beginning_of(key: _identities.ApiKey) -> float:
    """When it was made in seconds since 1970, UTC; 0 for what cannot be read."""
    try:
        return _timestamps.parse_moment(key.created_at or "", "created_at")
    except _errors.InputError:
        return 0.0
