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
from icr_sandbox.services.policy_body import shape
from icr_sandbox.switches import Switches
from icr_sandbox.wire_errors import policy_body_invalid

_QUERY = frozenset(
    [
        "account_id",
        "iam_id",
        "type",
        "service_type",
        "sort",
        "format",
        "state",
        "limit",
        "start",
    ]
)
_LARGEST_PAGE = 100
_SORTS = ("id", "type", "href", "created_at", "last_modified_at", "state")


def matches(policy: Policy, request: Request) -> bool:
    """Whether the filters of the query leave the policy in. Pure."""
    service_type = request.argument("service_type")
    return (
        policy.state == (request.argument("state") or "active")
        and request.argument("iam_id") in (None, policy.subject)
        and request.argument("type") in (None, "access")
        and (
            service_type is None
            or any(
                item.name == "serviceType" and item.value == service_type
                for item in policy.resource
            )
        )
    )


def list_page(
    request: Request, policies: list[Policy], switches: Switches
) -> dict[str, object]:
    """The list object; paged only when `limit` or `start` is given. Raises
    RefusalError."""
    for name, _value in request.query:
        if switches.strict and name not in _QUERY:
            raise policy_body_invalid(f"{name}: the query parameter is unknown")
    base = request.base_url()
    shown = [shape(policy, base) for policy in _sorted(request, policies)]
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
        key=lambda policy: str(shape(policy, "")[name]),
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
