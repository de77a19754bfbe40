# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What a caller may do, from policies alone. Pure throughout.

Follows the registry's own list of actions per role. Policies add up; nothing denies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

SERVICE = "container-registry"
IDENTITY_SERVICE = "iam-identity"

_READER = frozenset(
    {
        "image.pull",
        "image.list",
        "image.inspect",
        "namespace.list",
        "quota.get",
        "settings.get",
        "retention.get",
        "retention.list",
        "retention.analyze",
        "exemption.list",
    }
)
# No namespace.list and no image.list: automation that pushes often needs Reader beside it.
_WRITER = frozenset(
    {
        "image.push",
        "image.pull",
        "image.delete",
        "retention.set",
        "quota.get",
        "settings.get",
    }
)
_MANAGER = (
    _READER
    | _WRITER
    | {
        "namespace.create",
        "namespace.delete",
        "plan.get",
        "plan.set",
        "quota.set",
        "auth.get",
        "auth.set",
        "settings.set",
        "exemption.manager",
    }
)
_ACTIONS = {"Reader": _READER, "Writer": _WRITER, "Manager": _MANAGER}

SERVICE_ROLES = tuple(_ACTIONS)
PLATFORM_ROLES = ("Viewer", "Operator", "Editor", "Administrator")
_ROLE_CRN = re.compile(
    r"crn:v1:bluemix:public:(?:iam|container-registry)::::(?:serviceRole|role):(\w+)"
)


def canonical_role(crn: str) -> str | None:
    """The `iam::::` form of a role CRN in either form; None for a role that is unknown."""
    found = _ROLE_CRN.fullmatch(crn)
    return None if found is None else role_crn(found.group(1))


def role_crn(name: str) -> str | None:
    if name in SERVICE_ROLES:
        return f"crn:v1:bluemix:public:iam::::serviceRole:{name}"
    if name in PLATFORM_ROLES:
        return f"crn:v1:bluemix:public:iam::::role:{name}"
    return None


def actions_of(role: str) -> frozenset[str]:
    """The registry actions of a role by name; platform roles have none."""
    return _ACTIONS.get(role, frozenset())


Value = str | bool | tuple[str, ...]


@dataclass(frozen=True)
class Attribute:
    """One condition of a policy. `value` is a text for `stringEquals` and `stringMatch`,
    several for `stringEqualsAnyOf` and `stringMatchAnyOf`, and for `stringExists` whether
    there has to be one."""

    name: str
    value: Value
    operator: str = "stringEquals"

    def holds_for(self, actual: str | None) -> bool:
        if self.operator == "stringExists":
            return (actual is not None) == self.value
        if actual is None:
            return False
        if not self.operator.startswith("stringMatch"):
            return actual in self.texts()
        return any(
            fnmatchcase(actual, pattern.replace("[", "[[]")) for pattern in self.texts()
        )

    def texts(self) -> tuple[str, ...]:
        """The texts that the value gives, one or several or none."""
        if isinstance(self.value, bool):
            return ()
        return (self.value,) if isinstance(self.value, str) else self.value


@dataclass(frozen=True)
class Grant:
    """What a policy gives: role names, on what the attributes describe."""

    roles: frozenset[str]
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True)
class Target:
    """What an action is done to. `namespace` None means the account in that region."""

    account_id: str
    region: str
    namespace: str | None = None
    resource_group: str | None = None


def may(grants: Iterable[Grant], action: str, target: Target) -> bool:
    """Whether any of the grants permits the registry action on the target."""
    return any(
        any(action in _ACTIONS.get(role, ()) for role in grant.roles)
        and _covers(grant.attributes, target)
        for grant in grants
    )


def _covers(attributes: tuple[Attribute, ...], target: Target) -> bool:
    actual = {
        "accountId": target.account_id,
        "serviceName": SERVICE,
        "serviceType": "service",
        # The global registry is no region but a geography, and a region is not global.
        "region": None if target.region == "global" else target.region,
        "geography": "global" if target.region == "global" else None,
        "resourceType": None if target.namespace is None else "namespace",
        "resource": target.namespace,
        "resourceGroupId": None if target.namespace is None else target.resource_group,
    }
    # An attribute outside this table, such as a service instance, covers nothing here.
    return all(
        attribute.holds_for(actual.get(attribute.name)) for attribute in attributes
    )


def has_platform_role(
    grants: Iterable[Grant], roles: tuple[str, ...], account_id: str, service: str
) -> bool:
    """Whether one of the platform roles is held on the whole service in that account."""
    actual = {"accountId": account_id, "serviceName": service, "serviceType": "service"}
    return any(
        grant.roles & set(roles)
        and all(item.holds_for(actual.get(item.name)) for item in grant.attributes)
        for grant in grants
    )


def may_use_resource_group(
    grants: Iterable[Grant], account_id: str, group: str
) -> bool:
    """Whether any platform role is held on the resource group, as a new namespace needs."""
    spellings = (
        {"accountId": account_id, "resourceType": "resource-group", "resource": group},
        {"accountId": account_id, "resourceGroupId": group},
    )
    return any(
        grant.roles & set(PLATFORM_ROLES)
        and any(
            {"resource", "resourceGroupId", "resourceType"}
            & {item.name for item in grant.attributes}
            and all(item.holds_for(actual.get(item.name)) for item in grant.attributes)
            for actual in spellings
        )
        for grant in grants
    )
