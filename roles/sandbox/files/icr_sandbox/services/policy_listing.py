# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Filters and pages of policy lists.

Source: https://cloud.ibm.com/apidocs/iam-policy-management#list-policies
"""

from __future__ import annotations

from urllib.parse import urlencode

from icr_sandbox.messages import Request
from icr_sandbox.records import Policy
from icr_sandbox.services.policy_content import PolicyVersion, shown_frame
from icr_sandbox.switches import Switches
from icr_sandbox.wire_errors import policy_body_invalid, policy_query_unknown

_QUERY = frozenset(["account_id", "sort", "format", "state", "limit", "start"])
_FORMATS = (None, "include_last_permit", "display")
_LARGEST_PAGE = 100
_SORTS = (
    *("id", "type", "href", "state"),
    *("created_at", "created_by_id", "last_modified_at", "last_modified_by_id"),
)
# Filters by an attribute of the resource, and what the attribute is called.
_RESOURCE_FILTERS = {
    "service_type": "serviceType",
    "service_name": "serviceName",
    "service_group_id": "service_group_id",
}
# What no policy has here, so that filtering by it leaves none.
_NEVER = ("access_group_id", "tag_name", "tag_value")


def matches(policy: Policy, request: Request) -> bool:
    """Whether the filters of the query leave the policy in. Pure."""
    resource = {item.name: item.value for item in policy.resource}
    return (
        policy.state == (request.argument("state") or "active")
        and request.argument("iam_id") in (None, policy.subject)
        and request.argument("type") in (None, "access")
        and all(
            request.argument(name) in (None, resource.get(attribute))
            for name, attribute in _RESOURCE_FILTERS.items()
        )
        and all(request.argument(name) is None for name in _NEVER)
    )


def format_of(request: Request) -> str | None:
    """The query parameter `format`. Raises RefusalError for one that is unknown."""
    value = request.argument("format")
    if value not in _FORMATS:
        raise policy_body_invalid("format: include_last_permit or display is expected")
    return value


def list_page(
    request: Request,
    policies: list[Policy],
    version: PolicyVersion,
    switches: Switches,
) -> dict[str, object]:
    """The list object; paged only when `limit` or `start` is given. Raises
    RefusalError."""
    for name, _value in request.query:
        if switches.strict and name not in _QUERY | version.filters:
            raise policy_query_unknown(name)
    display = format_of(request)
    shown = [
        version.show(policy, request.base_url(), display)
        for policy in _sorted(request, policies)
    ]
    limit, start = request.argument("limit"), request.argument("start")
    if limit is None and start is None:
        return {"policies": shown}
    size = min(_number("limit", limit or str(_LARGEST_PAGE), 1), switches.page_limit)
    offset = _number("start", start or "0", 0)
    answer: dict[str, object] = {
        "limit": size,
        "first": {"href": _href(request, size, 0)},
        "policies": shown[offset : offset + size],
    }
    if offset:
        before = max(offset - size, 0)
        answer["previous"] = {
            "href": _href(request, size, before),
            "start": str(before),
        }
    if offset + size < len(shown):
        after = offset + size
        answer["next"] = {"href": _href(request, size, after), "start": str(after)}
    return answer


def _sorted(request: Request, policies: list[Policy]) -> list[Policy]:
    sort = request.argument("sort")
    if sort is None:
        return policies
    name = sort.lstrip("-")
    if name not in _SORTS:
        raise policy_body_invalid("sort: it cannot be sorted by")
    return sorted(
        policies,
        key=lambda policy: str(shown_frame(policy, "")[name]),
        reverse=sort.startswith("-"),
    )


def _number(name: str, text: str, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        raise policy_body_invalid(f"{name}: a number from {least} on is expected")
    return min(int(text), _LARGEST_PAGE) if name == "limit" else int(text)


def _href(request: Request, size: int, start: int) -> str:
    kept = [
        (name, value) for name, value in request.query if name not in ("limit", "start")
    ]
    query = urlencode([*kept, ("limit", size), ("start", start)])
    return f"{request.base_url()}{request.path}?{query}"
