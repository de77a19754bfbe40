# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Images over the registry's own API."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import Cloud, ask
from icr_sandbox.messages import Response
from icr_sandbox.repositories import Manifest

PATH = "/api/v1/images"
INDEX = "application/vnd.oci.image.index.v1+json"


@pytest.fixture(autouse=True)
def images(cloud: Cloud) -> None:
    """Two namespaces of ours, one of another account, one public repository of nobody."""
    other = cloud.seed(accounts=[{}])["accounts"][0]["id"]

    def repository(name: str, *tags: str, **more: object) -> dict[str, object]:
        return {"region": "us-south", "name": name, "tags": tags, **more}

    cloud.seed(
        namespaces=[
            {"region": "us-south", "name": "team"},
            {"region": "us-south", "name": "crew"},
            {"region": "us-south", "name": "theirs", "account_id": other},
        ],
        repositories=[
            repository("team/app", "1", "2"),
            repository("team/empty"),
            repository("crew/app", "1"),
            repository("theirs/app", "1"),
            repository("ibm/liberty", "full", public=True),
        ],
    )
    repositories = cloud.app.state.repositories
    content = b'{"schemaVersion": 2, "manifests": []}'
    index = Manifest(INDEX, content)
    repositories.add_manifest("us-south", "team/multi", index, tag="1", limit=10**6)


def tags(answer: Response) -> list[str]:
    assert answer.status == 200, answer.body
    return [tag for image in answer.json() for tag in image["RepoTags"]]


def delete(cloud: Cloud, image: str, what: str = "images") -> Response:
    return ask(cloud, "DELETE", f"/api/v1/{what}/{quote(image, safe='')}")


def left_in(cloud: Cloud, repository: str) -> list[str]:
    return tags(ask(cloud, "GET", f"{PATH}?repository={repository}"))


class TestList:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["crew/app:1", "team/app:1", "team/app:2"]),
            ("?namespace=team", ["team/app:1", "team/app:2"]),
            ("?namespace=team&namespace=crew&repository=crew/app", ["crew/app:1"]),
            ("?repository=team/none", []),
            ("?includeManifestLists=true&repository=team/multi", ["team/multi:1"]),
            ("?includeIBM=true&includePrivate=false", ["ibm/liberty:full"]),
            ("?includeIBM=true&includeIBM=false&namespace=ibm", []),
            ("?vulnerabilities=false&namespace=crew", ["crew/app:1"]),
        ],
    )
    def test_filters(self, cloud: Cloud, query: str, found: list[str]) -> None:
        answer = ask(cloud, "GET", PATH + query)
        assert tags(answer) == [f"us.icr.io/{name}" for name in found]

    def test_shape(self, cloud: Cloud) -> None:
        (image,) = ask(cloud, "GET", f"{PATH}?repository=team/app").json()
        names = ["us.icr.io/team/app:1", "us.icr.io/team/app:2"]
        assert image["RepoTags"] == names
        assert image["DigestTags"] == {image["Id"]: names}
        assert image["RepoDigests"] == [f"us.icr.io/team/app@{image['Id']}"]
        assert image["ManifestType"].endswith("image.manifest.v1+json")

    def test_another_region(self, cloud: Cloud) -> None:
        assert tags(ask(cloud, "GET", PATH, region="eu-de")) == []

    @pytest.mark.parametrize(
        ("policies", "found"),
        [
            pytest.param([], [], id="none"),
            pytest.param([{"roles": ["Writer"]}], [], id="writer"),
            pytest.param(
                [{"roles": ["Reader"], "namespace": "crew"}],
                ["us.icr.io/crew/app:1"],
                id="reader-of-one",
            ),
        ],
    )
    def test_permissions(
        self, cloud: Cloud, policies: list[dict[str, object]], found: list[str]
    ) -> None:
        key = cloud.service_id(policies=policies)["api_key"]
        assert tags(ask(cloud, "GET", PATH, key)) == found

    @pytest.mark.parametrize("query", ["?unknown=1", "?includeIBM=maybe"])
    def test_invalid(self, cloud: Cloud, query: str) -> None:
        answer = ask(cloud, "GET", PATH + query)
        assert (answer.status, answer.json()["code"]) == (400, "CRG0001E")


class TestDigests:
    def digests(self, cloud: Cloud, **body: object) -> list[dict[str, Any]]:
        answer = ask(cloud, "POST", f"{PATH}/digests", json_body=body)
        assert answer.status == 200, answer.body
        found: list[dict[str, Any]] = answer.json()
        return found

    def test_untagged_too(self, cloud: Cloud) -> None:
        delete(cloud, "us.icr.io/crew/app:1", "tags")
        assert left_in(cloud, "crew/app") == []
        (image,) = self.digests(cloud, repositories=["crew/app"])
        assert image["repoTags"] == {"us.icr.io/crew/app": {}}
        assert self.digests(cloud, exclude_tagged=True) == [image]

    def test_tags_by_repository(self, cloud: Cloud) -> None:
        (image,) = self.digests(cloud, repositories=["us.icr.io/team/app"])
        assert image["repoTags"] == {"us.icr.io/team/app": {"1": {}, "2": {}}}


