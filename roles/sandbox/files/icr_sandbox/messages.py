# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Requests and responses as values, so that everything but the server works without a socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Headers = tuple[tuple[str, str], ...]
JSON_MEDIA_TYPE = "application/json"


@dataclass(frozen=True)
class Request:
    """One request. `service` is `iam`, `registry` or `control`; `region` is given for
    `registry` only. `path` is percent-decoded; header names are in lower case."""

    service: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    region: str | None = None
    secure: bool = False

    def header(self, name: str) -> str | None:
        return self.headers.get(name)

    def argument(self, name: str) -> str | None:
        """The first query parameter of that name."""
        for key, value in self.query:
            if key == name:
                return value
        return None

    def arguments(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]

    def media_type(self) -> str:
        return (self.headers.get("content-type") or "").split(";")[0].strip().lower()

    def form(self) -> list[tuple[str, str]] | None:
        """The fields of a form body, or None when the body is not declared to be one."""
        if self.media_type() != "application/x-www-form-urlencoded":
            return None
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    def base_url(self) -> str:
        """Scheme and authority as the client wrote them, also through a front."""
        forwarded = (self.headers.get("x-forwarded-proto") or "").lower()
        secure = (
            self.secure if forwarded not in ("http", "https") else forwarded == "https"
        )
        host = self.headers.get("host") or "localhost"
        return f"{'https' if secure else 'http'}://{host}"


@dataclass(frozen=True)
class Response:
    """One answer, and how the server is to spoil it: `delay` in seconds before it is sent;
    `cut_after` so many bytes of the body the connection ends; with `reset` it does so by a reset,
    and without `cut_after` before anything is sent."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Headers = ()
    delay: float = 0.0
    cut_after: int | None = None
    reset: bool = False

    def header(self, name: str) -> str | None:
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None

    def json(self) -> Any:
        return json.loads(self.body)


def json_response(status: int, value: object, headers: Headers = ()) -> Response:
    body = json.dumps(value, separators=(",", ":")).encode()
    return Response(status, body, (("Content-Type", JSON_MEDIA_TYPE), *headers))


@dataclass
class Call:
    """A request on its way through a service. The service notes who is calling, by id, for
    the journal; `trace` is the id that every answer to this request carries."""

    request: Request
    trace: str
    params: dict[str, str] = field(default_factory=dict)
    identity: str | None = None
    credential: str | None = None

    def note(self, identity: str | None, credential: str | None) -> None:
        self.identity = identity
        self.credential = credential
