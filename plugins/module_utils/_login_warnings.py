# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What the user should know of logins although nothing failed. Pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.icr.access.plugins.module_utils import (
        _login_place,
        _login_plan,
    )


def warnings_of(
    steps: Sequence[_login_plan.Step],
    seen: Sequence[tuple[_login_place.Place, _login_place.Seen]],
) -> list[str]:
    """What the user should know although nothing failed. Pure."""
    found = []
    for step in steps:
        host, place, stored = step.registry.host, step.place, step.stored
        if step.decision.credential is None:
            found += [
                f"The login for {key} in {path} stays: the log-out is from {host} alone."
                for path, key in stored.parts
            ]
            continue
        found += [
            f"In {path}, the login for {key} is preferred for what lies under {key}."
            for path, key in stored.parts
        ]
        if stored.shadow:
            found.append(
                f"{stored.shadowed_by} has a login for {host} too, which {place.client} "
                f"prefers to the one in {place.path}; state=absent removes both."
            )
        if stored.ignored_helper:
            found.append(
                f"{place.client} asks the credential helper {stored.ignored_helper} for "
                f"{host} and will not read the login in {place.path}, which is kept there "
                f"because of credential_store=file."
            )
    unreadable = [
        reason for _place, found_there in seen for reason in found_there.unreadable
    ]
    barred = [
        f"{reason} Without XDG_RUNTIME_DIR, {place.client} fails there as well when "
        f"{place.user.name} uses it."
        for place, found_there in seen
        for reason in found_there.out_of_reach
    ]
    return found + [f"Not looked at: {reason}" for reason in unreadable + barred]
