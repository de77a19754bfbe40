# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Making what a token that is an API key consists of: the service ID and the key."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _api_key_change,
    _api_key_plan,
    _key_tokens,
    _service_id_change,
    _token_wanted,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.icr.access.plugins.module_utils import (
        _clients,
        _identities,
    )


def make_service_id(
    clients: _clients.Clients, name: str, region: str
) -> _identities.ServiceId:
    """A service ID that is marked as a token's in that region; the one that another run has made
    at the same time, if so. Raises what `make` of `_service_id_change` raises."""
    return _service_id_change.make(
        clients.service_ids,
        clients.account_id(),
        name,
        _key_tokens.mark(region),
        marked=True,
    )


def make_key(
    clients: _clients.Clients,
    service_id: _identities.ServiceId,
    *,
    known: Sequence[_identities.ApiKey],
    non_expiring: bool,
    now: float,
) -> _identities.ApiKey:
    """A key of that service ID, with its value, which IBM Cloud stores.

    `known` are the keys that it has already, `now` is in seconds since 1970, UTC. Raises what
    `make` raises, which leaves no second key behind when another run makes one, too.
    """
    want = _api_key_plan.Wanted(
        name=service_id.name,
        description=service_id.description,
        expires_in=None if non_expiring else _token_wanted.LIFETIME,
        store_value=True,
    )
    place = _api_key_plan.Place(service_id.iam_id, clients.account_id())
    return _api_key_change.make(
        clients.iam, want, place, known=known, file_step=None, now=now
    )
