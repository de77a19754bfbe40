# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Rules that spoil answers, so that a client's behaviour in bad weather can be tested."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from fnmatch import fnmatchcase

from icr_sandbox.messages import Request, Response

KINDS = (
    "delay",
    "reset",
    "status",
    "html",
    "text",
    "empty",
    "truncate",
    "tear",
    "halve",
    "blank",
    "mistype",
    "close",
    "late",
)
# Those that spoil an answer which has to be there, or only the moment at which it is given.
_AFTER_WORK = frozenset(
    ["delay", "truncate", "tear", "halve", "blank", "mistype", "close", "late"]
)
_HTML = b"<html><head><title>Error</title></head><body><h1>Error</h1></body></html>"
_HTML_TYPE = ("Content-Type", "text/html; charset=utf-8")
_TEXT_TYPE = ("Content-Type", "text/plain; charset=utf-8")
_LONGEST_DELAY = 600.0
_LATEST = 366 * 24 * 3600.0


@dataclass
class Fault:
    """One rule. `service`, `region`, `method` None match any; `path` is a glob.

    `skip` matching calls pass first, then `calls` are spoiled (0: all that follow).
    `after` true lets the request do its work and spoils the answer only.
    """

    kind: str
    service: str | None = None
    region: str | None = None
    method: str | None = None
    path: str = "*"
    calls: int = 1
    skip: int = 0
    after: bool = False
    status: int = 503
    retry_after: str | None = None
    seconds: float = 0.0
    body: str | None = None
    id: int = 0

    @classmethod
    def from_dict(cls, given: dict[str, object]) -> Fault:
        """Raises ValueError naming what is wrong."""
        types = {item.name: str(item.type) for item in fields(cls) if item.name != "id"}
        for name, value in given.items():
            if name not in types:
                raise ValueError(f"unknown field {name}; known: {', '.join(types)}")
            if name == "retry_after" and isinstance(value, int):
                continue
            if not _fits(value, types[name]):
                raise ValueError(f"{name} is {types[name]}")
        fault = cls(**{"kind": "", **given})  # type: ignore[arg-type] # checked above
        if fault.kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        if fault.calls < 0 or fault.skip < 0:
            raise ValueError("calls and skip are >= 0")
        longest = _LATEST if fault.kind == "late" else _LONGEST_DELAY
        if not 0 <= fault.seconds <= longest:
            raise ValueError(f"seconds is between 0 and {longest:.0f}")
        if not 200 <= fault.status <= 599:
            raise ValueError("status is between 200 and 599")
        if fault.retry_after is not None:
            fault.retry_after = str(fault.retry_after)
        return fault

    def matches(self, request: Request) -> bool:
        return (
            self.service in (None, request.service)
            and self.region in (None, request.region)
            and self.method in (None, request.method)
            and fnmatchcase(request.path, self.path)
        )

    def lets_work_happen(self) -> bool:
        return self.after or self.kind in _AFTER_WORK

    def moves_clock(self) -> float:
        """So many seconds go by before the request is looked at."""
        return self.seconds if self.kind == "late" else 0.0

    def spoil(self, response: Response | None) -> Response:
        """The answer that is sent instead; `response` is None when no work was done."""
        if self.kind in _AFTER_WORK:
            return self._spoil_whole(response or Response(500))
        if self.kind == "reset":
            return Response(500, reset=True)
        headers = (
            () if self.retry_after is None else (("Retry-After", self.retry_after),)
        )
        body = None if self.body is None else self.body.encode()
        if self.kind == "html":
            return Response(self.status, body or _HTML, (_HTML_TYPE, *headers))
        if self.kind == "empty":
            return Response(self.status, b"", headers)
        return Response(self.status, body or b"Try later.\n", (_TEXT_TYPE, *headers))

    def _spoil_whole(self, whole: Response) -> Response:
        half = len(whole.body) // 2
        if self.kind == "delay":
            return replace(whole, delay=self.seconds)
        if self.kind == "truncate":
            return replace(whole, cut_after=half)
        if self.kind == "tear":
            return replace(whole, cut_after=half, reset=True)
        if self.kind == "halve":
            return replace(whole, body=whole.body[:half])
        if self.kind == "blank":
            return replace(whole, body=b"")
        if self.kind == "mistype":
            others = (h for h in whole.headers if h[0].lower() != "content-type")
            return replace(whole, headers=(_HTML_TYPE, *others))
        if self.kind == "close":
            headers = (*whole.headers, ("Connection", "close"))
            return replace(whole, headers=headers, cut_after=len(whole.body))
        return whole


def _fits(value: object, type_text: str) -> bool:
    if isinstance(value, bool):
        return type_text == "bool"
    if value is None:
        return "None" in type_text
    if isinstance(value, str):
        return type_text.startswith("str")
    if isinstance(value, int):
        return type_text in ("int", "float")
    return isinstance(value, float) and type_text == "float"


class Faults:
    """All rules, in the order in which they were made; the first that matches applies."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._made = 0

    def add(self, fault: Fault) -> Fault:
        self._made += 1
        fault.id = self._made
        self._rules.append(fault)
        return fault

    def clear(self) -> None:
        self._rules.clear()

    def as_list(self) -> list[dict[str, object]]:
        return [asdict(rule) for rule in self._rules]

    def take(self, request: Request) -> Fault | None:
        """The rule for this request, counted; a rule that is used up goes away."""
        for rule in self._rules:
            if not rule.matches(request):
                continue
            if rule.skip:
                rule.skip -= 1
                continue
            if rule.calls == 1:
                self._rules.remove(rule)
            elif rule.calls:
                rule.calls -= 1
            return rule
        return None
