# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What may go wrong with a request, and which modules must succeed all the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.icr.access.tests.reliability.fault_matrix.targets import (
    Target,
)

# How far a fault reaches: to one request, from then on to all of its kind, or to all of any.
ONCE, ITS_LIKE, ALL = "once", "its like", "all"
# What has to succeed all the same: nothing; what may be sent again, as long as it happens once;
# what has a token that can be renewed, likewise; any request, likewise; any at all.
NOTHING, REPEATABLE, RENEWABLE, ANY_ONCE, ANY = range(5)
# Seconds: longer than a token lives.
_LONG = 4000.0
# Of these, a module tells how often it has tried.
_TRANSIENT = ("refused", "reset", "torn", "stall", "429", "5xx")


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong. `rule` is the sandbox's, but for which request it is about;
    `told` is found in a message about it; `options` are the module's; `methods` empty are all.
    """

    column: str
    name: str
    rule: Mapping[str, object]
    told: str
    survivors: int = NOTHING
    reach: str = ONCE
    methods: tuple[str, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name if self.reach == ONCE else f"{self.name} ({self.reach})"

    @property
    def refuses(self) -> bool:
        """Whether it takes `Refusals`, for which connections end after each answer. Pure."""
        return self.rule == _CLOSE

    @property
    def is_transient(self) -> bool:
        """Whether the same may succeed when it is asked again. Pure."""
        return self.column in _TRANSIENT

    @property
    def most_tries(self) -> int:
        """How often a module sends a request that goes wrong every time. Pure."""
        return int(str(self.options.get("retries", 3))) + 1

    @property
    def seconds_lost(self) -> float:
        """By how much the cloud's clock is ahead afterwards. Pure."""
        return _LONG if self.rule == _EXPIRED else 0.0

    def applies_to(self, target: Target) -> bool:
        """Whether that may happen to the request. Pure."""
        if self.rule == _UNKNOWN and self.reach != ONCE:
            # said of a value with any token, it means that nobody has such a key
            return not target.path.endswith("/apikeys/details")
        return not self.methods or target.method in self.methods

    def must_be_survived(self, target: Target) -> bool:
        """Whether a module has to succeed although this happens to that request. Pure."""
        if self.survivors == ANY or self.reach != ONCE:
            return self.survivors == ANY
        if self.survivors == REPEATABLE:
            return target.may_be_repeated
        if self.survivors == RENEWABLE:
            return target.may_be_renewed
        return self.survivors == ANY_ONCE

    def rule_for(self, target: Target) -> dict[str, object]:
        """The sandbox's rule that has it happen to that request. Pure."""
        if self.refuses:
            return {**self.rule, "calls": 0}
        if self.reach == ALL:
            return {**self.rule, "skip": target.position, "calls": 0}
        service, region, method, path = target.kind
        where = {"service": service, "region": region, "method": method, "path": path}
        calls = 1 if self.reach == ONCE else 0
        return {**self.rule, **where, "skip": target.turn, "calls": calls}


def _status(status: int, **more: object) -> dict[str, object]:
    return {"kind": "status", "status": status, **more}


def _error(status: int, code: str, message: str) -> dict[str, object]:
    body = {"errors": [{"code": code, "message": message}]}
    return {"kind": "text", "status": status, "body": json.dumps(body)}


_CLOSE = {"kind": "close"}
_RESET, _RESET_LATE = {"kind": "reset"}, {"kind": "reset", "after": True}
_LOST = "broke|closed the connection|not HTTP"
# In seconds. What has to succeed needs a time-out that a busy machine keeps to.
_STALL, _NONE = {"kind": "delay", "seconds": 1.5}, "did not answer within"
_PATIENT, _HASTY = {"timeout": 1.0}, {"timeout": 0.3, "retries": 1}
_PAGE, _PAGE_LATE = _status(200, kind="html"), _status(200, kind="html", after=True)
_ODD = "answers|not as|what is no"
_EXPIRED = {"kind": "late", "seconds": _LONG}
_UNKNOWN = _error(401, "token_expired", "The token is expired.")
_STALE = _error(412, "etag_mismatch", "The tag is not the current one.")
_DENIED = "401|not permit"
_STALE_PAGE = _status(412, kind="html")
_PUT = ("PUT",)

