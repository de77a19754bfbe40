# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import json

import pytest

from ansible_collections.icr.access.plugins.module_utils._access import (
    Subject,
    policy_document,
    survey,
)
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    ApiError,
    BadResponseError,
)
from ansible_collections.icr.access.plugins.module_utils._grants import Grant
from ansible_collections.icr.access.plugins.module_utils._policies import (
    Conflict,
    Policies,
    Policy,
    conflict_of,
)
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud

UUID = "3f6a1c1e-6a39-4a2b-8a5c-0d3a8f1b2c4d"
READ = Grant(("Reader",), "eu-de", "a")
WRITE = Grant(("Reader", "Writer"), "eu-de", "a")


def make(policies: Policies, subject: Subject, grant: Grant = READ) -> Policy:
    return policies.create_policy(policy_document(grant, subject), str(grant))


class TestPolicies:
    def test_what_was_made_is_found_and_listed(
        self, policies: Policies, subject: Subject
    ) -> None:
        made = make(policies, subject)
        assert survey([made], subject).grants == (READ,)
        assert policies.find_policy(made.id) == made
        assert made.entity_tag not in (None, "*")
        (listed,) = policies.list_policies(subject.account_id, subject.iam_id)
        assert survey([listed], subject) == survey([made], subject)
        assert listed.entity_tag is None

    def test_only_policies_of_the_identity_are_listed(
        self, policies: Policies, subject: Subject, local_cloud: LocalCloud
    ) -> None:
        other = local_cloud.service_id("other")["iam_id"]
        make(policies, Subject(other, subject.account_id, "other"))
        assert policies.list_policies(subject.account_id, subject.iam_id) == []

    def test_all_pages_are_read(
        self, policies: Policies, subject: Subject, local_cloud: LocalCloud
    ) -> None:
        local_cloud.switch(page_limit=2)
        for number in range(5):
            make(policies, subject, Grant(("Reader",), None, f"n{number}"))
        local_cloud.requests()
        listed = policies.list_policies(subject.account_id, subject.iam_id)
        assert [each.namespace for each in survey(listed, subject).grants] == [
            f"n{number}" for number in range(5)
        ]
        assert local_cloud.requests() == ["GET /v2/policies"] * 3

    def test_page_without_a_token_of_its_own_is_found_by_its_address(
        self, policies: Policies, local_cloud: LocalCloud
    ) -> None:
        following = {"href": "https://iam.cloud.ibm.com/v2/policies?limit=1&start=x"}
        body = json.dumps({"policies": [], "next": following})
        local_cloud.fault("text", "/v2/policies", status=200, body=body)
        with pytest.raises(ApiError):
            policies.list_policies(local_cloud.account_id, "b")
        asked = [dict(each["query"]) for each in local_cloud.journal()]
        assert [each.get("start") for each in asked] == [None, "x"]

    def test_deleted_is_neither_found_nor_listed(
        self, policies: Policies, subject: Subject
    ) -> None:
        made = make(policies, subject)
        policies.delete_policy(made.id)
        policies.delete_policy(made.id)
        assert policies.find_policy(made.id) is None
        assert policies.list_policies(subject.account_id, subject.iam_id) == []

    def test_deleted_ones_are_left_out_whatever_is_listed(
        self, policies: Policies, local_cloud: LocalCloud
    ) -> None:
        wires = [{"id": "p1", "state": "deleted"}, {"id": "p2"}, {"id": "p2"}]
        body = json.dumps({"policies": wires})
        local_cloud.fault("text", "/v2/policies", status=200, body=body)
        assert [each.id for each in policies.list_policies("a", "b")] == ["p2"]

    def test_replacing_needs_the_tag_of_now(
        self, policies: Policies, subject: Subject
    ) -> None:
        made = make(policies, subject)
        document = policy_document(WRITE, subject)
        changed = policies.replace_policy(made.id, made.entity_tag or "", document)
        assert survey([changed], subject).grants == (WRITE,)
        with pytest.raises(ApiError) as caught:
            policies.replace_policy(made.id, made.entity_tag or "", document)
        assert caught.value.status == 409
        assert conflict_of(caught.value) is None

    @pytest.mark.parametrize("kind", ["status", "reset", "truncate"])
    def test_making_is_never_asked_for_twice(
        self, policies: Policies, subject: Subject, local_cloud: LocalCloud, kind: str
    ) -> None:
        local_cloud.fault(kind, "/v2/policies", method="POST", calls=0)
        with pytest.raises(AccessError):
            make(policies, subject)
        assert local_cloud.requests() == ["POST /v2/policies"]

    def test_error_says_what_was_to_be_granted(
        self, policies: Policies, subject: Subject, local_cloud: LocalCloud
    ) -> None:
        local_cloud.fault("status", "/v2/policies", method="POST", status=422)
        with pytest.raises(AccessError, match="Making the policy for Reader on name"):
            make(policies, subject)


