# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import json

import pytest

from ansible_collections.icr.access.plugins.module_utils._caller import Caller
from ansible_collections.icr.access.plugins.module_utils._cloud import CloudSession
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    ApiError,
    BadResponseError,
)
from ansible_collections.icr.access.plugins.module_utils._identities import ServiceId
from ansible_collections.icr.access.plugins.module_utils._service_ids import (
    ServiceIds,
)
from ansible_collections.icr.access.plugins.module_utils._verdict import Settings
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud


@pytest.fixture
def service_ids(local_cloud: LocalCloud) -> ServiceIds:
    session = CloudSession(Settings(sleep=lambda _seconds: None))
    who = Caller(session, local_cloud.iam_url, api_key=local_cloud.api_key)
    who.iam_id()
    local_cloud.requests()
    return ServiceIds(who, local_cloud.iam_url)


class TestListServiceIds:
    def test_by_name_exactly(
        self, service_ids: ServiceIds, local_cloud: LocalCloud
    ) -> None:
        local_cloud.service_id("ci-puller")
        made = local_cloud.service_id("ci")
        found = service_ids.list_service_ids(local_cloud.account_id, "ci")
        assert [each.id for each in found] == [made["id"]]

    def test_filter_that_is_not_exact_is_made_so(
        self, service_ids: ServiceIds, local_cloud: LocalCloud
    ) -> None:
        shapes = [
            {"id": f"ServiceId-{name}", "iam_id": f"iam-ServiceId-{name}", "name": name}
            for name in ("ci", "CI", "ci-puller")
        ]
        body = json.dumps({"serviceids": shapes})
        local_cloud.fault("text", "/v1/serviceids*", status=200, body=body)
        found = service_ids.list_service_ids("a", "ci")
        assert [each.name for each in found] == ["ci"]

    def test_all_pages_are_read(
        self, service_ids: ServiceIds, local_cloud: LocalCloud
    ) -> None:
        local_cloud.switch(page_limit=2)
        local_cloud.seed(service_ids=[{"name": f"s{number}"} for number in range(5)])
        assert len(service_ids.list_service_ids(local_cloud.account_id)) == 5


class TestFindServiceId:
    def test_by_id(self, service_ids: ServiceIds, local_cloud: LocalCloud) -> None:
        made = local_cloud.service_id("ci")
        found = service_ids.find_service_id(made["id"])
        assert found is not None
        assert (found.name, found.iam_id) == ("ci", made["iam_id"])
        assert service_ids.find_service_id("ServiceId-0") is None


class TestCreateServiceId:
    def test_is_as_it_was_asked_for(
        self, service_ids: ServiceIds, local_cloud: LocalCloud
    ) -> None:
        made = service_ids.create_service_id(local_cloud.account_id, "ci", "builds")
        record = local_cloud.app.state.service_ids[made.id]
        assert (made.name, made.description) == ("ci", "builds")
        assert (record.name, record.description) == ("ci", "builds")
        assert made.iam_id == record.iam_id
        assert local_cloud.requests() == ["POST /v1/serviceids/"]

    @pytest.mark.parametrize("kind", ["status", "reset", "truncate"])
    def test_is_never_asked_for_twice(
        self, service_ids: ServiceIds, local_cloud: LocalCloud, kind: str
    ) -> None:
        local_cloud.fault(kind, "/v1/serviceids*", method="POST", calls=0)
        with pytest.raises(AccessError):
            service_ids.create_service_id(local_cloud.account_id, "ci")
        assert len(local_cloud.requests()) == 1


class TestUpdateServiceId:
    @pytest.mark.parametrize("status", [409, 412])
    def test_stale_tag_is_refused(
        self, service_ids: ServiceIds, local_cloud: LocalCloud, status: int
    ) -> None:
        local_cloud.switch(stale_etag_status=status)
        service_id = local_cloud.service_id()["id"]
        with pytest.raises(ApiError) as caught:
            service_ids.update_service_id(service_id, "1-0", {"name": "x"})
        assert caught.value.status == status

    def test_fields_change(
        self, service_ids: ServiceIds, local_cloud: LocalCloud
    ) -> None:
        found = service_ids.find_service_id(local_cloud.service_id()["id"])
        assert found is not None
        changed = service_ids.update_service_id(
            found.id, found.entity_tag, {"name": "new"}
        )
        assert (changed.name, changed.entity_tag != found.entity_tag) == ("new", True)


class TestLockAndDelete:
    def test_lock_keeps_from_deletion(
        self, service_ids: ServiceIds, local_cloud: LocalCloud
    ) -> None:
        service_id = local_cloud.service_id()["id"]
        service_ids.set_locked(service_id, True)
        with pytest.raises(ApiError, match="most likely locked"):
            service_ids.delete_service_id(service_id)
        service_ids.set_locked(service_id, False)
        service_ids.delete_service_id(service_id)
        assert service_ids.find_service_id(service_id) is None

    def test_what_is_gone_is_deleted(self, service_ids: ServiceIds) -> None:
        service_ids.delete_service_id("ServiceId-0")

    def test_page_is_no_success(
        self, service_ids: ServiceIds, local_cloud: LocalCloud
    ) -> None:
        local_cloud.fault("html", "/v1/serviceids/*", status=200, calls=0)
        with pytest.raises(BadResponseError, match="no JSON object"):
            service_ids.delete_service_id("ServiceId-0")


class TestServiceId:
    def test_what_it_is_bound_to_is_read_and_not_shown(self) -> None:
        found = ServiceId.from_wire(
            {
                "id": "ServiceId-1",
                "iam_id": "iam-ServiceId-1",
                "entity_tag": "1-a",
                "unique_instance_crns": ["crn:v1:a"],
            }
        )
        assert found.unique_instance_crns == ("crn:v1:a",)
        assert not {"unique_instance_crns", "entity_tag"} & set(found.as_result())