class TestInspect:
    def test_configuration_and_manifest(self, cloud: Cloud) -> None:
        name = quote("us.icr.io/team/app:1", safe="")
        seen = ask(cloud, "GET", f"{PATH}/{name}/json").json()
        assert (seen["Os"], seen["Architecture"]) == ("linux", "amd64")
        manifest = ask(cloud, "GET", f"{PATH}/{name}/manifest")
        assert manifest.header("Content-Type") == "application/json"
        assert manifest.json()["mediaType"] == seen["ManifestType"]
        assert manifest.json()["config"]["digest"] == seen["Id"]

    def test_writer_may_not(self, cloud: Cloud) -> None:
        key = cloud.service_id(policies=[{"roles": ["Writer"]}])["api_key"]
        answer = ask(cloud, "GET", f"{PATH}/team/app:1/json", key)
        assert (answer.status, answer.json()["code"]) == (403, "CRG0020E")


class TestDelete:
    @pytest.mark.parametrize(
        "image", ["us.icr.io/team/app:1", "127.0.0.1:5000/team/app:1", "team/app:1"]
    )
    def test_all_tags_go_with_the_image(self, cloud: Cloud, image: str) -> None:
        answer = delete(cloud, image)
        assert answer.json() == {"Untagged": "us.icr.io/team/app:1"}
        assert left_in(cloud, "team/app") == []
        assert left_in(cloud, "crew/app") == ["us.icr.io/crew/app:1"]

    def test_only_the_tag(self, cloud: Cloud) -> None:
        answer = delete(cloud, "us.icr.io/team/app:1", "tags")
        assert answer.json() == {"Untagged": "us.icr.io/team/app:1"}
        assert left_in(cloud, "team/app") == ["us.icr.io/team/app:2"]

    @pytest.mark.parametrize(
        ("image", "status", "code"),
        [
            ("us.icr.io/team/app", 404, "CRI0001E"),
            ("us.icr.io/team/app:3", 404, "CRI0001E"),
            ("us.icr.io/team/none:1", 404, "CRI0001E"),
            ("us.icr.io/none/app:1", 403, "CRG0020E"),
            ("us.icr.io/theirs/app:1", 403, "CRG0020E"),
            ("us.icr.io/ibm/liberty:full", 403, "CRG0020E"),
            ("app:1", 400, "CRG0001E"),
        ],
    )
    def test_refusals(self, cloud: Cloud, image: str, status: int, code: str) -> None:
        answer = delete(cloud, image)
        assert (answer.status, answer.json()["code"]) == (status, code)

    def test_many(self, cloud: Cloud) -> None:
        (image,) = ask(cloud, "GET", f"{PATH}?repository=team/app").json()
        good, bad = image["RepoDigests"][0], "us.icr.io/team/app@sha256:" + "0" * 64
        answer = ask(cloud, "POST", f"{PATH}/bulkdelete", json_body=[good, bad])
        assert answer.json()["success"] == [good]
        assert answer.json()["error"][bad]["code"] == "CRI0001E"
        assert left_in(cloud, "team/app") == []

    @pytest.mark.parametrize("body", [{}, [1], None])
    def test_many_of_what(self, cloud: Cloud, body: object) -> None:
        content = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        answer = ask(cloud, "POST", f"{PATH}/bulkdelete", body=content, headers=headers)
        assert (answer.status, answer.json()["code"]) == (400, "CRG0001E")

    def test_shared_content_stays(self, cloud: Cloud) -> None:
        """Both repositories were seeded with the same image."""
        delete(cloud, "team/app:1")
        seen = ask(cloud, "GET", f"{PATH}/{quote('crew/app:1', safe='')}/json").json()
        assert seen["Os"] == "linux"

    def test_reader_may_not(self, cloud: Cloud) -> None:
        key = cloud.service_id(policies=[{"roles": ["Reader"]}])["api_key"]
        assert ask(cloud, "DELETE", f"{PATH}/team/app:1", key).status == 403


class TestTag:
    def tag(self, cloud: Cloud, source: str, target: str, key: str = "") -> int:
        query = f"?fromimage={quote(source)}&toimage={quote(target)}"
        return ask(cloud, "POST", f"{PATH}/tags{query}", key or None).status

    def test_across_repositories(self, cloud: Cloud) -> None:
        assert self.tag(cloud, "us.icr.io/team/app:1", "us.icr.io/crew/new:3") == 201
        assert left_in(cloud, "crew/new") == ["us.icr.io/crew/new:3"]
        scope = "repository:crew/new:pull"
        token = cloud.login("iamapikey", cloud.api_key, scope).json()["token"]
        path = "/v2/crew/new"
        manifest = cloud.registry("GET", f"{path}/manifests/3", token=token).json()
        blob = f"{path}/blobs/{manifest['config']['digest']}"
        assert cloud.registry("GET", blob, token=token).status == 200

    @pytest.mark.parametrize(
        ("source", "target", "status"),
        [
            ("team/app:9", "team/app:3", 404),
            ("team/app:1", "app", 400),
            ("team/app:1", "theirs/app:3", 403),
        ],
    )
    def test_refusals(
        self, cloud: Cloud, source: str, target: str, status: int
    ) -> None:
        assert self.tag(cloud, source, target) == status

    def test_takes_both_rights(self, cloud: Cloud) -> None:
        policies = [
            {"roles": ["Reader"], "namespace": "team"},
            {"roles": ["Writer"], "namespace": "crew"},
        ]
        key = cloud.service_id(policies=policies)["api_key"]
        assert self.tag(cloud, "team/app:1", "crew/app:3", key) == 201
        assert self.tag(cloud, "crew/app:3", "team/app:3", key) == 403