class TestPolicy:
    @pytest.mark.parametrize("wire", [None, [], {}, {"id": ""}, {"id": 7}])
    def test_what_is_no_policy_is_bad(self, wire: object) -> None:
        with pytest.raises(BadResponseError, match="no policy"):
            Policy.from_wire(wire)

    @pytest.mark.parametrize(
        "more",
        [
            {"rule": {"operator": "and"}},
            {"pattern": "time-based-conditions:weekly"},
            {"template": {"id": "t"}},
            {"resource": {"tags": [{"key": "a"}], "attributes": []}},
        ],
        ids=["rule", "pattern", "template", "tags"],
    )
    def test_what_makes_it_mean_something_else_is_seen(self, more: dict) -> None:
        assert Policy.from_wire({"id": "p", **more}).more != ()

    @pytest.mark.parametrize(
        "odd",
        [
            {"control": None},
            {"control": {"grant": {"roles": None}}},
            {"control": {"grant": {"roles": ["Reader"]}}},
            {"subject": [], "resource": {"attributes": "all"}},
        ],
    )
    def test_odd_parts_are_empty_ones(self, odd: dict) -> None:
        policy = Policy.from_wire({"id": "p", **odd})
        assert (policy.roles, policy.subject, policy.resource) == ((), (), ())

    def test_attribute_that_is_none_is_not_overlooked(self) -> None:
        wire = {"id": "p", "resource": {"attributes": [None, {"key": "region"}]}}
        assert [each.key for each in Policy.from_wire(wire).resource] == ["", "region"]


class TestConflictOf:
    @pytest.mark.parametrize("shape", ["object", "id"])
    def test_policy_in_the_way_is_told(
        self, policies: Policies, subject: Subject, local_cloud: LocalCloud, shape: str
    ) -> None:
        local_cloud.switch(conflicting_policy=shape)
        made = make(policies, subject)
        with pytest.raises(ApiError) as caught:
            make(policies, subject, WRITE)
        conflict = conflict_of(caught.value)
        assert conflict is not None
        assert conflict.policy_id == made.id
        if shape == "object":
            assert conflict.policy == made

    @pytest.mark.parametrize(
        ("told", "conflict"),
        [
            ({"policy": UUID, "etag": "1-a"}, Conflict(UUID)),
            (
                {"policy": json.dumps({"id": UUID})},
                Conflict(UUID, Policy.from_wire({"id": UUID})),
            ),
            ({"policy": ""}, None),
            ({"policy": "canary" * 6}, None),
            ({"policy": {"id": "canary" * 6}}, None),
            ({"policy": "{"}, None),
            ({"policy": {}}, None),
            ({}, None),
            (None, None),
            (UUID, None),
        ],
    )
    def test_shapes(self, told: object, conflict: Conflict | None) -> None:
        error = ApiError("no", code="policy_conflict_error")
        error.details = {"conflicts_with": told}
        assert conflict_of(error) == conflict

    def test_other_errors_have_none(self) -> None:
        error = ApiError("no", code="request_not_processed")
        error.details = {"conflicts_with": {"policy": UUID}}
        assert conflict_of(error) is None
        assert conflict_of(ApiError("no", code="policy_conflict_error")) is None
