# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""IBM Cloud's identity API: API keys.

Source: https://cloud.ibm.com/apidocs/iam-identity-token-api
"""

from __future__ import annotations

from urllib.parse import quote

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _iam_calls,
    _identities,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.icr.access.plugins.module_utils import _caller


class Iam:
    """The calls, one method each. `find_` gives None for what does not exist, `list_` reads all
    pages. All raise what `Caller.call` raises. `url` is IAM's base URL, without a path."""

    def __init__(self, caller: _caller.Caller, url: str) -> None:
        self._caller = caller
        self._url = url

    # --- API keys ---

    def list_api_keys(self, account_id: str, iam_id: str) -> list[_identities.ApiKey]:
        """The API keys of one identity, without their values."""
        query = {"account_id": account_id, "iam_id": iam_id}
        if iam_id.startswith(_identities.SERVICE_IAM_ID_PREFIX):
            query["type"] = "serviceid"
        return self._list_api_keys(query, f"Listing the API keys of {iam_id}")

    def list_all_api_keys(self, account_id: str) -> list[_identities.ApiKey]:
        """The API keys of all users and service IDs of an account, without their values."""
        found: dict[str, _identities.ApiKey] = {}
        for kind in ("user", "serviceid"):
            query = {"account_id": account_id, "scope": "account", "type": kind}
            for key in self._list_api_keys(
                query, "Listing the API keys of the account"
            ):
                found.setdefault(key.id, key)
        return list(found.values())

    def find_api_key(self, key_id: str) -> _identities.ApiKey | None:
        """The API key of that id, with its value if that is stored."""
        return self._find_key(key_id, f"Reading API key {key_id}")

    def find_api_key_by_value(self, value: str) -> _identities.ApiKey | None:
        """The API key of that value, None when it belongs to none that the caller may see."""
        self._caller.hide(value)
        try:
            answer = self._caller.call(
                "GET",
                f"{self._url}/v1/apikeys/details",
                action="Asking which API key a value belongs to",
                headers={"IAM-ApiKey": value},
            )
        except _errors.ApiError as error:
            # A value is unknown, somebody else's, or not even well formed. With 401 it is about
            # the value, too: a token that ended on the way has been renewed.
            if error.status not in (400, 401, 403, 404):
                raise
            return None
        return _identities.ApiKey.from_wire(answer.document())

    def create_api_key(
        self,
        fields: Mapping[str, object],
        *,
        locked: bool = False,
        disabled: bool = False,
    ) -> _identities.ApiKey:
        """A new API key, whose value is None if IBM Cloud does not tell it after all; `fields`
        are those of the API, `name` and `iam_id` among them. Never asked for twice: raises
        when it is unknown whether it was made."""
        answer = self._caller.call(
            "POST",
            f"{self._url}/v1/apikeys",
            action=f"Making API key {fields.get('name')}",
            document=dict(fields),
            headers={
                "Entity-Lock": str(locked).lower(),
                "Entity-Disable": str(disabled).lower(),
            },
            can_repeat=False,
        )
        key = _identities.ApiKey.from_wire(answer.document())
        if key.value is not None:
            self._caller.hide(key.value)
        return key

    def update_api_key(
        self, key_id: str, entity_tag: str, fields: Mapping[str, object]
    ) -> _identities.ApiKey:
        """Give an API key these fields, if nobody has changed it since `entity_tag` was read.
        Raises `ApiError` with status 409 or 412 if somebody has."""
        answer = self._caller.call(
            "PUT",
            self._key_url(key_id),
            action=f"Changing API key {key_id}",
            document=dict(fields),
            headers={"If-Match": entity_tag},
        )
        return _identities.ApiKey.from_wire(answer.document())

    def delete_api_key(self, key_id: str) -> None:
        """Delete an API key for good; one that is gone already is no error."""
        _iam_calls.delete(
            self._caller, self._key_url(key_id), f"Deleting API key {key_id}"
        )

    def set_locked(self, key_id: str, locked: bool) -> None:
        """Lock an API key, or unlock it."""
        action = f"{'Locking' if locked else 'Unlocking'} API key {key_id}"
        method = "POST" if locked else "DELETE"
        _iam_calls.order(self._caller, method, f"{self._key_url(key_id)}/lock", action)

    def set_disabled(self, key_id: str, disabled: bool) -> None:
        """Disable an API key, or enable it."""
        action = f"{'Disabling' if disabled else 'Enabling'} API key {key_id}"
        method = "POST" if disabled else "DELETE"
        _iam_calls.order(
            self._caller, method, f"{self._key_url(key_id)}/disable", action
        )

    # --- what they share ---

    def _key_url(self, key_id: str) -> str:
        return f"{self._url}/v1/apikeys/{quote(key_id, safe='')}"

    def _find_key(self, key_id: str, action: str) -> _identities.ApiKey | None:
        answer = _iam_calls.find(self._caller, self._key_url(key_id), action)
        if answer is None:
            return None
        key = _identities.ApiKey.from_wire(answer.document())
        if key.value is not None:
            self._caller.hide(key.value)
        return key

    def _list_api_keys(
        self, query: Mapping[str, str], action: str
    ) -> list[_identities.ApiKey]:
        found: dict[str, _identities.ApiKey] = {}
        for wire in _iam_calls.pages(
            self._caller,
            f"{self._url}/v1/apikeys",
            query,
            action,
            paging=_iam_calls.IDENTITY_PAGES,
        ):
            key = _identities.ApiKey.from_wire(wire)
            found.setdefault(key.id, key)
        return list(found.values())
