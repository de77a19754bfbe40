# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Writing what was decided for the logins of a task."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _login_change,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.icr.access.plugins.module_utils import (
        _login_place,
        _login_plan,
    )


def check_applicable(
    places: Sequence[_login_place.Place], steps: Sequence[_login_plan.Step]
) -> None:
    """Raises `AuthFileError` when `apply` is bound to fail somewhere. Changes nothing."""
    for place in places:
        _login_change.check_changeable(place, wanted_in(place, steps))


def apply(
    places: Sequence[_login_place.Place], steps: Sequence[_login_plan.Step]
) -> tuple[list[str], list[str]]:
    """Writes what was decided, place by place. The files that were changed, and why others
    could not be: what goes wrong for one user does not keep the others from their logins."""
    written, failures = [], []
    for place in places:
        try:
            if _login_change.change(place, wanted_in(place, steps)):
                written.append(place.path)
        except _errors.AuthFileError as error:
            failures.append(str(error))
    return written, failures


def wanted_in(
    place: _login_place.Place, steps: Sequence[_login_plan.Step]
) -> dict[str, tuple[str, str] | None]:
    """User name and secret that each host is to have in a place, or None. Pure."""
    wanted = {}
    for step in steps:
        if step.place == place:
            new = step.decision.credential
            login = None if new is None else (new.username, new.secret)
            wanted[step.registry.host] = login
    return wanted