FAULTS = (
    Fault("refused", "refused", _CLOSE, "refuses", ANY_ONCE),
    Fault("refused", "refused", _CLOSE, "refuses", reach=ALL),
    Fault("reset", "reset", _RESET, _LOST, REPEATABLE),
    Fault("reset", "reset", _RESET, _LOST, reach=ITS_LIKE),
    Fault("reset", "reset", _RESET, _LOST, reach=ALL),
    Fault("reset", "reset when done", _RESET_LATE, _LOST, REPEATABLE),
    Fault("reset", "reset when done", _RESET_LATE, _LOST, reach=ALL),
    Fault("torn", "torn", {"kind": "tear"}, _LOST, REPEATABLE),
    Fault("torn", "torn", {"kind": "tear"}, _LOST, reach=ITS_LIKE),
    Fault("torn", "cut off", {"kind": "truncate"}, _LOST, REPEATABLE),
    Fault("stall", "stall", _STALL, _NONE, REPEATABLE, options=_PATIENT),
    Fault("stall", "stall", _STALL, _NONE, reach=ITS_LIKE, options=_HASTY),
    Fault("429", "429", _status(429), "429", ANY_ONCE),
    Fault("429", "429", _status(429), "429", reach=ITS_LIKE),
    Fault("429", "429, 2 s", _status(429, retry_after=2), "429", ANY_ONCE),
    Fault("429", "429, 1 h", _status(429, retry_after=3600), "429.*Retry-After"),
    Fault("5xx", "500", _status(500), "500", REPEATABLE),
    Fault("5xx", "502", _status(502), "502", REPEATABLE),
    Fault("5xx", "503", _status(503), "503", reach=ITS_LIKE),
    Fault("5xx", "503", _status(503), "503", reach=ALL),
    Fault("5xx", "503, 2 s", _status(503, retry_after=2), "503", REPEATABLE),
    Fault("5xx", "503 when done", _status(503, after=True), "503", REPEATABLE),
    Fault("5xx", "504 in a page", _status(504, kind="html"), "504", REPEATABLE),
    Fault("5xx", "504, empty", _status(504, kind="empty"), "504", reach=ITS_LIKE),
    Fault("html", "page", _PAGE, _ODD),
    Fault("html", "page", _PAGE, _ODD, reach=ALL),
    Fault("html", "page when done", _PAGE_LATE, _ODD),
    Fault("json", "half JSON", {"kind": "halve"}, _ODD),
    Fault("json", "half JSON", {"kind": "halve"}, _ODD, reach=ITS_LIKE),
    Fault("empty", "empty", {"kind": "blank"}, _ODD),
    Fault("empty", "empty", {"kind": "blank"}, _ODD, reach=ITS_LIKE),
    Fault("type", "called HTML", {"kind": "mistype"}, _ODD, ANY),
    Fault("type", "called HTML", {"kind": "mistype"}, _ODD, ANY, reach=ALL),
    Fault("token", "token expired", _EXPIRED, _DENIED, RENEWABLE),
    Fault("token", "401", _UNKNOWN, _DENIED, RENEWABLE),
    Fault("token", "401", _UNKNOWN, _DENIED, reach=ITS_LIKE),
    Fault("etag", "412", _STALE, "412", methods=_PUT),
    Fault("etag", "412", _STALE, "412", reach=ITS_LIKE, methods=_PUT),
    Fault("etag", "412 in a page", _STALE_PAGE, "412", methods=_PUT),
)
COLUMNS = tuple(dict.fromkeys(fault.column for fault in FAULTS))
