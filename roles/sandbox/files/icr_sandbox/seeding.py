# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""POST /seed: puts things into the world without asking who may."""

from __future__ import annotations

from collections.abc import Callable

from icr_sandbox import entities
from icr_sandbox.permissions import SERVICE, Attribute, role_crn
from icr_sandbox.records import ApiKey, Identity, Policy, Profile, ServiceId
from icr_sandbox.seed_item import Item, Made, SeedError
from icr_sandbox.state import State


class Seeding:
    """Reads a seed in the order of `_kinds`, so that later entries may name earlier ones."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._kinds: dict[str, Callable[[Item], Made]] = {
            "accounts": self._account,
            "users": self._user,
            "service_ids": self._service_id,
            "profiles": self._profile,
            "api_keys": self._api_key,
            "policies": self._policy,
            "namespaces": self._namespace,
            "repositories": self._repository,
            "legacy_tokens": self._legacy_token,
        }

    def seed(self, given: dict[str, object]) -> Made:
        """What was made, under the same names. Raises SeedError; what came before the
        wrong entry stays made."""
        unknown = set(given) - set(self._kinds) - {"limits"}
        if unknown:
            raise SeedError(f"unknown: {', '.join(sorted(unknown))}")
        made: Made = {}
        limits = given.get("limits", {})
        if not isinstance(limits, dict):
            raise SeedError("limits is an object")
        try:
            self._state.limits.change(limits)
        except ValueError as error:
            raise SeedError(str(error)) from None
        for kind, make in self._kinds.items():
            entries = given.get(kind)
            if entries is None:
                continue
            if not isinstance(entries, list):
                raise SeedError(f"{kind} is a list")
            made[kind] = [self._make(kind, entry, make) for entry in entries]
        return made

    def _make(self, kind: str, entry: object, make: Callable[[Item], Made]) -> Made:
        item = Item(kind, entry)
        result = make(item)
        item.done()
        return result

    # --- who ---

    def _account_id(self, item: Item) -> str:
        account_id = item.text("account_id", self._state.founder.account_id)
        if account_id not in self._state.accounts:
            raise SeedError(f"{item.kind}: unknown account {account_id}")
        return account_id

    def _identity(self, item: Item) -> Identity:
        """By `iam_id`, or `service_id` or `profile`: id, IAM id or a name that is unique
        among them; the account owner when none is given."""
        iam_id = item.optional_text("iam_id")
        wanted = item.optional_text("service_id") or item.optional_text("profile")
        if wanted is not None:
            return self._named(item.kind, wanted)
        identity = self._state.identity(iam_id or self._state.founder.iam_id)
        if identity is None:
            raise SeedError(f"{item.kind}: unknown iam_id {iam_id}")
        return identity

    def _named(self, kind: str, wanted: str) -> Identity:
        candidates: list[ServiceId | Profile] = [
            *self._state.service_ids.values(),
            *self._state.profiles.values(),
        ]
        found = [
            identity
            for identity in candidates
            if wanted in (identity.id, identity.iam_id, identity.name)
        ]
        if len(found) != 1:
            raise SeedError(f"{kind}: {len(found)} identities are called {wanted}")
        return found[0]

    def _account(self, item: Item) -> Made:
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

    def _user(self, item: Item) -> Made:
        user = entities.add_user(
            self._state,
            self._account_id(item),
            item.text("name", "Some User"),
            item.optional_text("email"),
        )
        key = self._key_of(user.iam_id, user.account_id, user.name)
        return {
            "iam_id": user.iam_id,
            "account_id": user.account_id,
            "api_key": key.value,
            "api_key_id": key.id,
            **self._with_policies(item, user),
        }

    def _service_id(self, item: Item) -> Made:
        """With `api_keys` and `policies` of its own inside; a key is made unless
        `api_keys` says otherwise."""
        account_id = self._account_id(item)
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
        keys = [
            self._make("api_keys", entry, lambda key: self._add_key(key, service_id))
            for entry in item.items("api_keys") or [{}]
        ]
        made["api_keys"] = keys
        made["api_key"] = keys[0]["value"]
        made["api_key_id"] = keys[0]["id"]
        return {**made, **self._with_policies(item, service_id)}

    def _profile(self, item: Item) -> Made:
        """A trusted profile; `service_ids` lists those that may assume it."""
        account_id = self._account_id(item)
        trusts = [
            self._named("profiles", name).iam_id for name in item.texts("service_ids")
        ]
        profile = entities.add_profile(
            self._state, account_id, item.text("name"), trusts
        )
        return {
            "id": profile.id,
            "iam_id": profile.iam_id,
            "name": profile.name,
            **self._with_policies(item, profile),
        }

    # --- keys and policies ---

    def _api_key(self, item: Item) -> Made:
        return self._add_key(item, self._identity(item))

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

    def _with_policies(self, item: Item, identity: Identity) -> Made:
        policies = [
            self._make(
                "policies", entry, lambda policy: self._add_policy(policy, identity)
            )
            for entry in item.items("policies")
        ]
        return {"policies": policies}

    def _policy(self, item: Item) -> Made:
        return self._add_policy(item, self._identity(item))

    def _add_policy(self, item: Item, identity: Identity) -> Made:
        """`roles` by name. `region` `global` becomes the geography, as it has to be."""
        roles = [self._role(name) for name in item.texts("roles") or ["Reader"]]
        resource = [
            Attribute("accountId", identity.account_id),
            Attribute("serviceName", item.text("service_name", SERVICE)),
        ]
        region = item.optional_text("region")
        if region == "global":
            resource.append(Attribute("geography", "global"))
        elif region is not None:
            resource.append(Attribute("region", region))
        namespace = item.optional_text("namespace")
        if namespace is not None:
            resource.append(Attribute("resourceType", "namespace"))
            resource.append(Attribute("resource", namespace))
        policy: Policy = entities.add_policy(
            self._state,
            account_id=identity.account_id,
            subject=identity.iam_id,
            roles=roles,
            resource=resource,
            created_by=self._state.accounts[identity.account_id].owner,
            description=item.optional_text("description"),
        )
        return {"id": policy.id, "iam_id": policy.subject, "roles": policy.roles}

    def _role(self, name: str) -> str:
        crn = role_crn(name)
        if crn is None:
            raise SeedError(f"policies: unknown role {name}")
        return crn

    # --- the registry ---

    def _namespace(self, item: Item) -> Made:
        region, name = item.region(), item.text("name")
        account_id = self._account_id(item)
        if (region, name) in self._state.namespaces:
            raise SeedError(f"namespaces: {name} exists in {region}")
        group = item.text(
            "resource_group", self._state.accounts[account_id].resource_groups[0]
        )
        # Namespaces from before resource groups have none.
        old = item.flag("without_resource_group")
        entities.add_namespace(
            self._state, region, name, account_id, None if old else group
        )
        return {"region": region, "name": name, "account_id": account_id}

    def _repository(self, item: Item) -> Made:
        """`name` is `namespace/repository`; the namespace has to exist, unless the
        repository is public and nobody's (as IBM's own are)."""
        region, name = item.region(), item.text("name")
        public = item.flag("public")
        namespace = name.partition("/")[0]
        if not public and (region, namespace) not in self._state.namespaces:
            raise SeedError(f"repositories: no namespace {namespace} in {region}")
        repository = self._state.repositories.ensure(region, name)
        repository.public = public
        tags = item.texts("tags")
        self._state.repositories.seed_tags(region, name, tags)
        return {"region": region, "name": name, "public": public, "tags": tags}

    def _legacy_token(self, item: Item) -> Made:
        token = entities.add_legacy_token(
            self._state,
            item.region(),
            self._account_id(item),
            description=item.text("description", "seeded"),
            readonly=item.flag("readonly", True),
            expiry=int(item.moment("expires_at") or 0),
        )
        return {"id": token.id, "region": token.region, "value": token.value}
