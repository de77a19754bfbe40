# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import pytest

from ansible_collections.icr.access.plugins.module_utils._access import (
    Present,
    Step,
    Subject,
    Survey,
)
from ansible_collections.icr.access.plugins.module_utils._access_change import (
    Outcome,
    change_access,
)
from ansible_collections.icr.access.plugins.module_utils._access_settling import (
    await_access,
    settle_access,
    with_settled,
)
from ansible_collections.icr.access.plugins.module_utils._grants import Grant
from ansible_collections.icr.access.plugins.module_utils._plan import (
    CREATE,
)
from ansible_collections.icr.access.plugins.module_utils._policies import (
    Policies,
    Policy,
)
from ansible_collections.icr.access.plugins.module_utils._waiting import NotYetError
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud
from ansible_collections.icr.access.tests.unit.plugins.module_utils.granted import (
    OTHER,
    PUSH,
    READ,
    grants,
    make,
)


class TestAwaitAccess:
    def test_what_is_shown_is_read_once_each(
        self, policies: Policies, subject: Subject, local_cloud: LocalCloud
    ) -> None:
        made = make(policies, subject)
        local_cloud.requests()
        settled = (Present(made.id, READ),)
        await_access(policies, subject, settled, patience=60, kept="")
        assert local_cloud.requests() == [f"GET /v2/policies/{made.id}"]

    @pytest.mark.parametrize("patience", [None, 60])
    def test_nothing_is_read_where_nothing_is_waited_for(
        self,
        policies: Policies,
        subject: Subject,
        local_cloud: LocalCloud,
        patience: int | None,
    ) -> None:
        made = Present(make(policies, subject).id, READ)
        settled = () if patience else (made,)
        local_cloud.requests()
        await_access(policies, subject, settled, patience=patience, kept="")
        assert local_cloud.requests() == []

    @pytest.mark.parametrize(
        ("gone", "told"), [(True, "is not there"), (False, "is as it was before")]
    )
    def test_what_came_back_is_told(
        self, policies: Policies, subject: Subject, gone: bool, told: str
    ) -> None:
        made = make(policies, subject)
        if gone:
            policies.delete_policy(made.id)
        settled = (Present(made.id, PUSH),)
        with pytest.raises(NotYetError, match=f"{told}.* It is kept"):
            await_access(policies, subject, settled, patience=0, kept="It is kept.")


class TestSettleAccess:
    def test_policy_that_was_not_listed_goes(
        self, policies: Policies, subject: Subject, local_cloud: LocalCloud
    ) -> None:
        hidden = make(policies, subject, OTHER)
        outcome = change_access(policies, subject, [Step(CREATE, READ)])
        local_cloud.requests()
        later = settle(policies, subject, [READ], outcome.settled)
        assert (later.written, later.removed) == ((), (hidden.id,))
        (made,) = outcome.written
        assert grants(policies, subject) == {made.policy_id: READ}

    def test_list_that_is_late_is_no_reason_to_do_anything(
        self,
        policies: Policies,
        subject: Subject,
        local_cloud: LocalCloud,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        outcome = change_access(policies, subject, [Step(CREATE, READ)])
        monkeypatch.setattr(policies, "list_policies", lambda *_args: [])
        local_cloud.requests()
        assert not settle(policies, subject, [READ], outcome.settled).is_change
        assert local_cloud.writes() == []

    def test_policy_that_went_meanwhile_is_made_again(
        self, policies: Policies, subject: Subject, local_cloud: LocalCloud
    ) -> None:
        outcome = change_access(policies, subject, [Step(CREATE, READ)])
        later = settle(policies, subject, [READ, OTHER], outcome.settled)
        assert [each.grant for each in later.written] == [OTHER]
        assert set(grants(policies, subject).values()) == {READ, OTHER}

    def test_it_ends_although_somebody_goes_on_changing_it(
        self,
        policies: Policies,
        subject: Subject,
        local_cloud: LocalCloud,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        outcome = change_access(policies, subject, [Step(CREATE, READ)])
        listed = policies.list_policies

        def list_and_remove(*args: str) -> list[Policy]:
            found = listed(*args)
            for policy in found:
                policies.delete_policy(policy.id)
            return []

        monkeypatch.setattr(policies, "list_policies", list_and_remove)
        local_cloud.requests()
        settle(policies, subject, [READ, OTHER], outcome.settled)
        assert local_cloud.writes().count("POST /v2/policies") == 3

    @pytest.mark.parametrize("patience", [None, 60])
    def test_nothing_is_read_where_nothing_is_waited_for(
        self,
        policies: Policies,
        subject: Subject,
        local_cloud: LocalCloud,
        patience: int | None,
    ) -> None:
        settled = () if patience else (Present("p", READ),)
        outcome = settle_access(
            policies, subject, [OTHER], settled, patience=patience, kept=""
        )
        assert outcome == Outcome()
        assert local_cloud.requests() == []


def settle(
    policies: Policies,
    subject: Subject,
    wanted: list[Grant],
    settled: tuple[Present, ...],
) -> Outcome:
    return settle_access(policies, subject, wanted, settled, patience=60, kept="")


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        pytest.param([], [("p", READ)], id="not listed yet"),
        pytest.param([("p", PUSH)], [("p", READ)], id="listed as before"),
        pytest.param(
            [("q", OTHER)], [("p", READ), ("q", OTHER)], id="another is listed"
        ),
    ],
)
def test_with_settled(
    listed: list[tuple[str, Grant]], expected: list[tuple[str, Grant]]
) -> None:
    found = Survey(tuple(Present(*each) for each in listed))
    known = with_settled(found, (Present("p", READ),)).present
    assert [(each.policy_id, each.grant) for each in known] == expected
