# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What is, what is to be, and what has to be done about it. Everything here is pure."""

from __future__ import annotations

from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

NOTHING = "nothing"
CREATE = "create"
UPDATE = "update"
REMOVE = "remove"
_HIDDEN = "(hidden)"


@dataclass(frozen=True)
class Plan:
    """`before` and `after` show the resource, None where there is none; what the service will
    fill in is None in `after`. `changes` are the fields to be changed and their new values."""

    action: str
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None
    changes: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def nothing(cls, current: Mapping[str, object] | None) -> Plan:
        """All is as it should be."""
        return cls(NOTHING, current, current)

    @classmethod
    def create(cls, predicted: Mapping[str, object]) -> Plan:
        """There is none and one is wanted."""
        return cls(CREATE, None, predicted, predicted)

    @classmethod
    def remove(cls, current: Mapping[str, object]) -> Plan:
        """There is one and none is wanted."""
        return cls(REMOVE, current, None)

    @classmethod
    def update_if_different(
        cls, current: Mapping[str, object], wanted: Mapping[str, object]
    ) -> Plan:
        """`nothing`, or what in `current` has to be changed; see `differences`."""
        changes = differences(current, wanted)
        if not changes:
            return cls.nothing(current)
        return cls(UPDATE, current, {**current, **changes}, changes)

    @property
    def is_change(self) -> bool:
        """Whether anything is to be done."""
        return self.action != NOTHING

    def diff(self, secret: Collection[str] = ()) -> dict[str, dict[str, object]]:
        """What Ansible's diff mode shows, without the values of the fields in `secret`."""
        return {
            "before": redacted(self.before, secret),
            "after": redacted(self.after, secret),
        }


def differences(
    current: Mapping[str, object], wanted: Mapping[str, object]
) -> dict[str, object]:
    """The fields of `wanted` that `current` has not; None means that any value will do, and an
    empty text or list equals one that is missing."""
    return {
        name: value
        for name, value in wanted.items()
        if value is not None and (value or None) != (current.get(name) or None)
    }


def redacted(
    document: Mapping[str, object] | None, secret: Collection[str]
) -> dict[str, object]:
    """A copy in which the values of secret fields are hidden, where there are any."""
    return {
        name: _HIDDEN if name in secret and value else value
        for name, value in (document or {}).items()
    }
