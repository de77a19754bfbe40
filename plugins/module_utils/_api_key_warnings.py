# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What somebody should know of an API key, although it keeps nothing from being done.
Everything here is pure."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import _api_key_plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.icr.access.plugins.module_utils import _identities


def warnings_of(
    key: Mapping[str, object] | None, want: _api_key_plan.Wanted, now: float
) -> list[str]:
    """Why nobody can log in with a key, as a result shows it, that is to be there."""
    if key is None:
        return []
    warnings = []
    if _api_key_plan.is_expired(key, now):
        warnings.append(
            f"{_label(key)} ended on {key['expires_at']}: nobody can log in with it. Set another "
            f"expires_at, or have another key take its place (rotate: always)."
        )
    if key["disabled"] and want.disabled is None:
        warnings.append(
            f"{_label(key)} is disabled: nobody can log in with it. If it was found in public, "
            f"which disables a key by itself, have another key take its place (rotate: always); "
            f"else set disabled: false."
        )
    return warnings


def still_open(key: Mapping[str, object]) -> str:
    """Why there is no other key although one is always to be made."""
    return (
        f"{_label(key)} stays in force, because the rotation before was not over: the key before "
        f"could still be used. If it is {key['id']} that has leaked, disable it (id: {key['id']}, "
        f"disabled: true) and run this again: a disabled key is followed by another at once."
    )


def left_behind(left: Sequence[_identities.ApiKey], want: _api_key_plan.Wanted) -> str:
    """What rotations have made and a removal without them leaves."""
    ids = ", ".join(key.id for key in left)
    return (
        f"Rotations of {want.name} have left {ids}, which can still be used: run this with "
        f"rotate: always to have them removed, too."
    )


def _label(key: Mapping[str, object]) -> str:
    return f"API key {key['id']} ({key['name']})"
