# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""From method and path to the handler that answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from icr_sandbox import wire_errors
from icr_sandbox.messages import Call, Request, Response

Handler = Callable[[Call], Response]

_PLACE = re.compile(r"\{(\w+)(:path)?\}")


class Routes:
    """Patterns such as `/v1/apikeys/{id}`; `{name:path}` also takes slashes. A trailing
    slash makes no difference: IBM's own clients send it on some collections."""

    def __init__(self) -> None:
        self._fixed: dict[tuple[str, str], dict[str, Handler]] = {}
        self._patterns: dict[str, list[tuple[re.Pattern[str], dict[str, Handler]]]] = {}
        self._by_text: dict[tuple[str, str], dict[str, Handler]] = {}

    def add(self, service: str, method: str, pattern: str, handler: Handler) -> None:
        if "{" not in pattern:
            self._fixed.setdefault((service, pattern), {})[method] = handler
            return
        known = self._by_text.get((service, pattern))
        if known is None:
            known = self._by_text[(service, pattern)] = {}
            expression = _PLACE.sub(_group, pattern)
            self._patterns.setdefault(service, []).append(
                (re.compile(expression + "/?"), known)
            )
        known[method] = handler

    def find(self, request: Request) -> tuple[Handler, dict[str, str]]:
        """The handler and what the path says. Raises RefusalError with 404 or 405."""
        allowed: set[str] = set()
        for handlers, params in self._candidates(request.service, request.path):
            handler = handlers.get(request.method)
            if handler is not None:
                return handler, params
            allowed |= set(handlers)
        if allowed:
            raise wire_errors.no_method(request, ", ".join(sorted(allowed)))
        raise wire_errors.no_route(request)

    def _candidates(
        self, service: str, path: str
    ) -> Iterator[tuple[dict[str, Handler], dict[str, str]]]:
        fixed = self._fixed.get((service, path.rstrip("/") or "/"))
        if fixed is not None:
            yield fixed, {}
        for pattern, handlers in self._patterns.get(service, ()):
            found = pattern.fullmatch(path)
            if found:
                yield handlers, found.groupdict()


def _group(place: re.Match[str]) -> str:
    return f"(?P<{place.group(1)}>{'.+?' if place.group(2) else '[^/]+'})"
