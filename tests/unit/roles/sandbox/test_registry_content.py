# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A push and a pull in memory."""

from __future__ import annotations

import hashlib
import json

import pytest

from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import Cloud

BASE = "/v2/team/app"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.fixture
def token(cloud: Cloud) -> str:
    cloud.seed(namespaces=[{"region": "us-south", "name": "team"}])
    answer = cloud.login("iamapikey", cloud.api_key, "repository:team/app:pull,push")
    token: str = answer.json()["token"]
    return token


def start(cloud: Cloud, token: str) -> str:
    answer = cloud.registry("POST", f"{BASE}/blobs/uploads/", token=token)
    assert answer.status == 202
    location = answer.header("Location") or ""
    assert location.endswith(answer.header("Docker-Upload-UUID") or "-")
    return location


def push_blob(cloud: Cloud, token: str, content: bytes) -> str:
    location, digest = start(cloud, token), digest_of(content)
    half = len(content) // 2
    patched = cloud.registry("PATCH", location, token=token, body=content[:half])
    assert patched.status == 202
    target = f"{location}?digest={digest}"
    answer = cloud.registry("PUT", target, token=token, body=content[half:])
    assert (answer.status, answer.header("Docker-Content-Digest")) == (201, digest)
    return digest


def manifest_of(config: str) -> bytes:
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": {"mediaType": CONFIG_TYPE, "digest": config, "size": 2},
            "layers": [],
        }
    ).encode()


def test_push_then_pull(cloud: Cloud, token: str) -> None:
    config = push_blob(cloud, token, b"{}")
    manifest = manifest_of(config)
    put = cloud.registry("PUT", f"{BASE}/manifests/1", token=token, body=manifest)
    assert put.status == 201
    for reference in ("1", digest_of(manifest)):
        answer = cloud.registry("GET", f"{BASE}/manifests/{reference}", token=token)
        assert answer.body == manifest
        assert answer.header("Content-Type") == MANIFEST_TYPE
    assert cloud.registry("GET", f"{BASE}/blobs/{config}", token=token).body == b"{}"
    tags = cloud.registry("GET", f"{BASE}/tags/list?n=1", token=token).json()
    assert tags == {"name": "team/app", "tags": ["1"]}


def test_cancelled_upload_is_gone(cloud: Cloud, token: str) -> None:
    location = start(cloud, token)
    assert cloud.registry("DELETE", location, token=token).status == 204
    answer = cloud.registry("GET", location, token=token)
    assert answer.json()["errors"][0]["code"] == "BLOB_UPLOAD_UNKNOWN"
    answer = cloud.registry("GET", f"{BASE}/tags/list", token=token)
    assert answer.status == 404


@pytest.mark.parametrize(
    ("reference", "body", "code"),
    [
        ("1", b"no json", "MANIFEST_INVALID"),
        ("1", b'{"schemaVersion": 1}', "MANIFEST_INVALID"),
        ("1", manifest_of(digest_of(b"absent")), "MANIFEST_BLOB_UNKNOWN"),
        (digest_of(b"other"), b"{}", "DIGEST_INVALID"),
        ("-tag", b"{}", "TAG_INVALID"),
    ],
)
def test_bad_manifests(
    cloud: Cloud, token: str, reference: str, body: bytes, code: str
) -> None:
    target = f"{BASE}/manifests/{reference}"
    answer = cloud.registry("PUT", target, token=token, body=body)
    assert (answer.status, answer.json()["errors"][0]["code"]) == (400, code)


def test_wrong_digest(cloud: Cloud, token: str) -> None:
    target = f"{start(cloud, token)}?digest={digest_of(b'other')}"
    answer = cloud.registry("PUT", target, token=token, body=b"{}")
    assert answer.json()["errors"][0]["code"] == "DIGEST_INVALID"


def test_memory_is_bounded(cloud: Cloud, token: str) -> None:
    cloud.seed(limits={"content_bytes": 1000})
    push_blob(cloud, token, b"a" * 900)
    location = start(cloud, token)
    answer = cloud.registry("PATCH", location, token=token, body=b"b" * 200)
    assert (answer.status, answer.json()["errors"][0]["code"]) == (403, "DENIED")
    headers = {"Account": cloud.account_id}
    cloud.registry(
        "DELETE", "/api/v1/namespaces/team", token=cloud.owner, headers=headers
    )
    assert cloud.registry("PATCH", location, token=token, body=b"b" * 200).status == 202


def test_out_of_order_chunk(cloud: Cloud, token: str) -> None:
    headers = {"Content-Range": "5-9"}
    location = start(cloud, token)
    answer = cloud.registry(
        "PATCH", location, token=token, body=b"12345", headers=headers
    )
    assert answer.status == 416


def test_mount_within_the_namespace(cloud: Cloud, token: str) -> None:
    digest = push_blob(cloud, token, b"layer")
    answer = cloud.login("iamapikey", cloud.api_key, "repository:team/two:pull,push")
    other = answer.json()["token"]
    target = f"/v2/team/two/blobs/uploads/?mount={digest}&from=team/app"
    assert cloud.registry("POST", target, token=other).status == 201
    target = f"/v2/team/two/blobs/{digest}"
    assert cloud.registry("GET", target, token=other).body == b"layer"
