# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""When an API key is followed by another one, as users write it. Everything here is pure."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.icr.access.plugins.module_utils import (
    _durations,
    _errors,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

NEVER, IF_OLDER, ALWAYS = "never", "if_older", "always"
FOREVER = "forever"

ROTATION_OPTIONS: dict[str, dict] = {
    "rotate": {"type": "str", "choices": [NEVER, IF_OLDER, ALWAYS], "default": NEVER},
    "max_age": {"type": "str"},
    "keep_previous": {"type": "str", "default": "0s"},
}


@dataclass(frozen=True)
class Schedule:
    """When a key is followed by another, and how long it lives on after that. In seconds;
    `keep_previous` None is for ever."""

    rotate: str = NEVER
    max_age: int | None = None
    keep_previous: int | None = 0

    @property
    def is_on(self) -> bool:
        """Whether keys are followed by others at all."""
        return self.rotate != NEVER


def schedule_of(params: Mapping) -> Schedule:
    """From a module's options. Raises `InputError` for what makes no sense."""
    rotate, max_age = params["rotate"], params["max_age"]
    if (max_age is None) == (rotate == IF_OLDER):
        raise _errors.InputError(
            "max_age and rotate: if_older go together: give both, or neither."
        )
    kept = params["keep_previous"].strip().lower()
    schedule = Schedule(
        rotate,
        None if max_age is None else _durations.parse_duration(max_age, "max_age"),
        None if kept == FOREVER else _durations.parse_duration(kept, "keep_previous"),
    )
    if not schedule.is_on:
        return schedule
    if params["id"] is not None:
        raise _errors.InputError(
            "A key that id names cannot be rotated, because its id changes; give name alone."
        )
    if params["state"] == "present":
        if params["disabled"]:
            raise _errors.InputError(
                "rotate makes a key that can be used; leave disabled: true out."
            )
        if not params["wait"]:
            raise _errors.InputError(
                "rotate cannot do without wait: the present key is given up only when IBM Cloud "
                "accepts the new one."
            )
    return schedule
