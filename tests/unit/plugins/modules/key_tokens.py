# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The local IBM Cloud, seen from the tokens of backend iam that it has."""

from __future__ import annotations

from typing import Any

from ansible_collections.icr.access.plugins.module_utils._key_tokens import mark
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud

REGION = "us-south"


def seed_token(cloud: LocalCloud, **fields: Any) -> dict[str, Any]:
    """A token `ci` as the module would have made it, but for the fields of its key and, as
    `service_id`, of its service ID. Gives what seeding told of the service ID."""
    service_id = fields.pop("service_id", {})
    key = {"name": "ci", "store_value": True, **fields}
    return cloud.service_id(
        "ci",
        **{
            "description": mark(REGION),
            "api_keys": [key],
            "policies": [{"roles": ["Reader"], "region": REGION}],
            **service_id,
        },
    )


def service_ids(cloud: LocalCloud, name: str = "ci") -> list[Any]:
    return [each for each in cloud.app.state.service_ids.values() if each.name == name]


def keys(cloud: LocalCloud, name: str = "ci") -> list[Any]:
    """Of all service IDs of that name."""
    owners = {each.iam_id for each in service_ids(cloud, name)}
    return [each for each in cloud.app.state.api_keys.values() if each.iam_id in owners]


def grants(cloud: LocalCloud, name: str = "ci") -> list[tuple[str, str]]:
    """(roles, on what) of each policy in force of those service IDs, such as
    `("Reader Writer", "us-south team-a")`."""
    owners = {each.iam_id for each in service_ids(cloud, name)}
    return sorted(
        (" ".join(sorted(grant.roles)), _target(grant.attributes))
        for iam_id in owners
        for grant in cloud.app.state.grants_of(iam_id)
    )


def is_accepted(cloud: LocalCloud, value: str) -> bool:
    """Whether IAM exchanges the key at this moment."""
    return cloud.exchange(value).status == 200


def _target(attributes: Any) -> str:
    values = {each.name: each.value for each in attributes}
    names = ("region", "geography", "resource")
    return " ".join(str(values[name]) for name in names if name in values)
