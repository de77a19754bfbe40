# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What has to happen for an API key to be followed by another one. Everything here is pure.

A new key is called `NAME (next)` until its value is kept and accepted. Then the present key
becomes `NAME (previous)` and the new one `NAME`. So the names alone tell, after any
interruption, how far it came: `NAME` is always a key that somebody can use.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.icr.access.plugins.module_utils import (
    _api_key_plan,
    _errors,
    _rotation_schedule,
    _timestamps,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.icr.access.plugins.module_utils import (
        _identities,
        _rotation_schedule,
    )

_MINUTE = 60


@dataclass(frozen=True)
class Family:
    """The keys that share a name: those being made, the one in force, those it followed."""

    drafts: tuple[_identities.ApiKey, ...] = ()
    current: _identities.ApiKey | None = None
    previous: tuple[_identities.ApiKey, ...] = ()  # oldest first

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all of them."""
        keys = (*self.drafts, *self.previous)
        return frozenset(key.id for key in keys) | (
            {self.current.id} if self.current else frozenset()
        )

    @property
    def model(self) -> _identities.ApiKey | None:
        """The one that a new key is to be like."""
        return self.current or (self.previous[-1] if self.previous else None)


@dataclass(frozen=True)
class Leaving:
    """A key that was followed by another: whether this run removes it, and, for one that it
    keeps, until when (None: until somebody else removes it)."""

    key: _identities.ApiKey
    is_removed: bool
    until: str | None = None

    def as_result(self) -> dict[str, object]:
        """What a module returns of it."""
        return {
            "id": self.key.id,
            "disabled": self.key.disabled,
            "locked": self.key.locked,
            "removed": self.is_removed,
            "until": self.until,
        }


@dataclass(frozen=True)
class Rotation:
    """What is to be done, in this order: `orphans` go, because nobody has their values;
    another key is made unless `adopted` is one already; it takes the place of `retired`; of
    `leaving` some are removed. Without `is_due` the key in force stays."""

    is_due: bool
    adopted: _identities.ApiKey | None = None
    orphans: tuple[_identities.ApiKey, ...] = ()
    retired: _identities.ApiKey | None = None
    leaving: tuple[Leaving, ...] = ()

    @property
    def is_change(self) -> bool:
        """Whether there is anything to be done."""
        return (
            self.is_due
            or bool(self.orphans)
            or any(each.is_removed for each in self.leaving)
        )


def draft_name(name: str) -> str:
    """What a new key is called until it is in force."""
    return f"{name} (next)"


def previous_name(name: str) -> str:
    """What a key is called once another is in force."""
    return f"{name} (previous)"


def family_of(
    keys: Sequence[_identities.ApiKey], name: str, current: _identities.ApiKey | None
) -> Family:
    """The keys of that name among those of one owner; `current` is the one in force."""
    return Family(
        tuple(key for key in keys if key.name == draft_name(name)),
        current,
        tuple(
            sorted(
                (key for key in keys if key.name == previous_name(name)),
                key=lambda key: (key.created_at or "", key.id),
            )
        ),
    )


def decide(
    family: Family,
    schedule: _rotation_schedule.Schedule,
    want: _api_key_plan.Wanted,
    held: frozenset[str],
    *,
    is_kept: bool,
    now: float,
) -> Rotation:
    """What has to be done about a key that is to be present.

    `held` are the ids of the keys whose values can be had: from the file, or because they are
    stored. `is_kept` says whether that will be so for a new one; else its value is in the
    result of the task and nowhere else. `now` is in seconds since 1970, UTC.
    Raises `InputError` when what has to go is locked and not to be unlocked.
    """
    usable = [key for key in family.drafts if key.id in held and _is_usable(key, now)]
    adopted = usable[-1] if usable else None
    orphans = tuple(key for key in family.drafts if key is not adopted)
    current = family.current
    is_due = adopted is not None or _is_due(family, schedule, held, now)
    if current is not None and is_due:
        _api_key_plan.refuse_locked(current, want, "rotated")
    for orphan in orphans:
        _api_key_plan.refuse_locked(orphan, want, "removed, as its value is lost")
    # Nothing takes the place of a key that nobody can use. And a value that is in the result
    # alone is had by nobody before the task is over: should this run not get so far, or the one
    # before it not have, one of the last two keys is the one in use.
    is_safe = is_due or bool(
        current and current.id in held and _is_usable(current, now)
    )
    leaving = [
        _leaving(each, after, schedule, want, now, may_go=is_safe)
        for each, after in zip(family.previous, (*family.previous[1:], current))
    ]
    if not is_kept and leaving:
        # IBM Cloud tells the minute: of those made in the same one, which is older is unknown.
        last = leaving[-1].key.created_at
        leaving = [
            replace(each, is_removed=False) if each.key.created_at == last else each
            for each in leaving
        ]
    if is_due and current is not None:
        leaving.append(
            # IBM Cloud gives no other name to a key that has ended.
            Leaving(current, True)
            if _api_key_plan.is_expired(current.as_result(), now)
            else _leaving(current, None, schedule, want, now, may_go=is_kept)
        )
    return Rotation(
        is_due, adopted, orphans, current if is_due else None, tuple(leaving)
    )


def successor(
    want: _api_key_plan.Wanted, family: Family, *, is_stored: bool, now: float
) -> tuple[_api_key_plan.Wanted, str]:
    """The key to be made: like the one that it follows where nothing else is asked for, with a
    life of the same length; and the name that it is to have in the end."""
    name = want.name or ""
    model = family.model
    new = replace(
        want, name=draft_name(name), locked=None, disabled=None, is_draft=True
    )
    if model is None:
        return new, name
    if new.description is None:
        new = replace(new, description=model.description)
    if new.action_when_leaked is None:
        new = replace(new, action_when_leaked=model.action_when_leaked)
    if new.store_value is None and is_stored:
        new = replace(new, store_value=True)
    if new.expires_at is None and new.expires_in is None:
        new = replace(new, expires_in=_life(model))
    return replace(new, support_sessions=model.support_sessions or None), name


def _is_due(
    family: Family,
    schedule: _rotation_schedule.Schedule,
    held: frozenset[str],
    now: float,
) -> bool:
    current = family.current
    if current is None or _api_key_plan.is_expired(current.as_result(), now):
        return True
    if schedule.rotate == _rotation_schedule.ALWAYS:
        # While the key before is in use, the rotation before is not over.
        is_open = any(_is_usable(each, now) for each in family.previous)
        return not (is_open and current.id in held and not current.disabled)
    made = _moment(current.created_at)
    return made is not None and now - made > (schedule.max_age or 0)


def _leaving(
    key: _identities.ApiKey,
    after: _identities.ApiKey | None,
    schedule: _rotation_schedule.Schedule,
    want: _api_key_plan.Wanted,
    now: float,
    *,
    may_go: bool,
) -> Leaving:
    """What becomes of a key that `after` has followed, or a new one will (None)."""
    kept = schedule.keep_previous
    if kept is None:
        return Leaving(key, False)
    made = now if after is None else _moment(after.created_at)
    # IBM Cloud tells the minute in which a key was made; the next one is on the safe side.
    end = (now if made is None else made) + (kept + _MINUTE if kept else 0)
    is_locked = key.locked and want.locked is not False
    is_over = kept == 0 or end <= now
    if may_go and is_over and not is_locked:
        return Leaving(key, True)
    return Leaving(key, False, None if is_over else _end_text(end))


def _end_text(end: float) -> str | None:
    try:
        return _timestamps.minute_text_after(end)
    except (ValueError, OverflowError, OSError):
        return None  # after the year 9999, which is for ever


def _is_usable(key: _identities.ApiKey, now: float) -> bool:
    return not key.disabled and not _api_key_plan.is_expired(key.as_result(), now)


def _life(model: _identities.ApiKey) -> int | None:
    made, end = _moment(model.created_at), _moment(model.expires_at)
    if made is None or end is None:
        return None
    return max(_MINUTE, int(end - made))


def _moment(text: str | None) -> float | None:
    try:
        return _timestamps.parse_moment(text, "created_at") if text else None
    except _errors.InputError:
        return None
