# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Policies of a seed, alone or inside an identity."""

from __future__ import annotations

from icr_sandbox import entities
from icr_sandbox.permissions import SERVICE, Attribute, role_crn
from icr_sandbox.records import Identity
from icr_sandbox.seed_item import Item, Made, SeedError, make_from
from icr_sandbox.seed_owner import identity_of
from icr_sandbox.state import State

_VERSIONS = (1, 2)


class SeedPolicies:
    """In force and to be seen at once, whatever the switches say."""

    def __init__(self, state: State) -> None:
        self._state = state

    def policy(self, item: Item) -> Made:
        return self._add(item, identity_of(self._state, item))

    def inside(self, item: Item, identity: Identity) -> Made:
        """What `policies` of an identity lists, made for it."""
        policies = [
            make_from("policies", entry, lambda policy: self._add(policy, identity))
            for entry in item.items("policies")
        ]
        return {"policies": policies}

    def _add(self, item: Item, identity: Identity) -> Made:
        policy = entities.add_policy(
            self._state,
            account_id=identity.account_id,
            subject=identity.iam_id,
            roles=[_role(name) for name in item.texts("roles") or ["Reader"]],
            resource=_resource(item, identity.account_id),
            created_by=self._state.accounts[identity.account_id].owner,
            description=item.optional_text("description"),
            version=item.one_of("version", _VERSIONS),
        )
        return {"id": policy.id, "iam_id": policy.subject, "roles": policy.roles}


def _role(name: str) -> str:
    crn = role_crn(name)
    if crn is None:
        raise SeedError(f"policies: unknown role {name}")
    return crn


def _resource(item: Item, account_id: str) -> list[Attribute]:
    """`region` `global` becomes the geography, as it has to be. `attributes` come on top,
    whatever they are: for policies that this collection would not make. Several texts
    mean any of them; true and false, whether there has to be such an attribute."""
    values = {"serviceName": item.text("service_name", SERVICE)}
    region = item.optional_text("region")
    if region is not None:
        values["geography" if region == "global" else "region"] = region
    namespace = item.optional_text("namespace")
    if namespace is not None:
        values.update({"resourceType": "namespace", "resource": namespace})
    return [
        Attribute("accountId", account_id),
        *(Attribute(name, value) for name, value in values.items()),
        *(_other(name, value) for name, value in item.object("attributes").items()),
    ]


def _other(name: str, value: object) -> Attribute:
    if isinstance(value, str) and value:
        return Attribute(name, value)
    if isinstance(value, bool):
        return Attribute(name, value, "stringExists")
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return Attribute(name, tuple(value), "stringEqualsAnyOf")
    raise SeedError(f"policies: attribute {name} is a text, several, true or false")
