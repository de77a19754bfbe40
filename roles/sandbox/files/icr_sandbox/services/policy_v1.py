# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Policies in the words of version 1: lists of subjects and resources, attributes by name.

Source: https://cloud.ibm.com/apidocs/iam-policy-management#create-policy
"""

from __future__ import annotations

from icr_sandbox.messages import Request
from icr_sandbox.permissions import Attribute
from icr_sandbox.records import Policy
from icr_sandbox.services.json_body import JsonBody
from icr_sandbox.services.policy_content import (
    OPERATORS,
    PolicyVersion,
    WantedPolicy,
    checked_policy,
    open_body,
    read_role,
    shown_frame,
    text_attribute,
)

_FILTERS = frozenset(
    ["iam_id", "access_group_id", "type", "service_type", "tag_name", "tag_value"]
)
# How a policy of version 2 looks here; see `_show`.
_UNSUPPORTED_ROLE = "crn:v1:bluemix:public:iam::::role:UnsupportedVersion"
_UNSUPPORTED_VALUE = "unsupported version"


def _read(request: Request, strict: bool) -> WantedPolicy:
    body = open_body(request)
    subject = _attributes(_one(body, "subjects"), strict)
    resource = _attributes(_one(body, "resources"), strict)
    roles = [read_role(role, strict) for role in body.inners("roles")]
    description = body.text("description")
    body.done(strict)
    return checked_policy(
        subject=subject, roles=roles, resource=resource, description=description
    )


def _one(body: JsonBody, name: str) -> JsonBody:
    found = body.inners(name)
    if len(found) != 1:
        raise body.refuse(name, "exactly one is expected")
    return found[0]


def _attributes(body: JsonBody, strict: bool) -> list[Attribute]:
    """`operator` may be left out here [documented]."""
    attributes = []
    for item in body.inners("attributes"):
        name, operator = item.required_text("name"), item.text("operator")
        attributes.append(text_attribute(item, name, operator or OPERATORS[0]))
        item.done(strict)
    body.done(strict)
    return attributes


def _show(policy: Policy, base_url: str, display: str | None) -> dict[str, object]:
    """A policy of version 2 is a placeholder that points to where it can be read
    [documented]. Pure."""
    subject, roles = policy.subject, policy.roles
    resource = [
        {"name": item.name, "value": item.value, "operator": item.operator}
        for item in policy.resource
    ]
    if policy.version != VERSION_1.number:
        subject, roles = _UNSUPPORTED_VALUE, [_UNSUPPORTED_ROLE]
        resource = [
            item if item["name"] == "accountId" else {**item, "value": subject}
            for item in resource
        ]
    return {
        **shown_frame(policy, base_url),
        "subjects": [{"attributes": [{"name": "iam_id", "value": subject}]}],
        "roles": [
            {"role_id": role, "display_name": role.rpartition(":")[2]} for role in roles
        ],
        "resources": [{"attributes": resource}],
    }


VERSION_1 = PolicyVersion(1, "/v1/policies", _FILTERS, _read, _show)
