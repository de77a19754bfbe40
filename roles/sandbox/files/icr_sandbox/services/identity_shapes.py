# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What the identity API's collections and entities share: shapes, paging, entity tags.

Source: https://cloud.ibm.com/apidocs/iam-identity-token-api
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from icr_sandbox import wire_errors
from icr_sandbox.clock import milliseconds_text, minute_text
from icr_sandbox.messages import Call, Headers, Request
from icr_sandbox.records import ApiKey, ServiceId
from icr_sandbox.state import State

_DEFAULT_PAGE = 20
_LARGEST_PAGE = 100

T = TypeVar("T")
Entity = ApiKey | ServiceId


def is_true(request: Request, name: str) -> bool:
    """A query parameter that is `true` or `false`. Raises RefusalError."""
    return _truth(request.argument(name), name)


def header_is_true(request: Request, name: str) -> bool:
    """A header that is `true` or `false`. Raises RefusalError."""
    return _truth(request.header(name.lower()), name)


def _truth(value: str | None, name: str) -> bool:
    if value not in (None, "", "true", "false"):
        raise wire_errors.field_invalid(name, "true or false is expected")
    return value == "true"


def check_query(request: Request, known: frozenset[str], strict: bool) -> None:
    """Raises RefusalError in strict mode for a parameter that is not documented."""
    for name, _value in request.query:
        if strict and name not in known:
            raise wire_errors.field_invalid(name, "the query parameter is unknown")


def check_entity_tag(call: Call, entity: Entity, stale_status: int) -> None:
    """`If-Match` has to be the current tag or `*`. Raises RefusalError."""
    given = call.request.header("if-match")
    if given is None:
        raise wire_errors.field_missing("If-Match")
    if given.strip('"') not in ("*", entity.revision.text):
        raise wire_errors.entity_tag_stale(stale_status)


def etag(entity: Entity) -> Headers:
    return (("Etag", entity.revision.text),)


def extras(call: Call, entity: Entity) -> dict[str, object]:
    """`history` and `activity`, each only when asked for."""
    shown: dict[str, object] = {}
    if is_true(call.request, "include_history"):
        shown["history"] = [
            {
                "timestamp": minute_text(event.moment),
                "iam_id": event.iam_id,
                "iam_id_account": event.account_id,
                "action": event.action,
                "params": event.params,
                "message": "",
            }
            for event in entity.history
        ]
    if is_true(call.request, "include_activity"):
        shown["activity"] = {
            "last_authn": (
                ""
                if entity.last_authn is None
                else milliseconds_text(entity.last_authn)
            ),
            "authn_count": entity.authn_count,
        }
    return shown


# --- paging ---


@dataclass(frozen=True)
class Page:
    """Where a listing stands: the filters it began with, and how far it has come."""

    filters: dict[str, str]
    offset: int
    size: int


def page_of(call: Call, filter_names: Sequence[str], state: State) -> Page:
    """From the query, or from its `pagetoken`, which keeps the filters of the first call.
    Raises RefusalError."""
    request = call.request
    size = _page_size(request)
    token = request.argument("pagetoken")
    if token is None:
        filters = {
            name: value
            for name in filter_names
            if (value := request.argument(name)) is not None
        }
        return Page(filters, 0, min(size, max(state.switches.page_limit, 1)))
    try:
        kept = json.loads(base64.urlsafe_b64decode(token.encode()))
        page = Page(dict(kept["filters"]), int(kept["offset"]), int(kept["size"]))
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise wire_errors.field_invalid("pagetoken", "it is not one of ours") from None
    return page


def _page_size(request: Request) -> int:
    text = request.argument("pagesize")
    if text is None:
        return _DEFAULT_PAGE
    if not text.isdecimal() or not 1 <= int(text) <= _LARGEST_PAGE:
        raise wire_errors.field_invalid("pagesize", "1 to 100 is expected")
    return int(text)


def sorted_by(
    entities: list[T],
    filters: dict[str, str],
    keys: dict[str, Callable[[T], object]],
) -> list[T]:
    """In the order that `sort` and `order` ask for; as made without them. Raises
    RefusalError for a key that is unknown."""
    order = filters.get("order", "asc")
    if order not in ("asc", "desc"):
        raise wire_errors.field_invalid("order", "asc or desc is expected")
    sort = filters.get("sort")
    if sort is None:
        return entities if order == "asc" else entities[::-1]
    if sort not in keys:
        raise wire_errors.field_invalid("sort", "it cannot be sorted by")
    key = keys[sort]
    return sorted(entities, key=lambda item: str(key(item)), reverse=order == "desc")


def listing(
    call: Call, name: str, entities: list[T], page: Page, show: Callable[[T], object]
) -> dict[str, object]:
    """The list object: `next` is a full URL, and its absence the end [documented]."""
    url = call.request.base_url() + call.request.path
    shown = entities[page.offset : page.offset + page.size]
    answer: dict[str, object] = {
        "offset": page.offset,
        "limit": page.size,
        "first": _url(url, page, 0),
    }
    if page.offset:
        answer["previous"] = _url(url, page, max(page.offset - page.size, 0))
    if page.offset + page.size < len(entities):
        answer["next"] = _url(url, page, page.offset + page.size)
    answer[name] = [show(entity) for entity in shown]
    return answer


def _url(url: str, page: Page, offset: int) -> str:
    kept = {"filters": page.filters, "offset": offset, "size": page.size}
    token = base64.urlsafe_b64encode(json.dumps(kept).encode()).decode()
    return f"{url}?{urlencode({'pagetoken': token, 'pagesize': page.size})}"
