# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Logins in files: what the tests of cr_login write there, expect there, and expect of it."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# `login(check_mode=False, diff=False, **options)`, a fixture.
Login = Callable[..., dict[str, Any]]

# Recognisable, and searched for in every result.
NEW = "n3w-s3cret-value-of-a-key"
OLD = "0ld-s3cret-value-of-a-key"
STALE = "id3ntity-token-s3cret-value"

KEY = {"api_key": NEW}
US, DE = "us.icr.io", "de.icr.io"


def entry(secret: str = NEW, username: str = "iamapikey") -> dict[str, str]:
    auth = base64.b64encode(f"{username}:{secret}".encode()).decode()
    return {"auth": auth}


def write(path: Path, document: Mapping[str, Any], mode: int = 0o600) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    path.chmod(mode)
    return path.read_bytes()


def auths_of(path: Path) -> Any:
    return json.loads(path.read_text())["auths"]


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def element(config: Path, registry: str = US, **given: Any) -> dict[str, Any]:
    """One of `registries` in the result."""
    return {
        "registry": registry,
        "region": {US: "us-south", DE: "eu-de"}.get(registry),
        "username": "iamapikey",
        "user": "me",
        "config_path": str(config),
        "store": "file",
        "verified": True,
        "reason": None,
        "permissions": {"pull": {}, "push": {}},
        "shadowed_by": None,
        **given,
    }


# What a log-out changes in an element.
ABSENT: dict[str, Any] = {"username": None, "verified": None, "permissions": {}}
