# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What there is to complain of in what a module tells. Everything here is pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from ansible_collections.icr.access.plugins.module_utils._excerpt import forms_of

Result = dict[str, Any]

_LONGEST = 1200
# What only Python, or a program that was not expected to fail, says.
_RAW = re.compile(
    r"Traceback|MODULE FAILURE|\[?Errno|object at 0x|ConnectionPool|NoneType|Exception\b|"
    r"\w+Error\b|\bNone\b"
)
_SERVER = re.compile(r"127\.0\.0\.1:\d+|\bIAM answers\b")
_TOKEN = re.compile(r"eyJ[\w-]{8,}")


def failure_of(result: Result) -> str | None:
    """The text that tells what went wrong, None when nothing did."""
    if result.get("failed"):
        return str(result.get("msg", ""))
    for login in result.get("logins", ()):
        if login["valid"] is not True:
            return str(login["reason"])
    return None


def claims_of(result: Result) -> dict[str, object]:
    """What a module that succeeds tells it has found or proved: how many of everything, and
    which logins are good."""
    claims: dict[str, object] = {
        name: len(value) for name, value in result.items() if isinstance(value, list)
    }
    claims["verified"] = [each["verified"] for each in result.get("registries", ())]
    return claims


def of_text(text: str, told: str, sent: Collection[int]) -> Iterator[str]:
    """`told` is what a message about the fault has in it; `sent` how often each request that
    met it was sent: the message is about one of them."""
    if not text or "\n" in text:
        yield "is not one line"
    if len(text) > _LONGEST:
        yield f"is {len(text)} characters long"
    raw = _RAW.search(text)
    if raw:
        yield f"speaks Python ({raw[0]})"
    if not _SERVER.search(text):
        yield "does not say what was asked"
    if not re.search(told, text):
        yield f"does not say what came back ({told})"
    tries = {int(number) for number in re.findall(r"tried (\d+) times", text)}
    if not (tries or {1}) & set(sent):
        yield f"does not say that it was tried {max(sent)} times"


def of_secrets(result: Result, secrets: Iterable[str]) -> Iterator[str]:
    """Secrets in a result, but for those that its documentation announces."""
    text = json.dumps(_without_announced(result))
    for secret in secrets:
        if any(form in text for form in forms_of(secret)):
            yield "has a key in it"
    if _TOKEN.search(text):
        yield "has a token in it"


def times_sent(journal: list[dict[str, Any]]) -> list[int]:
    """How often each request that met a fault was sent. Pure."""
    kinds = Counter(
        (each["region"], each["method"], each["path"])
        for each in journal
        if each["fault"] is not None
    )
    return list(kinds.values())


def _without_announced(result: Result) -> Result:
    told = {name: value for name, value in result.items() if name != "token"}
    for name in ("api_key",):
        if isinstance(told.get(name), dict):
            told[name] = {**told[name], "value": None}
    for name, field in (("api_keys", "value"), ("tokens", "token")):
        told[name] = [{**each, field: None} for each in told.get(name, ())]
    return told
