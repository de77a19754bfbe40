# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils import (
    _service_id_change,
    _waiting,
)
from ansible_collections.icr.access.plugins.module_utils._caller import Caller
from ansible_collections.icr.access.plugins.module_utils._cloud import CloudSession
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    InputError,
)
from ansible_collections.icr.access.plugins.module_utils._identities import ServiceId
from ansible_collections.icr.access.plugins.module_utils._service_id_change import (
    change,
    lock,
    make,
    remove,
)
from ansible_collections.icr.access.plugins.module_utils._service_id_plan import (
    Found,
    Wanted,
)
from ansible_collections.icr.access.plugins.module_utils._service_ids import (
    ServiceIds,
)
from ansible_collections.icr.access.plugins.module_utils._verdict import Settings
from ansible_collections.icr.access.plugins.module_utils._waiting import NotYetError
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr(_service_id_change, "sleep", slept.append)
    return slept


@pytest.fixture
def service_ids(
    local_cloud: LocalCloud, owner: Caller, pauses: list[float]
) -> ServiceIds:
    return ServiceIds(owner, local_cloud.iam_url)


@pytest.fixture
def ci(local_cloud: LocalCloud, service_ids: ServiceIds) -> ServiceId:
    """A service ID that is there."""
    found = service_ids.find_service_id(local_cloud.service_id("ci")["id"])
    assert found is not None
    local_cloud.requests()
    return found


