# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What an account chooses for a registry, over the wire."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import Cloud, ask

MEGABYTE = 1024 * 1024
FREE = {"storage_bytes": 500 * MEGABYTE, "traffic_bytes": 5 * 1024 * MEGABYTE}


def patch(cloud: Cloud, what: str, **fields: object) -> int:
    return ask(cloud, "PATCH", f"/api/v1/{what}", json_body=fields).status


def get(cloud: Cloud, what: str, **more: Any) -> Any:
    answer = ask(cloud, "GET", f"/api/v1/{what}", **more)
    assert answer.status == 200, answer.body
    return answer.json()


@pytest.mark.parametrize(
    ("what", "first", "change"),
    [
        ("auth", {"iam_authz": True, "private_only": False}, {"private_only": True}),
        ("settings", {"platform_metrics": False}, {"platform_metrics": True}),
    ],
)
def test_flags_are_per_region_and_kept_when_not_named(
    cloud: Cloud, what: str, first: dict[str, bool], change: dict[str, bool]
) -> None:
    assert get(cloud, what) == first
    assert patch(cloud, what, **change) == 204
    assert patch(cloud, what) == 204
    assert get(cloud, what) == {**first, **change}
    assert get(cloud, what, region="eu-de") == first


def test_plan_sets_the_quotas(cloud: Cloud) -> None:
    assert get(cloud, "plans") == {"plan": "Free"}
    assert get(cloud, "quotas")["limit"] == FREE
    assert patch(cloud, "plans", plan="Standard") == 200
    assert get(cloud, "plans") == {"plan": "Standard"}
    unlimited = {"storage_bytes": -1, "traffic_bytes": -1}
    assert get(cloud, "quotas")["limit"] == unlimited


def test_quota_within_the_plan(cloud: Cloud) -> None:
    assert patch(cloud, "quotas", storage_megabytes=10) == 200
    assert get(cloud, "quotas")["limit"] == {**FREE, "storage_bytes": 10 * MEGABYTE}


def test_storage_in_use(cloud: Cloud) -> None:
    assert get(cloud, "quotas")["usage"] == {"storage_bytes": 0, "traffic_bytes": 0}
    place = {"region": "us-south", "name": "team"}
    image = {"region": "us-south", "name": "team/app", "tags": ["1"]}
    cloud.seed(namespaces=[place], repositories=[image])
    assert get(cloud, "quotas")["usage"]["storage_bytes"] > 0
    assert get(cloud, "quotas", region="eu-de")["usage"]["storage_bytes"] == 0


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("auth", {"private_only": "yes"}),
        ("auth", {"unknown": True}),
        ("settings", {"platform_metrics": 1}),
        ("plans", {}),
        ("plans", {"plan": "Golden"}),
        ("quotas", {"storage_megabytes": 501}),
        ("quotas", {"storage_megabytes": -1}),
        ("quotas", {"traffic_megabytes": "many"}),
        ("quotas", {"traffic_megabytes": 5, "storage_megabytes": -2}),
    ],
)
def test_invalid_changes_nothing(
    cloud: Cloud, what: str, fields: dict[str, object]
) -> None:
    before = get(cloud, what)
    answer = ask(cloud, "PATCH", f"/api/v1/{what}", json_body=fields)
    assert (answer.status, answer.json()["code"]) == (400, "CRG0001E")
    assert get(cloud, what) == before


READS = ("auth", "settings", "plans", "quotas")


@pytest.mark.parametrize(
    ("policy", "readable", "writable"),
    [
        pytest.param({"roles": ["Reader"]}, {"settings", "quotas"}, False, id="reader"),
        pytest.param({"roles": ["Writer"]}, {"settings", "quotas"}, False, id="writer"),
        pytest.param({"roles": ["Manager"]}, set(READS), True, id="manager"),
        pytest.param(
            {"roles": ["Manager"], "namespace": "team"}, set(), False, id="namespace"
        ),
        pytest.param(
            {"roles": ["Manager"], "region": "eu-de"}, set(), False, id="elsewhere"
        ),
        pytest.param({"roles": ["Administrator"]}, set(), False, id="platform-role"),
    ],
)
def test_permissions(
    cloud: Cloud, policy: dict[str, object], readable: set[str], writable: bool
) -> None:
    key = cloud.service_id(policies=[policy])["api_key"]
    answers = {what: ask(cloud, "GET", f"/api/v1/{what}", key) for what in READS}
    assert {what for what in READS if answers[what].status == 200} == readable
    refused = [answers[what] for what in READS if what not in readable]
    assert {(each.status, each.json()["code"]) for each in refused} <= {
        (403, "CRG0020E")
    }
    bodies = {"plans": {"plan": "Standard"}}
    statuses = {
        ask(
            cloud, "PATCH", f"/api/v1/{what}", key, json_body=bodies.get(what, {})
        ).status
        for what in READS
    }
    assert statuses == ({200, 204} if writable else {403})


def test_messages_are_for_everybody(cloud: Cloud) -> None:
    assert cloud.registry("GET", "/api/v1/messages").status == 204
    cloud.seed(messages=[{"region": "us-south", "text": "Maintenance on Sunday"}])
    answer = cloud.registry("GET", "/api/v1/messages")
    assert (answer.status, answer.json()) == (200, "Maintenance on Sunday")
    assert cloud.registry("GET", "/api/v1/messages", region="eu-de").status == 204
