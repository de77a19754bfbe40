# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Policies in the words of version 2: one subject, one resource, attributes by key.

Source: https://cloud.ibm.com/apidocs/iam-policy-management#create-v2-policy
"""

from __future__ import annotations

from icr_sandbox.messages import Request
from icr_sandbox.permissions import Attribute
from icr_sandbox.records import Policy
from icr_sandbox.services.json_body import JsonBody
from icr_sandbox.services.policy_content import (
    PolicyVersion,
    WantedPolicy,
    checked_policy,
    open_body,
    read_role,
    shown_frame,
    text_attribute,
    texts_attribute,
)
from icr_sandbox.services.roles import shown_role

_FILTERS = frozenset(
    [
        *("iam_id", "access_group_id", "type", "service_type"),
        *("service_name", "service_group_id"),
    ]
)


def _read(request: Request, strict: bool) -> WantedPolicy:
    """Rules and patterns, which limit access to times, are unknown fields here."""
    body = open_body(request)
    subject = _attributes(_needed(body, "subject"), strict)
    resource = _attributes(_needed(body, "resource"), strict)
    control = _needed(body, "control")
    grant = _needed(control, "grant")
    roles = [read_role(role, strict) for role in grant.inners("roles")]
    description = body.text("description")
    for each in (grant, control, body):
        each.done(strict)
    return checked_policy(
        subject=subject, roles=roles, resource=resource, description=description
    )


def _needed(body: JsonBody, name: str) -> JsonBody:
    found = body.inner(name)
    if found is None:
        raise body.refuse(name, "it is missing")
    return found


def _attributes(body: JsonBody, strict: bool) -> list[Attribute]:
    attributes = []
    for item in body.inners("attributes"):
        key, operator = item.required_text("key"), item.required_text("operator")
        attributes.append(_attribute(item, key, operator))
        item.done(strict)
    body.done(strict)
    return attributes


def _attribute(item: JsonBody, key: str, operator: str) -> Attribute:
    """More operators than version 1 has [documented]."""
    if operator == "stringExists":
        if not item.has("value"):
            raise item.refuse("value", "it is missing")
        return Attribute(key, item.flag("value"), operator)
    if operator in ("stringEqualsAnyOf", "stringMatchAnyOf"):
        return texts_attribute(item, key, operator)
    return text_attribute(item, key, operator)


def _show(policy: Policy, base_url: str, display: str | None) -> dict[str, object]:
    """A policy of version 1 is shown converted [documented]. Names and actions of the
    roles are there with the format `display` only [documented]. Pure."""
    roles: list[dict[str, object]] = [
        shown_role(role) if display == "display" else {"role_id": role}
        for role in policy.roles
    ]
    return {
        **shown_frame(policy, base_url),
        "subject": {"attributes": [_shown(Attribute("iam_id", policy.subject))]},
        "control": {"grant": {"roles": roles}},
        "resource": {"attributes": [_shown(item) for item in policy.resource]},
    }


def _shown(attribute: Attribute) -> dict[str, object]:
    return {
        "key": attribute.name,
        "operator": attribute.operator,
        "value": attribute.value,
    }


VERSION_2 = PolicyVersion(2, "/v2/policies", _FILTERS, _read, _show)
