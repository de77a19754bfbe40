# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What a policy says, whichever version of the API it is said in, and the rules for it.

Source: https://cloud.ibm.com/apidocs/iam-policy-management#create-policy
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from icr_sandbox.clock import milliseconds_text
from icr_sandbox.messages import Request
from icr_sandbox.permissions import SERVICE, Attribute, canonical_role
from icr_sandbox.records import Policy
from icr_sandbox.regions import REGIONS
from icr_sandbox.services.json_body import JsonBody
from icr_sandbox.wire_errors import (
    POLICY,
    RefusalError,
    policy_body_invalid,
    role_not_found,
)

OPERATORS = ("stringEquals", "stringMatch")
_LONGEST_VALUE = 1000
_WHAT = frozenset({"serviceName", "serviceType", "resourceGroupId", "service_group_id"})
# Regions that the catalog knows for the registry. The global registry is no region.
_CATALOG = frozenset(REGIONS) - {"global"} | {"eu-fr2"}


@dataclass(frozen=True)
class WantedPolicy:
    """What a body asks for, checked in itself."""

    subject: str
    roles: list[str]
    resource: list[Attribute]
    description: str | None

    def value(self, name: str) -> str | None:
        return value_of(self.resource, name)


def value_of(resource: list[Attribute], name: str) -> str | None:
    """The text that the attribute has to equal or match; None without just one. Pure."""
    for attribute in resource:
        if attribute.name == name and isinstance(attribute.value, str):
            return attribute.value
    return None


@dataclass(frozen=True)
class PolicyVersion:
    """One version of the API: where it is, what its lists are filtered by, and how it
    reads (raising RefusalError) and shows a policy. `show` takes the policy, the base of
    URLs and the query parameter `format`."""

    number: int
    path: str
    filters: frozenset[str]
    read: Callable[[Request, bool], WantedPolicy]
    show: Callable[[Policy, str, str | None], dict[str, object]]


def open_body(request: Request) -> JsonBody:
    """The body of an access policy. Raises RefusalError for any other: authorizations
    between services are refused rather than ignored."""
    body = JsonBody.of(request, POLICY, invalid)
    if body.required_text("type") != "access":
        raise body.refuse("type", "access is expected")
    return body


def invalid(name: str, reason: str) -> RefusalError:
    return policy_body_invalid(f"{name}: {reason}")


def read_role(role: JsonBody, strict: bool) -> str:
    """The canonical CRN of one role. Raises RefusalError for a role that is unknown."""
    given = role.required_text("role_id")
    # What the service itself adds to roles in its answers may come back.
    role.text("display_name")
    role.text("description")
    role.done(strict)
    crn = canonical_role(given)
    if crn is None:
        raise role_not_found(given)
    return crn


def text_attribute(item: JsonBody, name: str, operator: str) -> Attribute:
    """One attribute with a text for its `value`. Raises RefusalError."""
    if operator not in OPERATORS:
        raise item.refuse("operator", "stringEquals or stringMatch is expected")
    return Attribute(name, _checked(item, item.required_text("value")), operator)


def texts_attribute(item: JsonBody, name: str, operator: str) -> Attribute:
    """One attribute with several texts. Raises RefusalError."""
    values = item.texts("value")
    if not values:
        raise item.refuse("value", "a list that is not empty is expected")
    return Attribute(name, tuple(_checked(item, value) for value in values), operator)


def _checked(item: JsonBody, value: str) -> str:
    if not 1 <= len(value) <= _LONGEST_VALUE:
        raise item.refuse("value", "1 to 1000 characters are expected")
    return value


def checked_policy(
    *,
    subject: list[Attribute],
    roles: list[str],
    resource: list[Attribute],
    description: str | None,
) -> WantedPolicy:
    """The policy, when it keeps the rules that the documentation gives. Raises
    RefusalError. Only policies of IAM ids are imitated: access groups are refused."""
    iam_id = value_of(subject, "iam_id")
    if iam_id is None or len(subject) != 1:
        raise invalid("subject", "one attribute iam_id is expected")
    names = [attribute.name for attribute in resource]
    if len(set(names)) != len(names):
        raise invalid("resource", "a name appears twice")
    wanted = WantedPolicy(
        subject=iam_id,
        roles=list(dict.fromkeys(roles)),
        resource=resource,
        description=description,
    )
    _check_resource(wanted, frozenset(names))
    return wanted


def _check_resource(wanted: WantedPolicy, names: frozenset[str]) -> None:
    on_group = wanted.value("resourceType") == "resource-group"
    if wanted.value("accountId") is None or not (names & _WHAT or on_group):
        raise invalid(
            "resource",
            "accountId and one of serviceName, serviceType, resourceGroupId, "
            "service_group_id are expected",
        )
    if wanted.value("serviceName") != SERVICE:
        return
    for attribute in wanted.resource:
        for region in attribute.texts() if attribute.name == "region" else ():
            if region not in _CATALOG:
                raise invalid("region", f"{region} is not a region of the catalog")
    if ("resourceType" in names) != ("resource" in names):
        raise invalid("resource", "resourceType and resource go together")


def shown_frame(policy: Policy, base_url: str) -> dict[str, object]:
    """The fields that both versions show alike. Pure."""
    shown: dict[str, object] = {
        "id": policy.id,
        "type": "access",
        "href": f"{base_url}/v{policy.version}/policies/{policy.id}",
        "created_at": milliseconds_text(policy.created_at),
        "created_by_id": policy.created_by,
        "last_modified_at": milliseconds_text(policy.modified_at),
        "last_modified_by_id": policy.modified_by,
        "state": policy.state,
    }
    if policy.description is not None:
        shown["description"] = policy.description
    return shown
