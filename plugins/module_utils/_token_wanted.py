# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What a token's options ask for, whichever backend makes it. Everything here is pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.icr.access.plugins.module_utils import (
    _durations,
    _errors,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LIFETIME = 24 * 3600  # seconds, of a token that expires


@dataclass(frozen=True)
class Wanted:
    """Either `description` or `token_id` names the token. `namespaces` are those that it opens,
    sorted, None for all of the region; `renew_before` is in seconds."""

    absent: bool
    description: str | None
    token_id: str | None
    readwrite: bool = False
    namespaces: tuple[str, ...] | None = None
    non_expiring: bool = False
    renew_before: int = 0


@dataclass(frozen=True)
class Outcome:
    """What a module tells of a token, None in each field where there is none, the token itself
    if there is one to be told, and whether anything was done for that."""

    told: Mapping[str, object]
    value: str | None = field(default=None, repr=False)
    is_change: bool = True


# What is told of a token that there is not.
NO_TOKEN: dict[str, object] = dict.fromkeys(
    (
        "token_id",
        "description",
        "readwrite",
        "namespaces",
        "non_expiring",
        "expires_at",
    )
)


def wanted(params: Mapping) -> Wanted:
    """From a module's options. Raises `InputError` for what makes no sense."""
    for option in ("description", "token_id"):
        if params[option] is not None and not params[option].strip():
            raise _errors.InputError(f"{option} is empty; which token is meant?")
    renew_before = _durations.parse_duration(
        params["renew_before"] or "0", "renew_before"
    )
    if renew_before >= LIFETIME and not params["non_expiring"]:
        raise _errors.InputError(
            f"renew_before is {params['renew_before']}, but a token lives 24 hours: it would be "
            "replaced in every run. Give less than 24h."
        )
    return Wanted(
        absent=params["state"] == "absent",
        description=params["description"],
        token_id=params["token_id"],
        readwrite=params["readwrite"],
        namespaces=_namespaces(params["namespaces"]),
        non_expiring=params["non_expiring"],
        renew_before=renew_before,
    )


def predicted(want: Wanted) -> dict[str, object]:
    """What is told of a token that is still to be made: its id and its end are the service's."""
    return {
        "token_id": None,
        "description": want.description,
        "readwrite": want.readwrite,
        "namespaces": None if want.namespaces is None else list(want.namespaces),
        "non_expiring": want.non_expiring,
        "expires_at": None,
    }


def _namespaces(given: Sequence[str] | None) -> tuple[str, ...] | None:
    if given is None:
        return None
    if not given or not all(name.strip() for name in given):
        raise _errors.InputError(
            "namespaces is empty, or one of them is. Name those that the token is to open, or "
            "leave the option out for all of the region."
        )
    return tuple(sorted({name.strip() for name in given}))
