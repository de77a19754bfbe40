# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Whose API keys are meant: those of the calling identity or of a service ID."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _identities,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ansible_collections.icr.access.plugins.module_utils import _clients

_PROFILE_PREFIX = "iam-Profile-"
_USER_PREFIX = "IBMid-"


@dataclass(frozen=True)
class Owner:
    """An identity that API keys authenticate; `label` names it in messages.

    `is_proven` is False while nobody has asked whether it exists.
    """

    iam_id: str
    label: str
    is_proven: bool = True

    @property
    def is_service_id(self) -> bool:
        """Whether it is a service ID."""
        return self.iam_id.startswith(_identities.SERVICE_IAM_ID_PREFIX)

    @property
    def service_id(self) -> str:
        """`ServiceId-…`, for a service ID only."""
        return self.iam_id[len("iam-") :]


def find_owner(clients: _clients.Clients, service_id: str | None) -> Owner | None:
    """The owner that the option `service_id` names by id or name, else the calling identity.

    None when no service ID has that name; an id is believed, which saves a request. Raises
    `InputError` for a name that is not unique and for what is not a service ID, and the errors
    of the calls.
    """
    if service_id is None:
        return _caller_as_owner(clients)
    wanted = service_id.strip()
    if not wanted:
        raise _errors.InputError("service_id is empty; where was it to come from?")
    if wanted.startswith((_USER_PREFIX, _PROFILE_PREFIX)):
        raise _errors.InputError(
            f"service_id takes the name or id of a service ID, not {wanted}: the API keys of a "
            f"user can only be made by that user, and a trusted profile has none."
        )
    for prefix, before in (
        (_identities.SERVICE_ID_PREFIX, "iam-"),
        (_identities.SERVICE_IAM_ID_PREFIX, ""),
    ):
        if wanted.startswith(prefix):
            return Owner(before + wanted, f"service ID {wanted}", is_proven=False)
    found = clients.service_ids.list_service_ids(clients.account_id(), wanted)
    if len(found) > 1:
        ids = ", ".join(sorted(each.id for each in found))
        raise _errors.InputError(
            f"{len(found)} service IDs are named {wanted!r}: {ids}. Give the id of one of them in "
            f"service_id."
        )
    return Owner(found[0].iam_id, f"service ID {wanted}") if found else None


def is_there(clients: _clients.Clients, owner: Owner) -> bool:
    """Whether the owner exists; asks IBM Cloud where that is not known yet."""
    if owner.is_proven:
        return True
    return clients.service_ids.find_service_id(owner.service_id) is not None


def missing_service_id(
    clients: _clients.Clients, service_id: str | None
) -> _errors.InputError:
    """The error that says so. Raises what `Clients.account_id` raises."""
    return _errors.InputError(
        f"There is no service ID {service_id!r} in account {clients.account_id()}. Is the name "
        f"spelled right, and may the calling identity see it?"
    )


def _caller_as_owner(clients: _clients.Clients) -> Owner:
    iam_id = clients.caller.iam_id()
    if iam_id.startswith(_PROFILE_PREFIX):
        raise _errors.InputError(
            "The calling identity is a trusted profile, which has no API keys; set service_id."
        )
    return Owner(iam_id, f"the calling identity {iam_id}")
