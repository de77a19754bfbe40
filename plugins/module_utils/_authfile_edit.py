# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The auth file of container clients, as a value: set a login, remove one, render.

Everything here is pure.
"""

from __future__ import annotations

import base64
import json

from ansible_collections.icr.access.plugins.module_utils import _authfile


def render(document: dict) -> bytes:
    """The bytes to write: tab-indented as Docker and Podman do it, UTF-8, keys in their order."""
    text = json.dumps(document, indent="\t", ensure_ascii=False)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        # Half of a surrogate pair, which only an escape can express.
        return json.dumps(document, indent="\t").encode("ascii")


def with_login(document: dict, host: str, username: str, secret: str) -> dict:
    """The document in which `host` has this login and no other.

    The entry stands where the plain spelling stood, else where the first other one did, else
    last.
    """
    keys = _authfile.keys_of(document, host)
    entry = _authfile.entry_of(document, keys[0]) if keys else {}
    auth = base64.b64encode(f"{username}:{secret}".encode("utf-8", "surrogatepass"))
    ours = {
        key: auth.decode("ascii") if key == "auth" else value
        for key, value in entry.items()
        if key == "auth" or key not in _authfile.CREDENTIAL_KEYS
    }
    ours.setdefault("auth", auth.decode("ascii"))
    auths = {}
    for key, value in _authfile.auths_of(document).items():
        if key not in keys:
            auths[key] = value
        elif key == keys[0]:
            auths[host] = ours
    auths.setdefault(host, ours)
    return _with_auths(document, auths)


def without_credentials(document: dict, host: str) -> dict:
    """The document in which entries for `host` stay, as clients with a helper leave them,
    but hold nothing secret."""
    keys = _authfile.keys_of(document, host)
    auths = dict(_authfile.auths_of(document))
    for key in keys:
        entry = _authfile.entry_of(document, key)
        if entry:
            auths[key] = {
                k: v for k, v in entry.items() if k not in _authfile.CREDENTIAL_KEYS
            }
    return _with_auths(document, auths) if keys else document


def without_login(document: dict, host: str) -> dict:
    """The document without any entry for `host`, in whatever spelling."""
    keys = _authfile.keys_of(document, host)
    auths = {
        key: value
        for key, value in _authfile.auths_of(document).items()
        if key not in keys
    }
    return _with_auths(document, auths) if keys else document


def _with_auths(document: dict, auths: dict) -> dict:
    return {**document, "auths": auths}
