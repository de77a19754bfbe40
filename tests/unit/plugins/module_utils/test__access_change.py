# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._access import (
    Present,
    Step,
    Subject,
    policy_document,
)
from ansible_collections.icr.access.plugins.module_utils._access_change import (
    Outcome,
    change_access,
)
from ansible_collections.icr.access.plugins.module_utils._caller import Caller
from ansible_collections.icr.access.plugins.module_utils._cloud import CloudSession
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    InputError,
)
from ansible_collections.icr.access.plugins.module_utils._grants import Grant
from ansible_collections.icr.access.plugins.module_utils._plan import (
    CREATE,
    REMOVE,
    UPDATE,
)
from ansible_collections.icr.access.plugins.module_utils._policies import (
    Policies,
)
from ansible_collections.icr.access.plugins.module_utils._verdict import Settings
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud
from ansible_collections.icr.access.tests.unit.plugins.module_utils.granted import (
    OTHER,
    PUSH,
    READ,
    grants,
    make,
)


class TestChangeAccess:
    def test_each_kind_of_step(self, policies: Policies, subject: Subject) -> None:
        kept, gone = make(policies, subject), make(policies, subject, OTHER)
        everywhere = Grant(("Reader",))
        steps = [
            Step(UPDATE, PUSH, kept.id),
            Step(CREATE, everywhere),
            Step(REMOVE, OTHER, gone.id),
        ]
        outcome = change_access(policies, subject, steps)
        changed, made = outcome.written
        assert changed == Present(kept.id, PUSH)
        assert made.grant == everywhere
        assert outcome.removed == (gone.id,)
        assert grants(policies, subject) == {kept.id: PUSH, made.policy_id: everywhere}

    def test_no_step_is_no_request(
        self, policies: Policies, subject: Subject, local_cloud: LocalCloud
    ) -> None:
        assert change_access(policies, subject, []) == Outcome()
        assert not Outcome().is_change
        assert local_cloud.requests() == []

    def test_description_of_a_policy_stays(
        self, policies: Policies, subject: Subject
    ) -> None:
        document = policy_document(READ, subject, "by hand")
        made = policies.create_policy(document, "x")
        change_access(policies, subject, [Step(UPDATE, PUSH, made.id)])
        changed = policies.find_policy(made.id)
        assert changed is not None
        assert changed.description == "by hand"

    def test_policy_that_is_right_already_is_met(
        self, policies: Policies, subject: Subject, local_cloud: LocalCloud
    ) -> None:
        made = make(policies, subject)
        outcome = change_access(policies, subject, [Step(CREATE, READ)])
        assert outcome == Outcome(met=(Present(made.id, READ),))
        assert outcome.settled == (Present(made.id, READ),)
        assert not outcome.is_change
        assert grants(policies, subject) == {made.id: READ}

    def test_error_says_how_far_it_came(
        self, policies: Policies, subject: Subject, local_cloud: LocalCloud
    ) -> None:
        made = make(policies, subject)
        local_cloud.fault("status", "/v2/policies", method="POST", status=503)
        steps = [Step(UPDATE, PUSH, made.id), Step(CREATE, OTHER), Step(CREATE, READ)]
        with pytest.raises(AccessError, match="1 of 3 changes of access") as caught:
            change_access(policies, subject, steps)
        assert caught.value.status == 503
        assert grants(policies, subject) == {made.id: PUSH}

    def test_single_change_needs_no_such_words(
        self, policies: Policies, subject: Subject, local_cloud: LocalCloud
    ) -> None:
        local_cloud.fault("status", "/v2/policies", method="POST", status=503)
        with pytest.raises(AccessError) as caught:
            change_access(policies, subject, [Step(CREATE, READ)])
        assert "changes of access" not in str(caught.value)

    @pytest.mark.parametrize("status", [409, 412])
    def test_page_may_say_that_it_was_changed(
        self,
        policies: Policies,
        subject: Subject,
        local_cloud: LocalCloud,
        status: int,
    ) -> None:
        made = make(policies, subject)
        path = f"/v2/policies/{made.id}"
        local_cloud.requests()
        local_cloud.fault("html", path, method="PUT", status=status)
        change_access(policies, subject, [Step(UPDATE, PUSH, made.id)])
        assert local_cloud.requests() == [f"GET {path}", f"PUT {path}"] * 2

    @pytest.mark.parametrize("status", [409, 412])
    def test_change_whose_answer_was_lost_is_one(
        self, subject: Subject, local_cloud: LocalCloud, status: int
    ) -> None:
        local_cloud.switch(stale_etag_status=status)
        session = CloudSession(Settings(sleep=lambda _seconds: None, retries=1))
        who = Caller(session, local_cloud.iam_url, api_key=local_cloud.api_key)
        policies = Policies(who, local_cloud.iam_url)
        made = make(policies, subject)
        local_cloud.fault("reset", f"/v2/policies/{made.id}", method="PUT", after=True)
        outcome = change_access(policies, subject, [Step(UPDATE, PUSH, made.id)])
        assert outcome == Outcome(written=(Present(made.id, PUSH),))

    def test_second_change_by_somebody_else_is_an_error(
        self, policies: Policies, subject: Subject, local_cloud: LocalCloud
    ) -> None:
        made = make(policies, subject)
        path = f"/v2/policies/{made.id}"
        local_cloud.fault("html", path, method="PUT", status=412, calls=2)
        with pytest.raises(AccessError) as caught:
            change_access(policies, subject, [Step(UPDATE, PUSH, made.id)])
        assert caught.value.status == 412

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"more": ("rule",)}, "it has a rule"),
            ({"subject": ()}, "it is for something else"),
        ],
    )
    def test_policy_that_has_become_another_kind_is_left_alone(
        self,
        policies: Policies,
        subject: Subject,
        local_cloud: LocalCloud,
        monkeypatch: pytest.MonkeyPatch,
        change: dict[str, Any],
        told: str,
    ) -> None:
        odd = replace(make(policies, subject), **change)
        monkeypatch.setattr(policies, "find_policy", lambda _id: odd)
        local_cloud.requests()
        with pytest.raises(InputError, match=told):
            change_access(policies, subject, [Step(UPDATE, PUSH, odd.id)])
        assert local_cloud.requests() == []

    def test_target_taken_by_a_policy_that_is_not_shown(
        self,
        policies: Policies,
        subject: Subject,
        local_cloud: LocalCloud,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        made, hidden = make(policies, subject), make(policies, subject, OTHER)
        find = policies.find_policy
        monkeypatch.setattr(
            policies,
            "find_policy",
            lambda policy_id: None if policy_id == hidden.id else find(policy_id),
        )
        with pytest.raises(InputError, match=f"{hidden.id} is for the same"):
            change_access(policies, subject, [Step(UPDATE, OTHER, made.id)])
        assert grants(policies, subject) == {made.id: READ, hidden.id: OTHER}
