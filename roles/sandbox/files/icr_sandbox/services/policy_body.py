# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Policies of version 1 as JSON: read strictly, written the way the service writes them.

Source: https://cloud.ibm.com/apidocs/iam-policy-management#create-policy
"""

from __future__ import annotations

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

_LONGEST_VALUE = 1000
_OPERATORS = ("stringEquals", "stringMatch")
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
        for attribute in self.resource:
            if attribute.name == name:
                return attribute.value
        return None


def read_policy(request: Request, strict: bool) -> WantedPolicy:
    """Raises RefusalError. Only access policies of IAM ids are imitated: authorizations
    between services, access groups and tags are refused rather than ignored."""
    body = JsonBody.of(request, POLICY, _invalid)
    if body.required_text("type") != "access":
        raise body.refuse("type", "access is expected")
    subject = _one(body, "subjects")
    subject_attributes = _attributes(subject, strict)
    if [attribute.name for attribute in subject_attributes] != ["iam_id"]:
        raise body.refuse("subjects", "one attribute iam_id is expected")
    subject.done(strict)
    resource_body = _one(body, "resources")
    resource = _attributes(resource_body, strict)
    resource_body.done(strict)
    roles = [_role(role, strict) for role in body.inners("roles")]
    wanted = WantedPolicy(
        subject=subject_attributes[0].value,
        roles=list(dict.fromkeys(roles)),
        resource=resource,
        description=body.text("description"),
    )
    body.done(strict)
    _check_resource(wanted)
    return wanted


def _invalid(name: str, reason: str) -> RefusalError:
    return policy_body_invalid(f"{name}: {reason}")


def _one(body: JsonBody, name: str) -> JsonBody:
    found = body.inners(name)
    if len(found) != 1:
        raise body.refuse(name, "exactly one is expected")
    return found[0]


def _role(role: JsonBody, strict: bool) -> str:
    given = role.required_text("role_id")
    # What the service itself adds to roles in its answers may come back.
    role.text("display_name")
    role.text("description")
    role.done(strict)
    crn = canonical_role(given)
    if crn is None:
        raise role_not_found(given)
    return crn


def _attributes(body: JsonBody, strict: bool) -> list[Attribute]:
    attributes = []
    for item in body.inners("attributes"):
        name, value = item.required_text("name"), item.required_text("value")
        operator = item.text("operator") or _OPERATORS[0]
        item.done(strict)
        if len(value) > _LONGEST_VALUE:
            raise item.refuse("value", "1 to 1000 characters are expected")
        if operator not in _OPERATORS:
            raise item.refuse("operator", "stringEquals or stringMatch is expected")
        attributes.append(Attribute(name, value, operator))
    names = [attribute.name for attribute in attributes]
    if len(set(names)) != len(names):
        raise body.refuse("attributes", "a name appears twice")
    return attributes


def _check_resource(wanted: WantedPolicy) -> None:
    """The rules of contents that the documentation gives."""
    names = {attribute.name for attribute in wanted.resource}
    on_group = wanted.value("resourceType") == "resource-group"
    if "accountId" not in names or not (names & _WHAT or on_group):
        raise _invalid(
            "resources",
            "accountId and one of serviceName, serviceType, resourceGroupId, "
            "service_group_id are expected",
        )
    if wanted.value("serviceName") != SERVICE:
        return
    region = wanted.value("region")
    if region is not None and region not in _CATALOG:
        raise _invalid("region", f"{region} is not a region of the catalog")
    if ("resourceType" in names) != ("resource" in names):
        raise _invalid("resources", "resourceType and resource go together")


def shape(policy: Policy, base_url: str) -> dict[str, object]:
    """The policy as the API shows it. Pure."""
    answer: dict[str, object] = {
        "id": policy.id,
        "type": "access",
        "subjects": [{"attributes": [{"name": "iam_id", "value": policy.subject}]}],
        "roles": [
            {"role_id": role, "display_name": role.rsplit(":", 1)[1]}
            for role in policy.roles
        ],
        "resources": [
            {
                "attributes": [
                    {"name": item.name, "value": item.value, "operator": item.operator}
                    for item in policy.resource
                ]
            }
        ],
        "href": f"{base_url}/v1/policies/{policy.id}",
        "created_at": milliseconds_text(policy.created_at),
        "created_by_id": policy.created_by,
        "last_modified_at": milliseconds_text(policy.modified_at),
        "last_modified_by_id": policy.modified_by,
        "state": policy.state,
    }
    if policy.description is not None:
        answer["description"] = policy.description
    return answer
