# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The requests of a module, as something may go wrong with each of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

EXCHANGE = "/identity/token"
# What is answered to a POST without making anything that could be there twice.
_HARMLESS_POSTS = (EXCHANGE, "/lock", "/disable", "/images/digests")
_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}")


@dataclass(frozen=True)
class Target:
    """One request of a run: number `turn` of its kind and `position` of all, from 0 on. In
    `path` each character of an id, which is another in each run, is a question mark."""

    service: str
    region: str | None
    method: str
    path: str
    turn: int
    position: int

    def __str__(self) -> str:
        path = re.sub(r"\?{8,}", "ID", self.path)
        number = f" #{self.turn + 1}" if self.turn else ""
        return f"{self.method} {path}{number}"

    @property
    def kind(self) -> tuple[str, str | None, str, str]:
        """What it has in common with others. Pure."""
        return self.service, self.region, self.method, self.path

    @property
    def may_be_repeated(self) -> bool:
        """Whether it makes nothing that would be there twice. Pure."""
        if self.method == "POST":
            return self.path.endswith(_HARMLESS_POSTS)
        return self.method != "PATCH"

    @property
    def may_be_renewed(self) -> bool:
        """Whether it carries a token in place of which IAM gives another: not the exchange
        itself, and no login with a registry. Pure."""
        is_login = self.service == "registry" and not self.path.startswith("/api/")
        return self.path != EXCHANGE and not is_login


def targets_of(journal: list[dict[str, Any]]) -> list[Target]:
    """Those that the sandbox has written down. Pure."""
    found: list[Target] = []
    for each in journal:
        path = _ID.sub(lambda match: "?" * len(match[0]), each["path"])
        kind = (each["service"], each["region"], each["method"], path)
        turn = sum(other.kind == kind for other in found)
        found.append(Target(*kind, turn=turn, position=len(found)))
    return found