@pytest.fixture
def twin(
    service_ids: ServiceIds, local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """The id of a service ID ci without a description, which another run makes when we do."""
    create = ServiceIds.create_service_id
    ids: list[str] = []

    def create_beside_another(calls: ServiceIds, *given: Any) -> Any:
        made = create(calls, *given)
        ids.append(local_cloud.service_id("ci")["id"])
        return made

    monkeypatch.setattr(ServiceIds, "create_service_id", create_beside_another)
    return ids


class TestMake:
    def test_looks_whether_it_is_the_only_one(
        self, service_ids: ServiceIds, local_cloud: LocalCloud
    ) -> None:
        made = make(service_ids, local_cloud.account_id, "ci", "")
        assert made.name == "ci"
        assert local_cloud.requests() == [
            "POST /v1/serviceids/",
            "GET /v1/serviceids/",
        ]

    def test_made_all_the_same_when_nobody_can_say_whether_there_is_another(
        self, service_ids: ServiceIds, local_cloud: LocalCloud
    ) -> None:
        local_cloud.fault("status", "/v1/serviceids/", method="GET", status=503)
        made = make(service_ids, local_cloud.account_id, "ci", "")
        assert list(local_cloud.app.state.service_ids) == [made.id]

    def test_another_run_that_does_not_give_way_is_followed(
        self,
        service_ids: ServiceIds,
        local_cloud: LocalCloud,
        twin: list[str],
        pauses: list[float],
    ) -> None:
        made = make(service_ids, local_cloud.account_id, "ci", "")
        assert [made.id] == twin == list(local_cloud.app.state.service_ids)
        assert pauses in ([], [1, 2, 4])  # by which of the ids is lower

    def test_looks_that_fail_later_leave_one_of_two_that_see_each_other(
        self, service_ids: ServiceIds, local_cloud: LocalCloud, twin: list[str]
    ) -> None:
        local_cloud.fault("status", "/v1/serviceids/", method="GET", status=503, skip=1)
        made = make(service_ids, local_cloud.account_id, "ci", "")
        assert made.id == min(local_cloud.app.state.service_ids)

    def test_other_description_is_another_service_id_when_they_are_marks(
        self, service_ids: ServiceIds, local_cloud: LocalCloud, twin: list[str]
    ) -> None:
        made = make(service_ids, local_cloud.account_id, "ci", "mark", marked=True)
        assert set(local_cloud.app.state.service_ids) == {made.id, *twin}
        assert made.id not in twin

    @pytest.mark.parametrize("already", [0, 2])
    def test_lost_answer_with_none_or_several_of_the_name_is_told(
        self, service_ids: ServiceIds, local_cloud: LocalCloud, already: int
    ) -> None:
        local_cloud.seed(service_ids=[{"name": "ci"}] * already or [{"name": "x"}])
        local_cloud.fault("status", "/v1/serviceids/", method="POST", status=504)
        with pytest.raises(AccessError, match="It is unknown whether") as caught:
            make(service_ids, local_cloud.account_id, "ci", "")
        assert caught.value.status == 504

    def test_refused_connection_is_just_told(self, local_cloud: LocalCloud) -> None:
        settings = Settings(sleep=lambda _seconds: None, retries=0)
        who = Caller(
            CloudSession(settings), local_cloud.iam_url, api_key=local_cloud.api_key
        )
        who.iam_id()
        with pytest.raises(AccessError, match="refuses connections") as caught:
            make(
                ServiceIds(who, "http://127.0.0.1:9"),
                local_cloud.account_id,
                "ci",
                "",
            )
        assert "unknown" not in str(caught.value)


class TestChange:
    def changed(
        self, service_ids: ServiceIds, current: ServiceId, want: Wanted
    ) -> ServiceId:
        return change(service_ids, current, Found(current, current.account_id), want)

    def test_nothing_to_do_is_no_request(
        self, service_ids: ServiceIds, ci: ServiceId, local_cloud: LocalCloud
    ) -> None:
        assert self.changed(service_ids, ci, Wanted(name="ci", locked=True)) == ci
        assert local_cloud.requests() == []

    def test_after_unlocking_the_new_tag_counts(
        self, service_ids: ServiceIds, ci: ServiceId, local_cloud: LocalCloud
    ) -> None:
        locked = lock(service_ids, ci, True)
        assert locked.locked
        local_cloud.requests()
        want = Wanted(name="ci", description="new", locked=False)
        changed = self.changed(service_ids, locked, want)
        assert (changed.description, changed.locked) == ("new", False)
        path = f"/v1/serviceids/{ci.id}"
        assert local_cloud.requests() == [
            f"DELETE {path}/lock",
            f"GET {path}",
            f"PUT {path}",
        ]

    def test_somebody_else_has_locked_it_meanwhile(
        self, service_ids: ServiceIds, ci: ServiceId
    ) -> None:
        service_ids.set_locked(ci.id, True)
        with pytest.raises(InputError, match="is locked"):
            self.changed(service_ids, ci, Wanted(name="ci", description="new"))

    def test_somebody_else_has_removed_it_meanwhile(
        self, service_ids: ServiceIds, ci: ServiceId, local_cloud: LocalCloud
    ) -> None:
        path = f"/v1/serviceids/{ci.id}"
        local_cloud.fault("html", path, method="PUT", status=412)
        local_cloud.app.state.service_ids.clear()
        with pytest.raises(AccessError) as caught:
            self.changed(service_ids, ci, Wanted(name="ci", description="new"))
        assert caught.value.status == 412


class TestRemove:
    def test_collision_without_end_is_told(
        self,
        service_ids: ServiceIds,
        ci: ServiceId,
        local_cloud: LocalCloud,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        local_cloud.switch(service_id_delete_conflicts=99)
        past: list[float] = []
        monkeypatch.setattr(_waiting, "sleep", past.append)
        monkeypatch.setattr(_waiting, "monotonic", lambda: sum(past))
        with pytest.raises(
            NotYetError, match=r"Waited 30 s .* came in between.* Run that once more"
        ):
            remove(service_ids, ci, kept="Run that once more.")
        assert sum(past) == pytest.approx(30)

    @pytest.mark.parametrize(
        "prepare",
        [
            lambda cloud, each: each.set_locked(cloud, True),
            lambda cloud, each: None,
        ],
        ids=["locked meanwhile", "forbidden"],
    )
    def test_what_trying_again_does_not_help_is_told_at_once(
        self,
        service_ids: ServiceIds,
        ci: ServiceId,
        local_cloud: LocalCloud,
        prepare: Callable[[str, ServiceIds], None],
    ) -> None:
        prepare(ci.id, service_ids)
        path = f"/v1/serviceids/{ci.id}"
        if not local_cloud.app.state.service_ids[ci.id].locked:
            local_cloud.fault("status", path, method="DELETE", status=403)
        with pytest.raises(AccessError):
            remove(service_ids, ci)
        deletions = [
            call for call in local_cloud.requests() if call == f"DELETE {path}"
        ]
        assert len(deletions) == 1
