# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""IBM's client of the registry API on the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ibm_cloud_sdk_core import ApiException
from ibm_container_registry.container_registry_v1 import (
    ImageDigest,
    ImageInspection,
    NamespaceDetails,
    Quota,
    RemoteAPIImage,
)

from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud

APP = "us.icr.io/team/app"


@pytest.fixture
def seeded(local_cloud: LocalCloud) -> None:
    local_cloud.seed(
        namespaces=[{"region": "us-south", "name": "team"}],
        repositories=[{"region": "us-south", "name": "team/app", "tags": ["1", "2"]}],
    )


def refusal(call: Any, *arguments: object, **more: object) -> tuple[int, str]:
    """The status and the code that come with their exception."""
    with pytest.raises(ApiException) as caught:
        call(*arguments, **more)
    return caught.value.status_code, caught.value.http_response.json()["code"]


class TestNamespaces:
    def test_life(self, registry: Any, registry_of: Callable[..., Any]) -> None:
        statuses = [
            registry.create_namespace("team").get_status_code() for _turn in range(2)
        ]
        assert statuses == [201, 200]
        assert registry.list_namespaces().get_result() == ["team"]
        (details,) = registry.list_namespace_details().get_result()
        assert NamespaceDetails.from_dict(details).name == "team"
        assert registry_of("eu-de").list_namespaces().get_result() == []
        assert registry.delete_namespace("team").get_status_code() == 204
        assert refusal(registry.delete_namespace, "team") == (404, "CRN0001E")

    def test_group_of_an_old_one(self, registry: Any, local_cloud: LocalCloud) -> None:
        old = {"region": "us-south", "name": "aged", "without_resource_group": True}
        local_cloud.seed(namespaces=[old])
        group = local_cloud.app.state.founder.resource_group
        assigned = registry.assign_namespace(
            x_auth_resource_group=group, name="aged"
        ).get_result()
        assert assigned == {"namespace": "aged"}
        (details,) = registry.list_namespace_details().get_result()
        assert NamespaceDetails.from_dict(details).resource_group == group

    def test_without_rights(
        self, registry_of: Callable[..., Any], local_cloud: LocalCloud, seeded: None
    ) -> None:
        nobody = registry_of(api_key=local_cloud.service_id()["api_key"])
        assert nobody.list_namespaces().get_result() == []
        assert refusal(nobody.create_namespace, "fresh") == (403, "CRG0020E")


@pytest.mark.usefixtures("seeded")
class TestImages:
    def test_list(self, registry: Any) -> None:
        answer = registry.list_images(
            namespace="team",
            repository="team/app",
            include_ibm=False,
            include_private=True,
            include_manifest_lists=True,
            vulnerabilities=False,
        ).get_result()
        (image,) = [RemoteAPIImage.from_dict(each) for each in answer]
        assert image.repo_tags == [f"{APP}:1", f"{APP}:2"]
        assert registry.list_images(namespace="other").get_result() == []

    def test_tag_inspect_untag(self, registry: Any) -> None:
        made = registry.tag_image(fromimage=f"{APP}:1", toimage=f"{APP}:3")
        assert made.get_status_code() == 201
        seen = registry.inspect_image(f"{APP}:3").get_result()
        assert ImageInspection.from_dict(seen).os == "linux"
        manifest = registry.get_image_manifest(f"{APP}:3").get_result()
        assert manifest["schemaVersion"] == 2
        gone = registry.delete_image_tag(f"{APP}:3").get_result()
        assert gone == {"Untagged": f"{APP}:3"}

    def test_delete(self, registry: Any) -> None:
        gone = registry.delete_image(f"{APP}:1").get_result()
        assert gone == {"Untagged": f"{APP}:1"}
        assert registry.list_images().get_result() == []
        assert refusal(registry.delete_image, f"{APP}:1") == (404, "CRI0001E")

    def test_digests_and_bulk_deletion(self, registry: Any) -> None:
        answer = registry.list_image_digests(
            exclude_tagged=False, repositories=["team/app"]
        ).get_result()
        (image,) = [ImageDigest.from_dict(each) for each in answer]
        assert image.repo_tags == {APP: {"1": {}, "2": {}}}
        name = f"{APP}@{image.id}"
        deleted = registry.bulk_delete_images([name]).get_result()
        assert deleted == {"success": [name], "error": {}}
        assert registry.list_image_digests().get_result() == []


class TestAccount:
    def test_auth_and_settings(self, registry: Any) -> None:
        changed = registry.update_auth(iam_authz=True, private_only=True)
        assert changed.get_status_code() == 204
        wanted = {"iam_authz": True, "private_only": True}
        assert registry.get_auth().get_result() == wanted
        registry.update_settings(platform_metrics=True)
        assert registry.get_settings().get_result() == {"platform_metrics": True}

    def test_plan_and_quota(self, registry: Any) -> None:
        registry.update_quota(storage_megabytes=100)
        quota = Quota.from_dict(registry.get_quota().get_result())
        assert quota.limit.storage_bytes == 100 * 1024 * 1024
        registry.update_plans(plan="Standard")
        assert registry.get_plans().get_result() == {"plan": "Standard"}
        quota = Quota.from_dict(registry.get_quota().get_result())
        assert quota.limit.traffic_bytes == -1

    def test_takes_a_manager(
        self, registry_of: Callable[..., Any], local_cloud: LocalCloud
    ) -> None:
        made = local_cloud.service_id(policies=[{"roles": ["Reader"]}])
        reader = registry_of(api_key=made["api_key"])
        assert reader.get_quota().get_status_code() == 200
        assert refusal(reader.get_plans) == (403, "CRG0020E")
        assert refusal(reader.update_plans, plan="Standard") == (403, "CRG0020E")

    def test_messages(self, registry: Any, local_cloud: LocalCloud) -> None:
        assert registry.get_messages().get_status_code() == 204
        local_cloud.seed(messages=[{"region": "us-south", "text": "hello"}])
        assert registry.get_messages().get_result() == "hello"
