# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What there is of an API key, in IBM Cloud and in the file that holds its value. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.icr.access.plugins.module_utils import (
    _api_key_plan,
    _errors,
    _key_file,
    _key_owner,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from ansible_collections.icr.access.plugins.module_utils import (
        _api_key_plan,
        _clients,
        _iam,
        _identities,
        _key_file,
        _secret_content,
    )


@dataclass(frozen=True)
class Found:
    """The key that is meant, None if there is none, and whose it is or would be.

    `known` are all keys of that owner; they are not read for a key that is asked for by its id.
    """

    place: _api_key_plan.Place
    current: _identities.ApiKey | None
    known: tuple[_identities.ApiKey, ...] = ()


@dataclass(frozen=True)
class Look:
    """A file and what it holds: the key whose value that is, None when it is of no key that
    the calling identity may see."""

    key_file: _key_file.KeyFile
    content: _secret_content.Content | None
    holder: _identities.ApiKey | None


def find(
    clients: _clients.Clients, want: _api_key_plan.Wanted, service_id: str | None
) -> Found:
    """What IBM Cloud has; reads only.

    Raises `InputError` for a service ID that is missing, unless the key is to be absent
    anyway, for a name that is not unique and for a key that is somebody else's; and the errors
    of the calls.
    """
    account_id = clients.account_id()
    if want.id is not None and service_id is None:
        return Found(_api_key_plan.Place("", account_id), find_by_id(clients, want.id))
    owner = _key_owner.find_owner(clients, service_id)
    if owner is None:
        if not want.is_absent:
            raise _key_owner.missing_service_id(clients, service_id)
        return Found(_api_key_plan.Place("", account_id), None)
    place = _api_key_plan.Place(owner.iam_id, account_id)
    if want.store_value and not owner.is_service_id:
        raise _errors.InputError(
            "store_value is for keys of service IDs; IBM Cloud stores no values of users' keys. "
            "Set service_id, or leave store_value out."
        )
    if want.id is not None:
        current = find_by_id(clients, want.id)
        if current and current.iam_id != owner.iam_id:
            raise _errors.InputError(
                f"API key {current.id} is not one of service ID {service_id}: it belongs to "
                f"{current.iam_id}."
            )
        return Found(place, current)
    known = clients.iam.list_api_keys(account_id, owner.iam_id)
    current = _api_key_plan.only_match(known, want.name, owner.label)
    if (
        current is None
        and not want.is_absent
        and not _key_owner.is_there(clients, owner)
    ):
        raise _key_owner.missing_service_id(clients, service_id)
    return Found(place, current, tuple(known))


def find_by_id(clients: _clients.Clients, key_id: str) -> _identities.ApiKey | None:
    """The key of that id. Raises `InputError` when it is not one of the account that the
    option account_id insists on, and the errors of the call."""
    key = clients.iam.find_api_key(key_id)
    insisted = clients.wanted_account_id
    if key and insisted and key.account_id.lower() not in ("", insisted):
        raise _errors.InputError(
            f"API key {key.id} is one of account {key.account_id}, but account_id is {insisted}."
        )
    return key


def look_at(iam: _iam.Iam, key_file: _key_file.KeyFile) -> Look:
    """What the file holds now. Raises `AuthFileError` when that cannot be read, and the errors
    of the calls."""
    content = key_file.look()
    held = _key_file.value_in(content)
    holder = None if held is None else iam.find_api_key_by_value(held)
    return Look(key_file, content, holder)


def plan_new_file(look: Look, replaceable: Collection[str] = ()) -> _key_file.FileStep:
    """What becomes of the file for a key to be made. Pure.

    Raises `InputError` when the value of another key would be lost, unless it is one of those
    ids.
    """
    holder = look.holder
    if holder is not None and holder.id not in replaceable:
        raise _errors.InputError(
            f"{look.key_file.path} holds the value of API key {holder.id} ({holder.name}), which "
            f"would be lost. Name another dest, or remove that key (state: absent, id: "
            f"{holder.id}) or the file first."
        )
    return _key_file.FileStep(look.key_file, look.content, is_for_new_key=True)


def plan_file(
    iam: _iam.Iam, look: Look, current: _identities.ApiKey
) -> _key_file.FileStep:
    """What becomes of the file for an existing key; reads only.

    Raises `InputError` when the value that belongs into it is lost; and the errors of the
    calls.
    """
    if look.holder is not None and look.holder.id == current.id:
        return _key_file.FileStep(look.key_file, look.content)
    stored = stored_value(iam, current)
    if stored is None:
        state = "is missing" if look.content is None else "does not hold its value"
        raise _errors.InputError(
            f"API key {current.id} ({current.name}) exists, but {look.key_file.path} {state}, and "
            f"IBM Cloud has not stored the value. Put the value there, have another key take "
            f"its place (rotate: always), or remove it (state: absent) and run this again."
        )
    return _key_file.FileStep(look.key_file, look.content, value=stored)


def stored_value(iam: _iam.Iam, key: _identities.ApiKey) -> str | None:
    """The value of a key, if IBM Cloud keeps it. Raises the errors of the call."""
    if key.value is not None or not key.is_of_service_id:
        return key.value
    fresh = iam.find_api_key(key.id)
    return fresh.value if fresh else None
