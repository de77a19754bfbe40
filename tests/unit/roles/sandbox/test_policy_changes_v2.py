# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Policies of version 2 over the wire: changed, deleted, and what takes its time."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import (
    Cloud,
    policy_v2_for,
)
from ansible_collections.icr.access.tests.unit.roles.sandbox.policy_calls import (
    LIMITED,
    SCOPE,
    actions,
    code_of,
    create,
    path_of,
    replace,
)
from icr_sandbox.messages import Response


@pytest.fixture
def ci(cloud: Cloud) -> dict[str, Any]:
    cloud.seed(namespaces=[{"region": "us-south", "name": "team"}])
    return cloud.service_id()


class TestReplace:
    @pytest.fixture
    def made(self, cloud: Cloud, ci: dict[str, Any]) -> Response:
        return create(cloud, policy_v2_for(cloud, ci["iam_id"], "Reader", **LIMITED))

    def test_counts_up(self, cloud: Cloud, ci: dict[str, Any], made: Response) -> None:
        body = policy_v2_for(cloud, ci["iam_id"], "Reader", "Writer", **LIMITED)
        answer = replace(cloud, made, body)
        assert answer.status == 200
        assert (answer.header("ETag") or "").startswith("2-")
        assert answer.json()["id"] == made.json()["id"]
        assert actions(cloud, ci["api_key"]) == ["pull", "push"]

    @pytest.mark.parametrize("status", [409, 412])
    def test_stale(
        self, cloud: Cloud, ci: dict[str, Any], made: Response, status: int
    ) -> None:
        cloud.switch(stale_etag_status=status)
        body = policy_v2_for(cloud, ci["iam_id"], "Reader")
        assert replace(cloud, made, body, "1-0").status == status

    def test_onto_another(
        self, cloud: Cloud, ci: dict[str, Any], made: Response
    ) -> None:
        create(cloud, policy_v2_for(cloud, ci["iam_id"], "Reader"))
        answer = replace(cloud, made, policy_v2_for(cloud, ci["iam_id"], "Writer"))
        assert code_of(answer) == (409, "policy_conflict_error")

    def test_the_old_one_stays_in_force_for_a_while(
        self, cloud: Cloud, ci: dict[str, Any], made: Response
    ) -> None:
        cloud.switch(policy_enforcement_seconds=20)
        replace(cloud, made, policy_v2_for(cloud, ci["iam_id"], "Writer"))
        seen = [actions(cloud, ci["api_key"])]
        cloud.advance(20)
        seen.append(actions(cloud, ci["api_key"]))
        assert seen == [["pull"], ["pull", "push"]]

    def test_only_who_may_decide_on_what_it_was_about(
        self, cloud: Cloud, ci: dict[str, Any], made: Response
    ) -> None:
        other = policy_v2_for(
            cloud, ci["iam_id"], "Reader", serviceName="cloud-object-storage"
        )
        of_other = create(cloud, other)
        boss = cloud.service_id("boss", policies=[{"roles": ["Administrator"]}])
        answer = cloud.iam(
            "PUT",
            path_of(of_other),
            token=cloud.token_of(boss["api_key"]),
            json_body=policy_v2_for(cloud, ci["iam_id"], "Manager"),
            headers={"If-Match": "*"},
        )
        assert code_of(answer) == (403, "insufficent_permissions")


class TestDelete:
    def test_softly(self, cloud: Cloud, ci: dict[str, Any]) -> None:
        made = create(cloud, policy_v2_for(cloud, ci["iam_id"], "Reader"))
        path = path_of(made)
        statuses = [
            cloud.iam("DELETE", path, token=cloud.owner).status for _turn in range(2)
        ]
        assert statuses == [204, 404]
        assert cloud.access(ci["api_key"], SCOPE) == []
        read = cloud.iam("GET", path, token=cloud.owner)
        assert read.json()["state"] == "deleted"
        target = f"/v2/policies?account_id={cloud.account_id}"
        for state, found in (("", 0), ("&state=deleted", 1)):
            listed = cloud.iam("GET", target + state, token=cloud.owner).json()
            assert len(listed["policies"]) == found

    def test_there_is_no_way_back(self, cloud: Cloud, ci: dict[str, Any]) -> None:
        made = create(cloud, policy_v2_for(cloud, ci["iam_id"], "Reader"))
        answer = cloud.iam("PATCH", path_of(made), token=cloud.owner, json_body={})
        assert code_of(answer) == (405, "request_not_processed")


def test_delays_cover_reading_listing_and_changing(
    cloud: Cloud, ci: dict[str, Any]
) -> None:
    cloud.switch(policy_visibility_seconds=10, policy_enforcement_seconds=20)
    body = policy_v2_for(cloud, ci["iam_id"], "Reader")
    made = create(cloud, body)
    target = f"/v2/policies?account_id={cloud.account_id}"

    def seen() -> tuple[int, int, int, int]:
        return (
            cloud.iam("GET", path_of(made), token=cloud.owner).status,
            len(cloud.iam("GET", target, token=cloud.owner).json()["policies"]),
            replace(cloud, made, body, "1-0").status,
            len(cloud.access(ci["api_key"], SCOPE)),
        )

    assert (made.status, seen()) == (201, (404, 0, 404, 0))
    assert create(cloud, body).status == 409
    cloud.advance(10)
    assert seen() == (200, 1, 409, 0)
    cloud.advance(10)
    assert seen() == (200, 1, 409, 1)


def test_clock_set_back_takes_nothing_away(cloud: Cloud, ci: dict[str, Any]) -> None:
    made = create(cloud, policy_v2_for(cloud, ci["iam_id"], "Reader"))
    cloud.advance(-3600)
    assert cloud.iam("GET", path_of(made), token=cloud.owner).status == 200
    assert actions(cloud, ci["api_key"]) == ["pull"]
