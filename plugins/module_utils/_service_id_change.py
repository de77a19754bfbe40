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

from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    ApiError,
)
from ansible_collections.icr.access.plugins.module_utils._service_id_plan import (
    Found,
    Wanted,
    body_of_change,
    plan,
)
from ansible_collections.icr.access.plugins.module_utils._wire import RefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ansible_collections.icr.access.plugins.module_utils._identities import (
        ServiceId,
    )
    from ansible_collections.icr.access.plugins.module_utils._service_ids import (
        ServiceIds,
    )

_STALE = (409, 412)
# In seconds: for IBM Cloud to end what a deletion collided with, and for another run to see
# our service ID and to delete its own.
_PAUSES = (1, 2, 4)


def make(service_ids: ServiceIds, want: Wanted, account_id: str) -> ServiceId:
    """Makes a service ID, unlocked, because nothing can be granted to a locked one.

    When the answer is lost, or another run makes one of the same name meanwhile, the only one
    of that name is the one that is meant, whoever made it. Raises the errors of the calls.
    """
    name = want.name or ""
    try:
        made = service_ids.create_service_id(account_id, name, want.description or "")
    except RefusedError:
        raise
    except AccessError as error:
        if _is_final(error):
            raise
        return _found_after_all(service_ids, account_id, name, error)
    return _settled_with_twin(service_ids, account_id, made)


def change(
    service_ids: ServiceIds, current: ServiceId, found: Found, want: Wanted
) -> ServiceId:
    """Gives the service ID the name and description that it should have, unlocking it before
    where that was asked for, and gives it as it is then; it is not locked here.

    When somebody else has changed it in the meantime it is read and looked at again, once.
    Raises the errors of the calls and of `plan`.
    """
    try:
        return _change_once(service_ids, current, found, want)
    except AccessError as error:
        # not only ApiError: a gateway may say it without JSON
        if error.status not in _STALE:
            raise
        fresh = service_ids.find_service_id(current.id)
        if fresh is None:
            raise
    return _change_once(service_ids, fresh, found, want)


def lock(service_ids: ServiceIds, current: ServiceId, locked: bool) -> ServiceId:
    """Locks or unlocks a service ID and gives it as it is then: that counts as a change, which
    gives it another tag and time. Raises the errors of the calls."""
    service_ids.set_locked(current.id, locked)
    fresh = service_ids.find_service_id(current.id)
    return fresh or replace(current, locked=locked)


def remove(service_ids: ServiceIds, current: ServiceId) -> None:
    """Deletes a service ID with its keys and policies, unlocking it before where that is needed;
    `plan` has allowed it. Tries again when that collides with something else. Raises the errors
    of the calls."""
    if current.locked:
        service_ids.set_locked(current.id, False)
    for pause in _PAUSES:
        try:
            service_ids.delete_service_id(current.id)
        except ApiError as error:
            if error.status != 409 or error.code == "invalid_state":
                raise
            sleep(pause)
        else:
            return
    service_ids.delete_service_id(current.id)


def _change_once(
    service_ids: ServiceIds, current: ServiceId, found: Found, want: Wanted
) -> ServiceId:
    changes = plan(replace(found, current=current), want).step.changes
    body = body_of_change(current, changes)
    service_id = current
    if changes.get("locked") is False:
        service_id = lock(service_ids, current, False)
    if body:
        service_id = service_ids.update_service_id(
            service_id.id, service_id.entity_tag, body
        )
    return service_id


def _is_final(error: AccessError) -> bool:
    """Whether the service itself says that it did nothing."""
    status = error.status or 0
    return isinstance(error, ApiError) and 400 <= status < 500 and status != 408


def _found_after_all(
    service_ids: ServiceIds, account_id: str, name: str, error: AccessError
) -> ServiceId:
    named = None
    with contextlib.suppress(AccessError):
        named = service_ids.list_service_ids(account_id, name)
    if named is not None and len(named) == 1:
        return named[0]
    raise error.extended(
        "It is unknown whether the service ID was made; run this again, which finds it if so."
    )


def _settled_with_twin(
    service_ids: ServiceIds, account_id: str, made: ServiceId
) -> ServiceId:
    """The one that stays, when another run made one of the same name at the same time.

    Whoever comes second sees the first. Of two runs that see each other, the one whose service
    ID has the lower id waits for the other to give way; if it does not, it was over before.
    """
    try:
        twins = _twins_in_time(service_ids, account_id, made)
        if twins:
            remove(service_ids, made)
    except AccessError as error:
        raise error.extended(
            f"Service ID {made.id} was made before that; run this again to go on with it."
        ) from None
    return twins[0] if twins else made


def _twins_in_time(
    service_ids: ServiceIds, account_id: str, made: ServiceId
) -> list[ServiceId]:
    twins = _twins(service_ids, account_id, made)
    for pause in _PAUSES:
        if not twins or twins[0].id < made.id:
            break
        sleep(pause)
        twins = _twins(service_ids, account_id, made)
    return twins


def _twins(
    service_ids: ServiceIds, account_id: str, made: ServiceId
) -> list[ServiceId]:
    named = service_ids.list_service_ids(account_id, made.name)
    others = [each for each in named if each.id != made.id]
    return sorted(others, key=lambda each: each.id)
