# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The filter `pull_secret`; its documentation is in pull_secret.yml."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from ansible.errors import AnsibleFilterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_REQUIRED = ("username", "password")
_KNOWN = (*_REQUIRED, "email")
# What Go's JSON encoder, and so kubectl, escapes although JSON does not ask for it.
_ESCAPED = str.maketrans(
    {
        "<": "\\u003c",
        ">": "\\u003e",
        "&": "\\u0026",
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
    }
)


def pull_secret(logins: object) -> str:
    """The value of `.dockerconfigjson` in a secret's `data`, base64. Pure.

    `logins` is `{HOST: {username, password[, email]}}`. The hosts are put in order, so that the
    same logins always give the same value. Raises `AnsibleFilterError`, without a secret in it.
    Format: what `kubectl create secret docker-registry` of Kubernetes 1.32 makes.
    """
    if not isinstance(logins, Mapping) or not logins:
        raise AnsibleFilterError(
            "pull_secret takes a dictionary of at least one registry host and its "
            f"username and password, not {_kind(logins)}."
        )
    auths = {_host(host): _entry(host, login) for host, login in logins.items()}
    text = json.dumps(
        {"auths": dict(sorted(auths.items()))},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return _base64(text.translate(_ESCAPED), "the result")


def _host(host: object) -> str:
    if not isinstance(host, str) or not host.strip():
        raise AnsibleFilterError(
            f"pull_secret: a registry host is text such as us.icr.io, not {_kind(host)}."
        )
    if any(letter.isspace() or not letter.isprintable() for letter in host):
        raise AnsibleFilterError(
            f"pull_secret: the registry host {str(host)!a} has white space or control "
            "characters in it, so that no client would find its login."
        )
    return str(host)


def _entry(host: object, login: object) -> dict[str, str]:
    if not isinstance(login, Mapping):
        raise AnsibleFilterError(
            f"pull_secret: {host} needs a dictionary with username and password, "
            f"not {_kind(login)}."
        )
    unknown = sorted(str(name) for name in login if name not in _KNOWN)
    if unknown:
        raise AnsibleFilterError(
            f"pull_secret: {host} has the unknown keys {', '.join(unknown)}; "
            f"known: {', '.join(_KNOWN)}."
        )
    entry = {name: _text(host, name, login.get(name)) for name in _REQUIRED}
    for name, text in entry.items():
        if text != text.strip():
            raise AnsibleFilterError(
                f"pull_secret: the {name} for {host} has white space around it, such as the end "
                "of the line it was read from; use the trim filter."
            )
    if ":" in entry["username"]:
        raise AnsibleFilterError(
            f"pull_secret: the username for {host} contains a colon, which no client "
            "could tell from the one before the password."
        )
    auth = _base64(":".join(entry.values()), f"the password for {host}")
    if login.get("email"):
        entry["email"] = _text(host, "email", login["email"])
    return {**entry, "auth": auth}


def _text(host: object, name: str, value: object) -> str:
    # A vaulted variable is no str for ansible-core 2.18, but becomes one.
    if hasattr(type(value), "__ENCRYPTED__"):
        value = str(value)
    if not isinstance(value, str) or not value:
        raise AnsibleFilterError(
            f"pull_secret: {name} for {host} has to be text that is not empty, "
            f"not {_kind(value)}."
        )
    return str(value)


def _kind(value: object) -> str:
    """What a value is, as YAML would say it, and never the value itself. Pure."""
    if value is None:
        return "nothing"
    for type_, words in (
        (bool, "a boolean"),
        ((int, float), "a number (put it in quotes)"),
        (str, "text" if value else "an empty text"),
        (Mapping, "a dictionary" if value else "an empty dictionary"),
        ((list, tuple), "a list"),
    ):
        if isinstance(value, type_):
            return words
    return type(value).__name__


def _base64(text: str, what: str) -> str:
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError:
        raise AnsibleFilterError(
            f"pull_secret: {what} contains something that is not text."
        ) from None
    return base64.b64encode(raw).decode("ascii")


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable]:
        return {"pull_secret": pull_secret}
