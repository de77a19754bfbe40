# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Making and removing what a token that is an API key consists of: the service ID and the key."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils._api_key_change import make
from ansible_collections.icr.access.plugins.module_utils._api_key_plan import (
    Place,
    Wanted,
)
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    ApiError,
    InputError,
)
from ansible_collections.icr.access.plugins.module_utils._key_tokens import mark
from ansible_collections.icr.access.plugins.module_utils._token_wanted import LIFETIME
from ansible_collections.icr.access.plugins.module_utils._waiting import wait_until

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.icr.access.plugins.module_utils._clients import Clients
    from ansible_collections.icr.access.plugins.module_utils._identities import (
        ApiKey,
        ServiceId,
    )
    from ansible_collections.icr.access.plugins.module_utils._service_ids import (
        ServiceIds,
    )

_COLLISIONS_END = (
    30  # seconds after which a service ID that still cannot be removed is told
)


def make_service_id(clients: Clients, name: str, region: str) -> ServiceId:
    """A service ID that is marked as a token's in that region.

    Raises `InputError`, and leaves none behind, when another run has made one, too; and the
    errors of the calls.
    """
    account_id, service_ids = clients.account_id(), clients.service_ids
    try:
        made = service_ids.create_service_id(account_id, name, mark(region))
    except AccessError as error:
        if error.status is not None and 400 <= error.status < 500:
            raise
        raise error.extended(
            "If it was made all the same, the next run finds it and goes on from there."
        ) from None
    try:
        same = service_ids.list_service_ids(account_id, name)
    except AccessError:
        # What is made is worth more than the proof that there is no second one.
        return made
    marked = {each.id for each in same if each.description == mark(region)}
    rivals = sorted(marked - {made.id})
    if not rivals:
        return made
    # Whoever sees a rival gives way: the other may have looked before ours was there.
    service_ids.delete_service_id(made.id)
    raise InputError(
        f"Another run has made service ID {rivals[0]} for the same token at the same time; "
        f"{made.id}, made here, was removed again. Give the task run_once: true where several "
        f"hosts run it, and run it again."
    )


def make_key(
    clients: Clients,
    service_id: ServiceId,
    *,
    known: Sequence[ApiKey],
    non_expiring: bool,
    now: float,
) -> ApiKey:
    """A key of that service ID, with its value, which IBM Cloud stores.

    `known` are the keys that it has already, `now` is in seconds since 1970, UTC. Raises what
    `make` raises, which leaves no second key behind when another run makes one, too.
    """
    want = Wanted(
        name=service_id.name,
        description=service_id.description,
        expires_in=None if non_expiring else LIFETIME,
        store_value=True,
    )
    place = Place(service_id.iam_id, clients.account_id())
    return make(clients.iam, want, place, known=known, key_file=None, now=now)


def remove_service_id(service_ids: ServiceIds, service_id: ServiceId) -> None:
    """Removes it in one call with its keys and policies, so that nothing can be left of it.

    Raises `NotYetError` when IBM Cloud says for half a minute that something else is going on,
    and the errors of the call.
    """

    def attempt() -> AccessError | None:
        try:
            service_ids.delete_service_id(service_id.id)
        except ApiError as error:
            # It may still be busy with the keys.
            if error.status != 409:
                raise
            return error
        return None

    wait_until(
        attempt,
        _COLLISIONS_END,
        awaited=f"service ID {service_id.id} to be removed",
        kept=f"Run this again, with description: {service_id.name} if the token is gone.",
    )
