# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What has to happen for an API key to be as it should be. Everything here is pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.icr.access.plugins.module_utils import (
    _durations,
    _errors,
    _identities,
    _plan,
    _timestamps,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What one PUT changes; locking and disabling are calls of their own.
PUT_FIELDS = ("name", "description", "expires_at", "action_when_leaked")


@dataclass(frozen=True)
class Wanted:
    """What was asked for; None is "not asked for".

    `expires_at` is in IBM Cloud's form, empty for never; `expires_in` is in seconds. A draft is
    a key that the next run removes should its value be lost.
    """

    is_absent: bool = False
    id: str | None = None
    name: str | None = None
    description: str | None = None
    expires_at: str | None = None
    expires_in: int | None = None
    action_when_leaked: str | None = None
    store_value: bool | None = None
    locked: bool | None = None
    disabled: bool | None = None
    support_sessions: bool | None = None
    is_draft: bool = False


@dataclass(frozen=True)
class Place:
    """Whose key it is, and in which account."""

    iam_id: str
    account_id: str


def wanted(params: Mapping) -> Wanted:
    """From a module's options. Raises `InputError` for what makes no sense."""
    for option in ("id", "name"):
        if params[option] is not None and not params[option].strip():
            raise _errors.InputError(f"{option} is empty; where was it to come from?")
    name = params["name"]
    if name is not None and name != name.strip():
        raise _errors.InputError(f"name begins or ends with white space: {name!r}.")
    expires_at = params["expires_at"]
    if expires_at:
        expires_at = _timestamps.minute_text(
            _timestamps.parse_moment(expires_at, "expires_at")
        )
    expires_in = params["expires_in"]
    if expires_in is not None:
        expires_in = _durations.parse_duration(expires_in, "expires_in")
        if expires_in < 60:
            raise _errors.InputError(
                "expires_in must be a minute at least, because keys end on the minute."
            )
    return Wanted(
        is_absent=params["state"] == "absent",
        id=params["id"],
        name=params["name"],
        description=params["description"],
        expires_at=expires_at,
        expires_in=expires_in,
        action_when_leaked=params["action_when_leaked"],
        store_value=params["store_value"],
        locked=params["locked"],
        disabled=params["disabled"],
    )


def only_match(
    keys: Sequence[_identities.ApiKey], name: str | None, label: str
) -> _identities.ApiKey | None:
    """The key of that name among those of one owner, whom `label` names.

    Raises `InputError`, listing the ids, when there are several.
    """
    found = [key for key in keys if key.name == name]
    if len(found) > 1:
        ids = ", ".join(sorted(key.id for key in found))
        raise _errors.InputError(
            f"{len(found)} API keys of {label} are named {name!r}: {ids}. Give the id of one of "
            f"them in id."
        )
    return found[0] if found else None


def plan(
    current: _identities.ApiKey | None, want: Wanted, place: Place, *, now: float
) -> _plan.Plan:
    """What becomes of the key; `now` is in seconds since 1970, UTC.

    Raises `InputError` when it cannot be done: no key of the id that was given, one that is
    locked and not to be unlocked, an end that lies in the past.
    """
    if current is None:
        if want.is_absent:
            return _plan.Plan.nothing(None)
        return _plan.Plan.create(_new_key(want, place, now))
    if want.is_absent:
        refuse_locked(current, want, "removed")
        return _plan.Plan.remove(current.as_result())
    step = _plan.Plan.update_if_different(current.as_result(), _fields(want))
    if not step.is_change:
        return step
    refuse_locked(current, want, "changed")
    _refuse_past(current, step, now)
    end = step.changes.get("expires_at", current.expires_at)
    return replace(step, after={**(step.after or {}), "expires_at": end or None})


def is_expired(key: Mapping[str, object] | None, now: float) -> bool:
    """Whether the key, as a result shows it, has ended; False where that cannot be told."""
    text = (key or {}).get("expires_at")
    return isinstance(text, str) and _is_past(text, now)


