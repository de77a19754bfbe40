# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What was asked of the sandbox, in order, without a secret anywhere."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import asdict, dataclass

from icr_sandbox.messages import Call, Request

_MOST_ENTRIES = 10_000
_HIDDEN = "(hidden)"
# Anything as long as an API key that is no id could be a secret in the wrong place.
_LONG = re.compile(r"[\w=+-]{32,}")
_HEX = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_IDS = re.compile(
    r"(iam-)?(ApiKey|ServiceId|Profile)-[0-9a-f-]{36}|sha256:[0-9a-f]{64}"
)
# Query parameters whose values are no secrets, by the names that the services document.
_PLAIN = frozenset(
    [
        "account_id",
        "iam_id",
        "pagesize",
        "scope",
        "type",
        "sort",
        "order",
        "include_history",
        "include_activity",
        "filter",
        "group_id",
        "name",
        "state",
        "limit",
        "start",
        "format",
        "service_type",
        "service_name",
        "access_group_id",
        "tag_name",
        "tag_value",
        "service",
        "access_type",
        "offline_token",
        "client_id",
        "account",
        "n",
        "last",
        "digest",
        "mount",
        "from",
        "description",
        "permanent",
        "write",
        "secondaryOwner",
    ]
)
_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")


@dataclass(frozen=True)
class Entry:
    """One request. `identity` is an IAM id and `credential` the id of a key or token; both
    are None for a caller that was not recognised. `fault` is the kind that was injected."""

    number: int
    service: str
    region: str | None
    method: str
    path: str
    query: list[list[str]]
    status: int
    identity: str | None
    credential: str | None
    fault: str | None


class Journal:
    """The last 10,000 requests to the imitated services; the control port is left out."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_MOST_ENTRIES)
        self._count = 0

    def add(self, call: Call, status: int, fault: str | None) -> None:
        request = call.request
        self._count += 1
        self._entries.append(
            Entry(
                number=self._count,
                service=request.service,
                region=request.region,
                method=request.method,
                path=_plain_path(request.path),
                query=_plain_query(request),
                status=status,
                identity=call.identity,
                credential=call.credential,
                fault=fault,
            )
        )

    def as_list(self) -> list[dict[str, object]]:
        return [asdict(entry) for entry in self._entries]

    def clear(self) -> None:
        self._entries.clear()
        self._count = 0


def _plain_path(path: str) -> str:
    return "/".join(_plain(segment) for segment in path.split("/"))


def _plain(text: str) -> str:
    if _IDS.fullmatch(text) or _HEX.fullmatch(text):
        return text
    if _LONG.fullmatch(text) or _JWT.search(text):
        return _HIDDEN
    return text


def _plain_query(request: Request) -> list[list[str]]:
    return [[_plain(name), _plain_value(name, value)] for name, value in request.query]


def _plain_value(name: str, value: str) -> str:
    return _plain(value) if name in _PLAIN else _HIDDEN
