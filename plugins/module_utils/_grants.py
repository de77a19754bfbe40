# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Access to Container Registry as options and results say it. Everything here is pure.

Source: https://cloud.ibm.com/docs/Registry?topic=Registry-iam
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _regions,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Optional, Tuple

    # A region and a namespace.
    Target = Tuple[Optional[str], Optional[str]]

ROLES = ("Reader", "Writer", "Manager")
_NAMESPACE = re.compile("[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True)
class Grant:
    """What one policy gives: roles, each once and from Reader to Manager, in one region or in
    all (None), on one namespace or on all (None)."""

    roles: tuple[str, ...]
    region: str | None = None
    namespace: str | None = None

    @property
    def target(self) -> Target:
        """On what. IBM Cloud has room for one policy for each."""
        return self.region, self.namespace

    def __str__(self) -> str:
        what = f"namespace {self.namespace}" if self.namespace else "all namespaces"
        where = f"region {self.region}" if self.region else "all regions"
        return f"{' and '.join(self.roles)} on {what} in {where}"


def grants_of(entries: Iterable[Mapping], option: str = "access") -> tuple[Grant, ...]:
    """The grants for the entries `{roles, region, namespaces}` of an option, one for each
    namespace. Roles on the same add up.

    A region of None or `all` means all regions, namespaces of None all of them. Raises
    `InputError`, naming the option, for an entry that grants nothing, an unknown region or role
    and what cannot be a namespace; an empty list of namespaces is one that was computed and
    came out empty, and must not become all of them.
    """
    roles_on: dict[Target, set[str]] = {}
    for number, entry in enumerate(entries):
        label = f"{option}[{number}]"
        roles = set(entry["roles"] or ())
        if not roles:
            raise _errors.InputError(
                f"{label} grants nothing: give roles, some of {', '.join(ROLES)}."
            )
        unknown = sorted(roles - set(ROLES))
        if unknown:
            raise _errors.InputError(
                f"{label} names the role {unknown[0]!r}; there are {', '.join(ROLES)}."
            )
        region = _region_of(entry.get("region"))
        for namespace in _namespaces_of(entry.get("namespaces"), label):
            roles_on.setdefault((region, namespace), set()).update(roles)
    return tuple(
        Grant(in_order(roles), region, namespace)
        for (region, namespace), roles in roles_on.items()
    )


def as_access(grants: Iterable[Grant]) -> list[dict[str, object]]:
    """Grants the way options and results show them, in an order of their own: what gives the
    same roles in the same region is one entry. Reading it back gives the same grants."""
    gathered: dict[tuple[str, tuple[str, ...], bool], list[str]] = {}
    for grant in grants:
        key = (grant.region or "", grant.roles, grant.namespace is not None)
        gathered.setdefault(key, []).extend(filter(None, [grant.namespace]))
    return [
        {
            "roles": list(roles),
            "region": region or None,
            "namespaces": sorted(namespaces) if is_limited else None,
        }
        for (region, roles, is_limited), namespaces in sorted(gathered.items())
    ]


def _region_of(name: str | None) -> str | None:
    if name is None or name.strip().lower() == _regions.ALL:
        return None
    return _regions.get_region(name).name


def _namespaces_of(names: Sequence[str] | None, label: str) -> Sequence[str | None]:
    if names is None:
        return (None,)
    if not names:
        raise _errors.InputError(
            f"{label} has an empty list of namespaces; leave namespaces out to grant the roles on "
            f"all of them, or leave the entry out."
        )
    for name in names:
        if _NAMESPACE.fullmatch(name) is None:
            raise _errors.InputError(
                f"{label} names the namespace {name!r}, but namespaces consist of lower-case "
                f"letters, digits, - and _, without the registry before them."
            )
    return names


def in_order(roles: Iterable[str]) -> tuple[str, ...]:
    """Each of the known roles among these once, from Reader to Manager."""
    given = set(roles)
    return tuple(role for role in ROLES if role in given)
