# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Making, changing and removing a service ID: the only place that writes it."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from time import sleep

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _service_id_plan,
    _waiting,
    _wire,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.icr.access.plugins.module_utils import (
        _identities,
        _service_ids,
    )

_STALE = (409, 412)
# In seconds: for another run to see our service ID, and to delete its own.
_PAUSES = (1, 2, 4)
# In seconds: what a deletion collides with is over by then.
_COLLISIONS_END = 30


def make(
    service_ids: _service_ids.ServiceIds,
    account_id: str,
    name: str,
    description: str,
    *,
    marked: bool = False,
) -> _identities.ServiceId:
    """Makes a service ID, unlocked, because nothing can be granted to a locked one.

    When the answer is lost, or another run makes the same one meanwhile, the only one of that
    name is the one that is meant, whoever made it; with `marked`, the only one of that name and
    description. Raises the errors of the calls.
    """

    def look() -> list[_identities.ServiceId]:
        named = service_ids.list_service_ids(account_id, name)
        return [each for each in named if each.description == description or not marked]

    try:
        made = service_ids.create_service_id(account_id, name, description)
    except _wire.RefusedError:
        raise
    except _errors.AccessError as error:
        if _is_final(error):
            raise
        return _found_after_all(look, error)
    twin = _staying_twin(look, made)
    if twin is None:
        return made
    try:
        remove(service_ids, made)
    except _errors.AccessError as error:
        raise error.extended(
            f"Service ID {made.id} was made although {twin.id} is there; remove one of them."
        ) from None
    return twin


def change(
    service_ids: _service_ids.ServiceIds,
    current: _identities.ServiceId,
    found: _service_id_plan.Found,
    want: _service_id_plan.Wanted,
) -> _identities.ServiceId:
    """Gives the service ID the name and description that it should have, unlocking it before
    where that was asked for, and gives it as it is then; it is not locked here.

    When somebody else has changed it in the meantime it is read and looked at again, once.
    Raises the errors of the calls and of `plan`.
    """
    try:
        return _change_once(service_ids, current, found, want)
    except _errors.AccessError as error:
        # not only ApiError: a gateway may say it without JSON
        if error.status not in _STALE:
            raise
        fresh = service_ids.find_service_id(current.id)
        if fresh is None:
            raise
    return _change_once(service_ids, fresh, found, want)


def lock(
    service_ids: _service_ids.ServiceIds, current: _identities.ServiceId, locked: bool
) -> _identities.ServiceId:
    """Locks or unlocks a service ID and gives it as it is then: that counts as a change, which
    gives it another tag and time. Raises the errors of the calls."""
    service_ids.set_locked(current.id, locked)
    fresh = service_ids.find_service_id(current.id)
    return fresh or replace(current, locked=locked)


def remove(
    service_ids: _service_ids.ServiceIds,
    current: _identities.ServiceId,
    *,
    kept: str = "Run this again.",
) -> None:
    """Deletes a service ID in one call with its keys and policies, so that nothing can be left
    of it, unlocking it before where that is needed; the plan has allowed that.

    Raises `NotYetError`, with the sentence `kept`, when that collides with something else for
    half a minute, and the errors of the calls.
    """
    if current.locked:
        service_ids.set_locked(current.id, False)

    def attempt() -> _errors.AccessError | None:
        try:
            service_ids.delete_service_id(current.id)
        except _errors.ApiError as error:
            # It may still be busy with its keys; one that somebody has locked stays so.
            if error.status != 409 or error.code == "invalid_state":
                raise
            return error
        return None

    _waiting.wait_until(
        attempt,
        _COLLISIONS_END,
        awaited=f"service ID {current.id} to be removed",
        kept=kept,
    )


def _change_once(
    service_ids: _service_ids.ServiceIds,
    current: _identities.ServiceId,
    found: _service_id_plan.Found,
    want: _service_id_plan.Wanted,
) -> _identities.ServiceId:
    changes = _service_id_plan.plan(replace(found, current=current), want).step.changes
    body = _service_id_plan.body_of_change(current, changes)
    service_id = current
    if changes.get("locked") is False:
        service_id = lock(service_ids, current, False)
    if body:
        service_id = service_ids.update_service_id(
            service_id.id, service_id.entity_tag, body
        )
    return service_id


def _is_final(error: _errors.AccessError) -> bool:
    """Whether the service itself says that it did nothing."""
    status = error.status or 0
    return isinstance(error, _errors.ApiError) and 400 <= status < 500 and status != 408


def _found_after_all(
    look: Callable[[], list[_identities.ServiceId]], error: _errors.AccessError
) -> _identities.ServiceId:
    found = None
    with contextlib.suppress(_errors.AccessError):
        found = look()
    if found is not None and len(found) == 1:
        return found[0]
    raise error.extended(
        "It is unknown whether the service ID was made; run this again, which finds it if so."
    )


def _staying_twin(
    look: Callable[[], list[_identities.ServiceId]], made: _identities.ServiceId
) -> _identities.ServiceId | None:
    """The one that another run made at the same time and that stays instead of ours, if any.

    Whoever comes second sees the first. Of two runs that see each other, the one whose service
    ID has the lower id waits for the other to give way; if it does not, it was over before.
    """
    twin = None
    try:
        twin = _twin(look, made)
        for pause in _PAUSES:
            if twin is None or twin.id < made.id:
                break
            sleep(pause)
            twin = _twin(look, made)
    except _errors.AccessError:
        # What is made is worth more than the proof that there is no second one.
        return twin if twin is not None and twin.id < made.id else None
    return twin


def _twin(
    look: Callable[[], list[_identities.ServiceId]], made: _identities.ServiceId
) -> _identities.ServiceId | None:
    others = [each for each in look() if each.id != made.id]
    return min(others, key=lambda each: each.id, default=None)
