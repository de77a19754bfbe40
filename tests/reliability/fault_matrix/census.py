# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""All that there is in the cloud and on the host, without what is another in each try: ids, secrets, times."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.icr.access.tests.reliability.fault_matrix.stage import Stage
from icr_sandbox.state import State

Census = dict[str, list[Any]]


def census(stage: Stage) -> Census:
    """One sorted list for each kind of thing. Twins show as two equal elements, orphans by an
    owner that is None."""
    state = stage.cloud.app.state
    now = state.clock.now()
    lists: dict[str, Iterator[Any]] = {
        "service IDs": (
            (each.name, each.description, each.locked)
            for each in state.service_ids.values()
        ),
        "API keys": (
            (
                _owner(state, each.iam_id),
                *(each.name, each.description, each.locked, each.disabled),
                *(each.store_value, each.expires_at is not None),
            )
            for each in state.api_keys.values()
        ),
        "policies": (
            (
                _owner(state, each.subject),
                sorted(role.rsplit(":", 1)[1] for role in each.roles),
                sorted((a.name, str(a.value)) for a in each.resource),
            )
            for each in state.policies.values()
            if each.state == "active"
        ),
        "namespaces": (
            (*place, each.resource_group) for place, each in state.namespaces.items()
        ),
        "tokens of old": (
            (each.region, each.description, each.readonly, each.expiry > 0)
            for each in state.legacy_tokens.values()
            if not 0 < each.expiry <= now
        ),
        "files": (_file(stage, path) for path in stage.host.rglob("*")),
    }
    return {kind: sorted(map(repr, found)) for kind, found in lists.items()}


def has_working_credential(stage: Stage, known: set[str]) -> bool:
    """Whether one that somebody has can be used now: one of those values, one in a file of the
    host, one that IBM Cloud keeps; or a token of old."""
    state = stage.cloud.app.state
    values = known | {key.value for key in state.api_keys.values() if key.store_value}
    if stage.dest.exists():
        values.add(stage.dest.read_text().strip())
    keys = (state.key_by_value(value) for value in values - {stage.cloud.api_key})
    if any(key and not key.disabled and not state.is_expired(key) for key in keys):
        return True
    now = state.clock.now()
    return any(not 0 < each.expiry <= now for each in state.legacy_tokens.values())


def _owner(state: State, iam_id: str) -> str | None:
    identity = state.identity(iam_id)
    return None if identity is None else identity.name


def _file(stage: Stage, path: Path) -> tuple[object, ...]:
    mode = oct(path.stat().st_mode)
    if path == stage.dest:
        return path.name, mode, _whose(stage, path.read_text().strip())
    if path == stage.auth_file:
        document = json.loads(path.read_text())
        for host, entry in document["auths"].items():
            username, _colon, secret = (
                base64.b64decode(entry["auth"]).decode().partition(":")
            )
            document["auths"][host] = {
                **entry,
                "auth": (username, _whose(stage, secret)),
            }
        return path.name, mode, document
    return path.name, mode


def _whose(stage: Stage, secret: str) -> str:
    """The name of the key of that value; other secrets are the same in each try, or tokens."""
    key = stage.cloud.app.state.key_by_value(secret)
    if key is not None:
        return f"key {key.name}"
    return "a token" if secret.startswith("eyJ") else secret
