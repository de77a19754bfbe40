# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""IBM's client of the policy API, version 2, on the sandbox."""

from __future__ import annotations

from typing import Any

import pytest
from ibm_cloud_sdk_core import ApiException
from ibm_platform_services.iam_policy_management_v1 import (
    Control,
    ControlResponseControlWithEnrichedRoles,
    Grant,
    RoleCollection,
    Roles,
    V2PoliciesPager,
    V2Policy,
    V2PolicyResource,
    V2PolicyResourceAttribute,
    V2PolicySubject,
    V2PolicySubjectAttribute,
)

from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud

ROLE = "crn:v1:bluemix:public:iam::::serviceRole:"
EQUALS = "stringEquals"


@pytest.fixture
def ci(local_cloud: LocalCloud) -> dict[str, Any]:
    return local_cloud.service_id()


def wanted(
    cloud: LocalCloud, iam_id: str, *roles: str, **attributes: str
) -> dict[str, Any]:
    """What creating and replacing take, built of their own classes."""
    values = {
        "accountId": cloud.account_id,
        "serviceName": "container-registry",
        **attributes,
    }
    subject = V2PolicySubjectAttribute(key="iam_id", operator=EQUALS, value=iam_id)
    return {
        "type": "access",
        "control": Control(Grant([Roles(role_id=ROLE + role) for role in roles])),
        "subject": V2PolicySubject(attributes=[subject]),
        "resource": V2PolicyResource(
            attributes=[
                V2PolicyResourceAttribute(key=key, operator=EQUALS, value=value)
                for key, value in values.items()
            ]
        ),
    }


def test_life(policies: Any, local_cloud: LocalCloud, ci: dict[str, Any]) -> None:
    limits = {"region": "us-south", "resourceType": "namespace", "resource": "team"}
    body = wanted(local_cloud, ci["iam_id"], "Reader", **limits)
    made = policies.create_v2_policy(description="for CI", **body)
    assert made.get_status_code() == 201
    tag, policy_id = made.get_headers()["ETag"], made.get_result()["id"]
    read = policies.get_v2_policy(policy_id).get_result()
    assert V2Policy.from_dict(read).resource == body["resource"]
    assert V2Policy.from_dict(read).description == "for CI"
    both = wanted(local_cloud, ci["iam_id"], "Reader", "Writer", **limits)
    changed = policies.replace_v2_policy(id=policy_id, if_match=tag, **both)
    assert changed.get_result()["control"] == both["control"].to_dict()
    with pytest.raises(ApiException) as caught:
        policies.replace_v2_policy(id=policy_id, if_match=tag, **body)
    assert caught.value.status_code == 409
    assert policies.delete_v2_policy(policy_id).get_status_code() == 204
    assert policies.get_v2_policy(policy_id).get_result()["state"] == "deleted"


def test_conflict_names_the_policy(
    policies: Any, local_cloud: LocalCloud, ci: dict[str, Any]
) -> None:
    body = wanted(local_cloud, ci["iam_id"], "Reader")
    made = policies.create_v2_policy(**body).get_result()
    with pytest.raises(ApiException) as caught:
        policies.create_v2_policy(**wanted(local_cloud, ci["iam_id"], "Writer"))
    assert caught.value.status_code == 409
    assert made["id"] in caught.value.message
    (error,) = caught.value.http_response.json()["errors"]
    assert error["details"]["conflicts_with"]["policy"] == made


def test_pages_and_filters(
    policies: Any, local_cloud: LocalCloud, ci: dict[str, Any]
) -> None:
    made = [
        policies.create_v2_policy(
            **wanted(local_cloud, ci["iam_id"], "Reader", region=region)
        ).get_result()["id"]
        for region in ("us-south", "eu-de", "jp-tok")
    ]
    query = {"account_id": local_cloud.account_id, "iam_id": ci["iam_id"], "limit": 2}
    pager = V2PoliciesPager(client=policies, service_name="container-registry", **query)
    assert [policy["id"] for policy in pager.get_all()] == made
    pager = V2PoliciesPager(client=policies, service_name="kms", **query)
    assert pager.get_all() == []


def test_display_format(
    policies: Any, local_cloud: LocalCloud, ci: dict[str, Any]
) -> None:
    body = wanted(local_cloud, ci["iam_id"], "Reader")
    made = policies.create_v2_policy(**body).get_result()
    shown = policies.get_v2_policy(made["id"], format="display").get_result()
    control = ControlResponseControlWithEnrichedRoles.from_dict(shown["control"])
    (role,) = control.grant.roles
    assert "container-registry.image.pull" in [each.id for each in role.actions]


def test_roles(policies: Any, local_cloud: LocalCloud) -> None:
    answer = policies.list_roles(
        account_id=local_cloud.account_id, service_name="container-registry"
    ).get_result()
    roles = RoleCollection.from_dict(answer)
    assert [role.crn for role in roles.service_roles] == [
        ROLE + name for name in ("Reader", "Writer", "Manager")
    ]


def test_policy_that_cannot_be_seen_yet(
    policies: Any, local_cloud: LocalCloud, ci: dict[str, Any]
) -> None:
    local_cloud.switch(policy_visibility_seconds=60)
    body = wanted(local_cloud, ci["iam_id"], "Reader")
    made = policies.create_v2_policy(**body).get_result()
    with pytest.raises(ApiException) as caught:
        policies.get_v2_policy(made["id"])
    assert caught.value.status_code == 404
    local_cloud.advance(60)
    assert policies.get_v2_policy(made["id"]).get_result() == made
