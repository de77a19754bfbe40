# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Who there is in a seed: accounts, users, service IDs, profiles, and their API keys."""

from __future__ import annotations

from icr_sandbox import entities
from icr_sandbox.records import ApiKey, Identity
from icr_sandbox.seed_item import Item, Made, SeedError, make_from
from icr_sandbox.seed_owner import account_of, identity_of, named_identity
from icr_sandbox.seed_policies import SeedPolicies
from icr_sandbox.state import State


class SeedIdentities:
    """Identities come with API keys; what is made inside of them belongs to them."""

    def __init__(self, state: State, policies: SeedPolicies) -> None:
        self._state = state
        self._policies = policies

    def account(self, item: Item) -> Made:
        account = entities.add_account(
            self._state, item.text("name", "another"), item.optional_text("id")
        )
        key = self._key_of(account.owner, account.id, "owner")
        return {
            "id": account.id,
            "name": account.name,
            "iam_id": account.owner,
            "api_key": key.value,
            "api_key_id": key.id,
            "resource_group": account.resource_groups[0],
        }

    def _key_of(self, iam_id: str, account_id: str, name: str) -> ApiKey:
        return entities.add_api_key(
            self._state,
            iam_id=iam_id,
            account_id=account_id,
            name=name,
            created_by=iam_id,
        )

    def user(self, item: Item) -> Made:
        user = entities.add_user(
            self._state,
            account_of(self._state, item),
            item.text("name", "Some User"),
            item.optional_text("email"),
        )
        key = self._key_of(user.iam_id, user.account_id, user.name)
        return {
            "iam_id": user.iam_id,
            "account_id": user.account_id,
            "api_key": key.value,
            "api_key_id": key.id,
            **self._policies.inside(item, user),
        }

    def service_id(self, item: Item) -> Made:
        """With `api_keys` and `policies` of its own inside; one key is made unless
        `api_keys` says otherwise, be it that there are none."""
        account_id = account_of(self._state, item)
        service_id = entities.add_service_id(
            self._state,
            account_id,
            item.text("name"),
            created_by=self._state.accounts[account_id].owner,
            description=item.optional_text("description"),
            locked=item.flag("locked"),
        )
        made: Made = {
            "id": service_id.id,
            "iam_id": service_id.iam_id,
            "name": service_id.name,
            "account_id": account_id,
        }
        entries = item.items("api_keys") if item.has("api_keys") else [{}]
        keys = [
            make_from("api_keys", entry, lambda key: self._add_key(key, service_id))
            for entry in entries
        ]
        made["api_keys"] = keys
        if keys:
            made.update({"api_key": keys[0]["value"], "api_key_id": keys[0]["id"]})
        return {**made, **self._policies.inside(item, service_id)}

    def profile(self, item: Item) -> Made:
        """A trusted profile; `service_ids` lists those that may assume it."""
        account_id = account_of(self._state, item)
        trusts = [
            named_identity(self._state, "profiles", name).iam_id
            for name in item.texts("service_ids")
        ]
        profile = entities.add_profile(
            self._state, account_id, item.text("name"), trusts
        )
        return {
            "id": profile.id,
            "iam_id": profile.iam_id,
            "name": profile.name,
            **self._policies.inside(item, profile),
        }

    def api_key(self, item: Item) -> Made:
        return self._add_key(item, identity_of(self._state, item))

    def _add_key(self, item: Item, identity: Identity) -> Made:
        value = item.optional_text("value")
        if value is not None and self._state.key_by_value(value) is not None:
            raise SeedError("api_keys: that value is in use")
        key = entities.add_api_key(
            self._state,
            iam_id=identity.iam_id,
            account_id=identity.account_id,
            name=item.text("name", "key"),
            created_by=self._state.accounts[identity.account_id].owner,
            value=value,
            description=item.optional_text("description"),
            expires_at=item.moment("expires_at"),
            action_when_leaked=item.text("action_when_leaked", "disable"),
            store_value=item.flag("store_value"),
            locked=item.flag("locked"),
            disabled=item.flag("disabled"),
        )
        return {
            "id": key.id,
            "name": key.name,
            "iam_id": key.iam_id,
            "value": key.value,
        }
