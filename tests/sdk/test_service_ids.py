# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""IBM's client of the identity API on service IDs of the sandbox."""

from __future__ import annotations

from typing import Any

import pytest
from ibm_cloud_sdk_core import ApiException
from ibm_platform_services.iam_identity_v1 import (
    ApiKeyInsideCreateServiceIdRequest,
    ServiceId,
)

from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud


def make(sdk: Any, cloud: LocalCloud, name: str = "ci", **more: object) -> Any:
    return sdk.create_service_id(account_id=cloud.account_id, name=name, **more)


def refusal(call: Any, **arguments: object) -> int:
    """The status that their client reports."""
    with pytest.raises(ApiException) as caught:
        call(**arguments)
    status: int = caught.value.status_code
    return status


def test_life(sdk: Any, local_cloud: LocalCloud) -> None:
    made = make(sdk, local_cloud, description="d")
    assert made.get_status_code() == 201
    first = ServiceId.from_dict(made.get_result())
    assert made.get_headers()["Etag"] == first.entity_tag
    changed = ServiceId.from_dict(
        sdk.update_service_id(
            id=first.id, if_match=first.entity_tag, name="cd", description=""
        ).get_result()
    )
    assert (changed.name, changed.description) == ("cd", None)
    stale = {"id": first.id, "if_match": first.entity_tag, "name": "x"}
    assert refusal(sdk.update_service_id, **stale) == 409
    read = sdk.get_service_id(
        id=first.id,
        include_history=True,
        include_activity=True,
        show_group_id="false",
    ).get_result()
    shown = ServiceId.from_dict(read)
    assert [event.action for event in shown.history] == ["create", "update"]
    assert sdk.delete_service_id(id=first.id).get_status_code() == 204
    assert refusal(sdk.get_service_id, id=first.id) == 404


def test_names_are_found_exactly_page_by_page(
    sdk: Any, local_cloud: LocalCloud
) -> None:
    made = [
        make(sdk, local_cloud, name).get_result()["id"]
        for name in ("ci", "ci-2", "ci", "ci")
    ]
    found, token = [], None
    while True:
        query = {} if token else {"account_id": local_cloud.account_id, "name": "ci"}
        page = sdk.list_service_ids(pagetoken=token, pagesize=2, **query).get_result()
        found += [each["id"] for each in page["serviceids"]]
        if "next" not in page:
            break
        token = page["next"].partition("pagetoken=")[2].partition("&")[0]
        token = token.replace("%3D", "=")
    assert found == [made[0], *made[2:]]


def test_key_inside(sdk: Any, local_cloud: LocalCloud) -> None:
    key = ApiKeyInsideCreateServiceIdRequest(name="k", store_value=True)
    made = ServiceId.from_dict(make(sdk, local_cloud, apikey=key).get_result())
    assert local_cloud.exchange(made.apikey.apikey).status == 200
    assert (
        ServiceId.from_dict(sdk.get_service_id(id=made.id).get_result()).apikey is None
    )


def test_lock(sdk: Any, local_cloud: LocalCloud) -> None:
    made = make(sdk, local_cloud, entity_lock="true").get_result()
    update = {"id": made["id"], "if_match": "*", "name": "x"}
    assert refusal(sdk.update_service_id, **update) == 409
    assert refusal(sdk.delete_service_id, id=made["id"]) == 409
    assert sdk.unlock_service_id(id=made["id"]).get_status_code() == 204
    assert sdk.delete_service_id(id=made["id"]).get_status_code() == 204


def test_deletion_that_collides_once(sdk: Any, local_cloud: LocalCloud) -> None:
    made = make(sdk, local_cloud, apikey={"name": "k"}).get_result()
    local_cloud.switch(service_id_delete_conflicts=1)
    assert refusal(sdk.delete_service_id, id=made["id"]) == 409
    assert local_cloud.exchange(made["apikey"]["apikey"]).status == 200
    assert sdk.delete_service_id(id=made["id"]).get_status_code() == 204
    assert refusal(sdk.get_api_key, id=made["apikey"]["id"]) == 404
