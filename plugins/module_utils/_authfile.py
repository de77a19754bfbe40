# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The auth file of container clients, as a value: what clients read in it.

Everything here is pure. The format is that of Docker's `config.json` and of
containers-auth.json(5): `{"auths": {HOST: {"auth": BASE64("user:secret")}}, "credsStore":
HELPER, "credHelpers": {HOST: HELPER}}` and whatever else its client keeps there.
"""

from __future__ import annotations

import base64
import binascii

from ansible_collections.icr.access.plugins.module_utils import (
    _auth_document,
    _named_tuple,
    _registry_host,
)

DOCKER = "docker"
PODMAN = "podman"

# What clients read as credentials; other keys of an entry (an "email" of long ago) are not ours.
CREDENTIAL_KEYS = ("auth", "username", "password", "identitytoken", "registrytoken")


class Login(_named_tuple.NamedTuple):
    """What a client would use for a registry.

    `is_token` tells an identity or registry token, which wins over user name and secret;
    `is_tidy` tells that nothing else is kept for that registry: no second spelling of its
    host, no stale token, no form that one client reads and another does not.
    """

    username: str | None
    secret: str | None
    is_token: bool = False
    is_tidy: bool = True

    def __repr__(self) -> str:
        return f"Login({self.username!r}, is_tidy={self.is_tidy})"


def find_helper(document: dict, host: str, client: str) -> str | None:
    """The name of the credential helper that `client` uses for `host`, or None for the file.

    docker: `credHelpers` for that host, where an empty name means the file, else
    `credsStore`. podman: `credHelpers` only. Raises `MalformedError` for wrong types.
    """
    helpers = cred_helpers_of(document)
    if host in helpers:
        helper = helpers[host]
    elif client == DOCKER:
        helper = document.get("credsStore")
    else:
        helper = None
    if helper is not None and not isinstance(helper, str):
        raise _auth_document.MalformedError(
            "has a credential helper whose name is not a string"
        )
    return helper or None


def find_login(document: dict, host: str, client: str) -> Login | None:
    """What `client` reads from the file itself for `host`, or None without any entry.

    Raises `MalformedError` when `auths` or the entry is not an object.
    """
    keys = keys_of(document, host)
    if not keys:
        return None
    entry = entry_of(document, keys[0])
    username, secret = _decode(entry.get("auth"))
    if secret is None and client == DOCKER and not entry.get("auth"):
        username, secret = (
            text_of(entry.get("username")),
            text_of(entry.get("password")),
        )
    token = text_of(entry.get("identitytoken")) or text_of(entry.get("registrytoken"))
    if client == PODMAN and not entry.get("auth"):
        token = None
    credential_keys = [key for key in entry if key in CREDENTIAL_KEYS]
    is_tidy = keys == [host] and credential_keys == ["auth"]
    return Login(username, token or secret, bool(token), is_tidy)


def has_entry(document: dict, host: str) -> bool:
    """Whether any spelling of `host` has an entry, with or without credentials."""
    return bool(keys_of(document, host))


def auths_of(document: dict) -> dict:
    """The entries by their keys. Raises `MalformedError` when that is not an object."""
    auths = document.get("auths")
    if auths is None:
        return {}
    if not isinstance(auths, dict):
        raise _auth_document.MalformedError('has an "auths" that is not an object')
    return auths


def cred_helpers_of(document: dict) -> dict:
    """The names of helpers by hosts. Raises `MalformedError` when that is not an object."""
    helpers = document.get("credHelpers")
    if helpers is None:
        return {}
    if not isinstance(helpers, dict):
        raise _auth_document.MalformedError('has a "credHelpers" that is not an object')
    return helpers


def keys_of(document: dict, host: str) -> list[str]:
    """Every key that names `host`; the exact one first, because clients prefer it."""
    keys = [
        key
        for key in auths_of(document)
        if key == host or _registry_host.host_of_key(key) == host
    ]
    return sorted(keys, key=lambda key: key != host)


def entry_of(document: dict, key: str) -> dict:
    """The entry under that key. Raises `MalformedError` when that is not an object."""
    entry = auths_of(document)[key]
    if entry is None:
        return {}
    if not isinstance(entry, dict):
        from ansible_collections.icr.access.plugins.module_utils import _excerpt

        raise _auth_document.MalformedError(
            f'has an entry "{_excerpt.excerpt(key)}" that is not an object'
        )
    return entry


def _decode(auth: object) -> tuple[str | None, str | None]:
    """User name and secret of an `auth` value; None for both when it cannot be read."""
    if not isinstance(auth, str) or not auth:
        return None, None
    try:
        text = base64.b64decode(auth, validate=True).decode("utf-8", "surrogatepass")
    except (binascii.Error, ValueError):
        return None, None
    username, colon, secret = text.partition(":")
    return (username, secret) if colon else (None, None)


def text_of(value: object) -> str | None:
    """The value if it is a text that says something, else None."""
    return value if isinstance(value, str) and value else None
