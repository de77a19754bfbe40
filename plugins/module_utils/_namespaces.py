# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""A namespace of a regional registry: what may be its name, what the registry tells of it, and
what we tell. Everything here is pure.

Source: https://cloud.ibm.com/apidocs/container-registry, and for names
https://cloud.ibm.com/docs/Registry?topic=Registry-registry_setup_cli_namespace
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.icr.access.plugins.module_utils import _errors

_SHORTEST, _LONGEST = 4, 30
_CHARACTERS = re.compile(r"[a-z0-9_-]*")
_ENDS = re.compile(r"[a-z0-9](.*[a-z0-9])?")
_GROUP = re.compile(r"[!-~]+")  # what a header can carry, without white space


@dataclass(frozen=True)
class Namespace:
    """A namespace. `resource_group` is None for one from before there were groups; moments are
    texts such as `2026-10-01 12:00:00`, as the registry writes them."""

    name: str
    account_id: str | None = None
    crn: str | None = None
    resource_group: str | None = None
    created_at: str | None = None
    updated_at: str | None = None

    @classmethod
    def from_wire(cls, element: object) -> Namespace:
        """From an element of the list. Raises `TypeError` for what is no namespace."""
        if not isinstance(element, dict):
            raise TypeError("no JSON object")
        name = _text(element, "name")
        if name is None:
            raise TypeError("no name")
        return cls(
            name=name,
            account_id=_text(element, "account"),
            crn=_text(element, "crn"),
            resource_group=_text(element, "resource_group"),
            created_at=_text(element, "created_date"),
            updated_at=_text(element, "updated_date"),
        )

    def as_result(self, region: str | None, registry: str) -> dict[str, object]:
        """What a module returns of it; `registry` is `host[:port]`."""
        return {
            "name": self.name,
            "region": region,
            "registry": registry,
            "account_id": self.account_id,
            "crn": self.crn,
            "resource_group": self.resource_group,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }


def check_name(name: str) -> str:
    """The name, when the registry would take it. Raises `InputError` with the reason if not."""
    reason = _why_no_name(name)
    if reason is not None:
        raise _errors.InputError(
            f"{name!r} cannot be the name of a namespace: {reason}. A name has {_SHORTEST} to "
            f"{_LONGEST} lower-case letters, digits, hyphens and underscores, and begins and "
            "ends with a letter or digit."
        )
    return name


def check_resource_group(group: str | None) -> str | None:
    """The id, when it could be one. Raises `InputError` if not."""
    if group is not None and not _GROUP.fullmatch(group):
        raise _errors.InputError(
            f"resource_group takes the id of a resource group, not {group!r}; "
            "`ibmcloud resource groups` shows the ids."
        )
    return group


def is_image_of(name: str, element: object) -> bool:
    """Whether an element of the list of digests is an image of the namespace of that name. It
    tells its repositories, as `de.icr.io/NAMESPACE/IMAGE`, as the keys of `repoTags`."""
    repositories = element.get("repoTags") if isinstance(element, dict) else None
    if not isinstance(repositories, dict):
        return False
    return any(_namespace_of(str(repository)) == name for repository in repositories)


def _namespace_of(repository: str) -> str:
    first, _slash, rest = repository.partition("/")
    # A namespace has neither dot nor colon in it, and a registry has one of them.
    return rest.partition("/")[0] if re.search("[.:]", first) else first


def _why_no_name(name: str) -> str | None:
    if "/" in name or "." in name:
        return "it is not to have the registry or an image in it"
    if not _SHORTEST <= len(name) <= _LONGEST:
        return f"it has {len(name)} characters"
    if not _CHARACTERS.fullmatch(name):
        return "not all of its characters are allowed"
    if not _ENDS.fullmatch(name):
        return "it begins or ends with a hyphen or underscore"
    return None


def _text(element: dict, key: str) -> str | None:
    value = element.get(key)
    return value if isinstance(value, str) and value else None
