# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What the real services leave open, or do now one way and now another."""

from __future__ import annotations

from dataclasses import asdict, dataclass

Value = str | int | float | bool

# A switch with a closed set of values; the first one is the default.
_CHOICES: dict[str, tuple[Value, ...]] = {
    "tokens": ("modern", "historical"),
    "bad_secret_status": (401, 400),
    "challenge_quoting": ("quoted", "unquoted"),
    "stale_etag_status": (409, 412),
    "gone_status": (404, 410),
    "key_limit_status": (409, 422),
    "locked_status": (409, 422),
    "disabled_key_status": (400, 401),
    "taken_namespace_status": (403, 409),
    "token_delete_status": (200, 204),
    "conflicting_policy": ("object", "id"),
}


@dataclass
class Switches:
    """See docs/sandbox.md for what each one means. Durations are in seconds."""

    tokens: str = "modern"
    bad_secret_status: int = 401
    challenge_quoting: str = "quoted"
    stale_etag_status: int = 409
    gone_status: int = 404
    key_limit_status: int = 409
    locked_status: int = 409
    disabled_key_status: int = 400
    taken_namespace_status: int = 403
    token_delete_status: int = 200
    conflicting_policy: str = "object"
    strict: bool = True
    identity_tokens: bool = False
    resource_group_check: bool = True
    policy_visibility_seconds: float = 0.0
    policy_enforcement_seconds: float = 0.0
    api_key_visibility_seconds: float = 0.0
    service_id_delete_conflicts: int = 0
    page_limit: int = 100

    def change(self, wanted: dict[str, object]) -> None:
        """Set the named switches, all or none. Raises ValueError naming what is wrong."""
        for name, value in wanted.items():
            self._check(name, value)
        for name, value in wanted.items():
            setattr(self, name, value)

    def _check(self, name: str, value: object) -> None:
        known = asdict(self)
        if name not in known:
            raise ValueError(f"unknown switch {name}; known: {', '.join(known)}")
        if name in _CHOICES:
            if value not in _CHOICES[name] or isinstance(value, bool):
                allowed = ", ".join(str(choice) for choice in _CHOICES[name])
                raise ValueError(f"{name} is one of {allowed}")
            return
        if isinstance(known[name], bool):
            if not isinstance(value, bool):
                raise ValueError(f"{name} is true or false")
            return
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"{name} is a number")
        if value < 0 or (isinstance(known[name], int) and not isinstance(value, int)):
            raise ValueError(f"{name} is a number, whole where the default is, >= 0")

    def as_dict(self) -> dict[str, Value]:
        return asdict(self)
