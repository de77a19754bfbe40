# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What a seed puts into the regional registries."""

from __future__ import annotations

from icr_sandbox import entities
from icr_sandbox.seed_item import Item, Made, SeedError
from icr_sandbox.seed_owner import account_of
from icr_sandbox.state import State


class SeedRegistry:
    """Namespaces, repositories, legacy tokens and messages."""

    def __init__(self, state: State) -> None:
        self._state = state

    def namespace(self, item: Item) -> Made:
        region, name = item.region(), item.text("name")
        account_id = account_of(self._state, item)
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

    def repository(self, item: Item) -> Made:
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

    def legacy_token(self, item: Item) -> Made:
        token = entities.add_legacy_token(
            self._state,
            item.region(),
            account_of(self._state, item),
            description=item.text("description", "seeded"),
            readonly=item.flag("readonly", True),
            expiry=int(item.moment("expires_at") or 0),
        )
        return {"id": token.id, "region": token.region, "value": token.value}

    def message(self, item: Item) -> Made:
        """What `GET /api/v1/messages` says there from now on."""
        region, text = item.region(), item.text("text")
        self._state.messages[region] = text
        return {"region": region, "text": text}