def body_of_new_key(want: Wanted, place: Place, *, now: float) -> dict[str, object]:
    """What the API is told to make."""
    fields: dict[str, object] = {
        "name": want.name,
        "iam_id": place.iam_id,
        "account_id": place.account_id,
        "description": want.description or None,
        "expires_at": _end_of_new_key(want, now),
        "action_when_leaked": want.action_when_leaked,
        "store_value": want.store_value,
        "support_sessions": want.support_sessions,
    }
    return {name: value for name, value in fields.items() if value is not None}


def body_of_change(
    current: _identities.ApiKey, changes: Mapping[str, object]
) -> dict[str, object] | None:
    """What the API is told to change; None when that is nothing.

    The fields that stay are sent along: whether a PUT leaves alone what it does not name, IBM
    does not say.
    """
    if not any(name in changes for name in PUT_FIELDS):
        return None
    now: dict[str, object] = {
        "name": current.name,
        "description": current.description,
        "expires_at": current.expires_at,
        "action_when_leaked": current.action_when_leaked,
        "support_sessions": current.support_sessions or None,
    }
    now.update({name: changes[name] for name in PUT_FIELDS if name in changes})
    return {name: value for name, value in now.items() if value is not None}


def _fields(want: Wanted) -> dict[str, object]:
    return {
        # without an id the name is what the key was found by
        "name": want.name if want.id is not None else None,
        "description": want.description,
        "expires_at": want.expires_at,
        "action_when_leaked": want.action_when_leaked,
        "locked": want.locked,
        "disabled": want.disabled,
    }


def _new_key(want: Wanted, place: Place, now: float) -> dict[str, object]:
    if want.id is not None:
        raise _errors.InputError(
            f"There is no API key {want.id} in account {place.account_id}. Leave id out and give "
            f"name to have one made."
        )
    if want.expires_at and _is_past(want.expires_at, now):
        raise _errors.InputError(f"expires_at lies in the past: {want.expires_at}.")
    return {
        "id": None,
        "name": want.name,
        "description": want.description or "",
        "iam_id": place.iam_id,
        "account_id": place.account_id,
        "crn": None,
        "created_at": None,
        "created_by": None,
        "modified_at": None,
        "expires_at": _end_of_new_key(want, now),
        "locked": bool(want.locked),
        "disabled": bool(want.disabled),
        "action_when_leaked": want.action_when_leaked,
    }


def _end_of_new_key(want: Wanted, now: float) -> str | None:
    if want.expires_in is not None:
        try:
            return _timestamps.minute_text_after(now + want.expires_in)
        except (ValueError, OverflowError, OSError):
            raise _errors.InputError(
                "expires_in is too long: the key would end after the year 9999."
            ) from None
    return want.expires_at or None


def refuse_locked(current: _identities.ApiKey, want: Wanted, what: str) -> None:
    """Raises `InputError` for a locked key that is not to be unlocked; `what` it cannot be."""
    if current.locked and want.locked is not False:
        raise _errors.InputError(
            f"API key {current.id} ({current.name}) is locked, so that it cannot be {what}. Set "
            f"locked: false to have it unlocked."
        )


def _refuse_past(current: _identities.ApiKey, step: _plan.Plan, now: float) -> None:
    end = step.changes.get("expires_at")
    if isinstance(end, str) and end and _is_past(end, now):
        raise _errors.InputError(f"expires_at lies in the past: {end}.")
    body = body_of_change(current, step.changes)
    if body and end is None and is_expired(current.as_result(), now):
        raise _errors.InputError(
            f"API key {current.id} ({current.name}) ended on {current.expires_at}: it can only be "
            f"changed together with expires_at, or be removed and made again."
        )


def _is_past(text: str, now: float) -> bool:
    try:
        return _timestamps.parse_moment(text, "expires_at") <= now
    except _errors.InputError:
        return False
