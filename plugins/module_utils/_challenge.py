# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What a server asks for in `WWW-Authenticate`, and where an answer may go. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_PIECE = re.compile(r'(?:"(?:[^"\\]|\\.)*"?|[^,"])+', re.DOTALL)
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETER = re.compile(
    rf"(?:(?P<scheme>{_TOKEN})\s+)?(?P<name>{_TOKEN})\s*=\s*(?P<value>.*)", re.DOTALL
)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"?', re.DOTALL)
_SCHEME = re.compile(rf"({_TOKEN})(?:\s|$)")
_BARE_SCHEMES = frozenset(("basic", "bearer", "digest", "negotiate", "ntlm"))


@dataclass(frozen=True)
class Challenge:
    """One challenge: scheme and parameter names in lower case, values as they were meant."""

    scheme: str
    parameters: dict[str, str] = field(default_factory=dict)


def parse_challenges(headers: list[str]) -> list[Challenge]:
    """All challenges of all `WWW-Authenticate` headers of one answer, in their order.

    Follows RFC 9110, section 11.6.1. Beyond it, a value without quotes may hold the characters
    of a URL, and commas: `realm=https://HOST/token,scope=repository:a/b:pull,push`. What
    cannot be understood is left out; the first of two parameters of one name counts. Pure.
    """
    return [challenge for header in headers for challenge in _parse(header)]


def choose(challenges: list[Challenge]) -> Challenge | None:
    """The challenge to answer: Bearer that names a realm, else Basic, else None. Pure."""
    for challenge in challenges:
        if challenge.scheme == "bearer" and challenge.parameters.get("realm"):
            return challenge
    for challenge in challenges:
        if challenge.scheme == "basic":
            return challenge
    return None


def _parse(header: str) -> list[Challenge]:
    found: list[Challenge] = []
    unquoted = None  # the parameter that a piece of nothing but a value continues
    for piece in (match.group().strip() for match in _PIECE.finditer(header)):
        parameter = _PARAMETER.fullmatch(piece)
        if parameter and parameter.group("value").strip("="):
            if parameter.group("scheme"):
                found.append(Challenge(parameter.group("scheme").lower()))
            unquoted = _add(found, parameter) if found else None
        elif unquoted and piece and piece.lower() not in _BARE_SCHEMES:
            found[-1].parameters[unquoted] += "," + piece
        else:
            scheme = _SCHEME.match(piece)
            if scheme:
                found.append(Challenge(scheme.group(1).lower()))
            unquoted = None
    return found


def _add(found: list[Challenge], parameter: re.Match[str] | None) -> str | None:
    """Store what the piece gives; the name of the value that may go on after a comma."""
    while parameter:
        name = parameter.group("name").lower()
        known = found[-1].parameters
        quoted = _QUOTED.match(parameter.group("value"))
        if quoted is None:
            known.setdefault(name, parameter.group("value"))
            return name
        known.setdefault(
            name, re.sub(r"\\(.)", r"\1", quoted.group(1), flags=re.DOTALL)
        )
        # some servers forget the comma between two quoted values
        rest = parameter.group("value")[quoted.end() :].strip()
        parameter = _PARAMETER.fullmatch(rest)
    return None
