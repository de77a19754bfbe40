# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""IBM Cloud's identity API: service IDs.

Source: https://cloud.ibm.com/apidocs/iam-identity-token-api
"""

from __future__ import annotations

from urllib.parse import quote

from ansible_collections.icr.access.plugins.module_utils import (
    _iam_calls,
    _identities,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.icr.access.plugins.module_utils import _caller


class ServiceIds:
    """The calls, one method each. `find_` gives None for what does not exist, `list_` reads all
    pages. All raise what `Caller.call` raises. `url` is IAM's base URL, without a path."""

    def __init__(self, caller: _caller.Caller, url: str) -> None:
        self._caller = caller
        # with the slash at its end that IBM's own clients send
        self._url = f"{url}/v1/serviceids/"

    def list_service_ids(
        self, account_id: str, name: str | None = None
    ) -> list[_identities.ServiceId]:
        """The service IDs of an account, those of exactly that name if one is given."""
        query = {"account_id": account_id}
        if name is not None:
            query["name"] = name
        action = f"Listing service IDs of account {account_id}"
        wires = _iam_calls.pages(
            self._caller, self._url, query, action, paging=_iam_calls.IDENTITY_PAGES
        )
        found = {each.id: each for each in map(_identities.ServiceId.from_wire, wires)}
        # IBM documents the filter but not whether it is exact.
        return [each for each in found.values() if name in (None, each.name)]

    def find_service_id(self, service_id: str) -> _identities.ServiceId | None:
        """The service ID of that id (`ServiceId-…`)."""
        action = f"Reading service ID {service_id}"
        answer = _iam_calls.find(self._caller, self._url_of(service_id), action)
        if answer is None:
            return None
        return _identities.ServiceId.from_wire(answer.document())

    def create_service_id(
        self, account_id: str, name: str, description: str = ""
    ) -> _identities.ServiceId:
        """A new service ID without keys and rights. Never asked for twice: raises when it is
        unknown whether it was made."""
        fields = {"account_id": account_id, "name": name, "description": description}
        answer = self._caller.call(
            "POST",
            self._url,
            action=f"Making service ID {name}",
            document={key: value for key, value in fields.items() if value},
            can_repeat=False,
        )
        return _identities.ServiceId.from_wire(answer.document())

    def update_service_id(
        self, service_id: str, entity_tag: str, fields: Mapping[str, object]
    ) -> _identities.ServiceId:
        """Give a service ID these fields (`name`, `description`, `unique_instance_crns`), if
        nobody has changed it since `entity_tag` was read. Raises `ApiError` with status 409 or
        412 if somebody has."""
        answer = self._caller.call(
            "PUT",
            self._url_of(service_id),
            action=f"Changing service ID {service_id}",
            document=dict(fields),
            headers={"If-Match": entity_tag},
        )
        return _identities.ServiceId.from_wire(answer.document())

    def delete_service_id(self, service_id: str) -> None:
        """Delete a service ID for good, and with it its API keys and policies; one that is gone
        already is no error. Raises `ApiError` with status 409 when that collides with something
        else; trying again may help."""
        action = f"Deleting service ID {service_id}"
        _iam_calls.delete(self._caller, self._url_of(service_id), action)

    def set_locked(self, service_id: str, locked: bool) -> None:
        """Lock a service ID, and with it its policies, or unlock it."""
        action = f"{'Locking' if locked else 'Unlocking'} service ID {service_id}"
        method = "POST" if locked else "DELETE"
        _iam_calls.order(
            self._caller, method, f"{self._url_of(service_id)}/lock", action
        )

    def _url_of(self, service_id: str) -> str:
        return self._url + quote(service_id, safe="")
