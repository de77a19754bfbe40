# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What the calls of IAM's APIs have in common: lists in pages, and orders without an answer.

Sources: https://cloud.ibm.com/apidocs/iam-identity-token-api,
https://cloud.ibm.com/apidocs/iam-policy-management
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from ansible_collections.icr.access.plugins.module_utils import _errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ansible_collections.icr.access.plugins.module_utils import (
        _caller,
        _refusals,
    )

_PAGE_SIZE = "100"  # the most that both APIs give


@dataclass(frozen=True)
class Paging:
    """How an API names the size of a page, and the page that is meant."""

    size: str
    token: str


IDENTITY_PAGES = Paging("pagesize", "pagetoken")
POLICY_PAGES = Paging("limit", "start")


def find(caller: _caller.Caller, url: str, action: str) -> _refusals.Answer | None:
    """The answer to a GET, None for what does not exist. Raises what `Caller.call` raises."""
    try:
        return caller.call("GET", url, action=action)
    except _errors.ApiError as error:
        if error.status != 404:
            raise
        return None


def order(caller: _caller.Caller, method: str, url: str, action: str) -> None:
    """A call that is answered with nothing. Raises what `Caller.call` raises, and
    `BadResponseError` for a page, which may come with 200 from a portal that did nothing."""
    answer = caller.call(method, url, action=action)
    if answer.body.strip():
        answer.document()


def delete(caller: _caller.Caller, url: str, action: str) -> None:
    """A DELETE; what is gone already is no error. Otherwise raises what `order` raises."""
    try:
        order(caller, "DELETE", url, action)
    except _errors.ApiError as error:
        if error.status != 404:
            raise


def pages(
    caller: _caller.Caller,
    url: str,
    query: Mapping[str, str],
    action: str,
    *,
    paging: Paging,
) -> Iterator[object]:
    """The elements of all pages of a list, which is named as the last part of the URL.

    Of the next page's address only its token is taken, because the address may name another
    host than the one that was reached. Raises what `Caller.call` raises, and
    `BadResponseError` for what is no such list, or has no end.
    """
    name = url.rstrip("/").rsplit("/", 1)[1]
    arguments = {**query, paging.size: _PAGE_SIZE}
    seen: set[str] = set()
    while True:
        answer = caller.call("GET", url, action=action, query=arguments)
        document = answer.document()
        elements = document.get(name)
        following = document.get("next")
        token = _page_token(following, paging)
        if not isinstance(elements, list) or (following and token is None):
            raise _errors.BadResponseError(
                f"{action} failed: {url} answers with what is no list of {name}.",
                url=url,
                status=answer.status,
            )
        yield from elements
        if token is None:
            return
        if token in seen:
            raise _errors.BadResponseError(
                f"{action} failed: {url} gives the same page again and again.",
                url=url,
                status=answer.status,
            )
        seen.add(token)
        arguments[paging.token] = token


def _page_token(following: object, paging: Paging) -> str | None:
    """From a URL, or from an object that holds one as `href` and may hold the token."""
    if isinstance(following, dict):
        token = following.get(paging.token)
        if isinstance(token, str) and token:
            return token
        following = following.get("href")
    if not isinstance(following, str):
        return None
    return parse_qs(urlsplit(following).query).get(paging.token, [None])[0]
