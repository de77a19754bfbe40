# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What keeps a token that is an API key from being made, changed or removed, until somebody has
decided on it. Everything here is pure, and raises `InputError` with what helps."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _key_tokens,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.icr.access.plugins.module_utils import _identities


def only_service_id(
    candidates: Sequence[_identities.ServiceId],
    name: str,
    region: str,
    *,
    may_be_made: bool,
) -> _identities.ServiceId | None:
    """The one that is ours among those of the token's name, None when there is none.

    Two are an error. So is one of somebody else where ours may have to be made: tasks that know
    it by its name would not find it any more.
    """
    ours = [each for each in candidates if each.description == _key_tokens.mark(region)]
    if len(ours) > 1:
        ids = ", ".join(sorted(each.id for each in ours))
        raise _errors.InputError(
            f"{len(ours)} service IDs are of a token {name!r} in {region}: {ids}. Remove the "
            f"one that nobody uses (icr.access.cr_service_id: {{id: ID, state: absent}})."
        )
    foreign = [each.id for each in candidates if _key_tokens.region_of(each) is None]
    if foreign and not ours and may_be_made:
        raise _errors.InputError(
            f"The service ID of the token would be named {name!r}, as {foreign[0]} is, which "
            f"cr_token has not made: its description is not {_key_tokens.mark(region)!r}. Give the token "
            f"another description."
        )
    return ours[0] if ours else None


def refuse_stranger(
    key: _identities.ApiKey, owner: _identities.ServiceId | None, region: str
) -> None:
    """Raises for a key that is no token of ours in that region; `owner` is the service ID whose
    key it is, None for one of a user."""
    of_region = None if owner is None else _key_tokens.region_of(owner)
    if owner is None or of_region is None:
        whose = f"service ID {owner.id} ({owner.name})" if owner else key.iam_id
        raise _errors.InputError(
            f"API key {key.id} ({key.name}) is not a token: it belongs to {whose}, which "
            f"cr_token has not made. It is left alone; see icr.access.cr_apikey."
        )
    if of_region != region:
        raise _errors.InputError(
            f"The token {key.id} ({key.name}) is for region {of_region}, not {region}."
        )
    if key.name != owner.name:
        raise _errors.InputError(
            f"API key {key.id} ({key.name}) is not a token: cr_token has not made it, although "
            f"it is one of the token's service ID {owner.id} ({owner.name}). It is left alone; "
            f"see icr.access.cr_apikey."
        )


def refuse_strangers(
    service_id: _identities.ServiceId, keys: Sequence[_identities.ApiKey]
) -> None:
    """Raises for keys that would go with a service ID although they are not of the token."""
    strange = [key for key in keys if key.name != service_id.name]
    if strange:
        told = ", ".join(sorted(f"{key.id} ({key.name})" for key in strange))
        raise _errors.InputError(
            f"Service ID {service_id.id} ({service_id.name}) has API keys that cr_token has not "
            f"made, and that would go with it: {told}. Remove them first "
            f"(icr.access.cr_apikey: {{id: ID, state: absent}})."
        )


def refuse_disabled(key: _identities.ApiKey) -> None:
    """Raises for the token that nobody can use, instead of making another one."""
    if key.disabled:
        raise _errors.InputError(
            f"The token {key.id} ({key.name}) is disabled, which somebody, or IBM Cloud because "
            f"it leaked, has done for a reason. Enable it (icr.access.cr_apikey: {{id: {key.id}, "
            f"disabled: false}}), or remove it (state: absent, token_id: {key.id}) and run this "
            f"again to have another one."
        )


def refuse_untold(key: _identities.ApiKey) -> None:
    """Raises for the token whose value cannot be had again."""
    if key.value is None:
        raise _errors.InputError(
            f"IBM Cloud does not tell the value of the token {key.id} ({key.name}): it is not "
            f"stored, or not for the calling identity to see. Call with the identity that made it, "
            f"or remove it (state: absent, token_id: {key.id}) and run this again to have another "
            f"one."
        )


def refuse_locked_key(key: _identities.ApiKey) -> None:
    """Raises for a key that is to be removed."""
    if key.locked:
        raise _errors.InputError(
            f"The token {key.id} ({key.name}) has to be removed, but its API key is locked. "
            f"Unlock it (icr.access.cr_apikey: {{id: {key.id}, locked: false}}) and run this "
            f"again."
        )


def refuse_locked(service_id: _identities.ServiceId) -> None:
    """Raises for a service ID of which something is to be changed."""
    if service_id.locked:
        raise _errors.InputError(
            f"Service ID {service_id.id} ({service_id.name}), whose API key the token is, is "
            f"locked, so that nothing of it can be changed. Unlock it (icr.access.cr_service_id: "
            f"{{id: {service_id.id}, locked: false}}) and run this again."
        )
