# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._access import (
    Other,
    Present,
    Survey,
)
from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._grants import Grant
from ansible_collections.icr.access.plugins.module_utils._identities import ServiceId
from ansible_collections.icr.access.plugins.module_utils._plan import (
    CREATE,
    NOTHING,
    REMOVE,
    UPDATE,
)
from ansible_collections.icr.access.plugins.module_utils._service_id_plan import (
    Found,
    Wanted,
    body_of_change,
    checked_id,
    checked_name,
    only_match,
    plan,
    shown,
    wanted,
)

ACCOUNT = "a" * 32
CI = ServiceId("ServiceId-1", "iam-ServiceId-1", "ci", ACCOUNT, "1-a", "builds")
READ = Grant(("Reader",), "eu-de", "a")
OTHER = Grant(("Reader",), "eu-de", "b")
NOTHING_THERE = Found(None, ACCOUNT)
THERE = Found(CI, ACCOUNT, Survey((Present("p", READ),)))
LOCKED = replace(THERE, current=replace(CI, locked=True))


class TestPlan:
    @pytest.mark.parametrize(
        ("found", "want", "action", "changes", "policies"),
        [
            (NOTHING_THERE, Wanted(is_absent=True), NOTHING, {}, []),
            (NOTHING_THERE, Wanted(is_absent=True, id="x"), NOTHING, {}, []),
            (NOTHING_THERE, Wanted(name="ci"), CREATE, None, []),
            (NOTHING_THERE, Wanted(name="ci", grants=()), CREATE, None, []),
            (NOTHING_THERE, Wanted(name="ci", grants=(READ,)), CREATE, None, [CREATE]),
            (THERE, Wanted(name="ci"), NOTHING, {}, []),
            (THERE, Wanted(name="ci", description="builds"), NOTHING, {}, []),
            (THERE, Wanted(name="ci", grants=(READ,)), NOTHING, {}, []),
            (
                THERE,
                Wanted(name="ci", description=""),
                UPDATE,
                {"description": ""},
                [],
            ),
            (THERE, Wanted(name="x"), NOTHING, {}, []),
            (THERE, Wanted(id="x", name="new"), UPDATE, {"name": "new"}, []),
            (THERE, Wanted(name="ci", locked=True), UPDATE, {"locked": True}, []),
            (THERE, Wanted(name="ci", locked=False), NOTHING, {}, []),
            (THERE, Wanted(name="ci", grants=(OTHER,)), UPDATE, {}, [UPDATE]),
            (THERE, Wanted(name="ci", grants=()), UPDATE, {}, [REMOVE]),
            (
                THERE,
                Wanted(name="ci", description="new", grants=(READ, OTHER)),
                UPDATE,
                {"description": "new"},
                [CREATE],
            ),
            (THERE, Wanted(is_absent=True), REMOVE, {}, []),
            (LOCKED, Wanted(name="ci", grants=(READ,)), NOTHING, {}, []),
            (LOCKED, Wanted(name="ci", locked=True), NOTHING, {}, []),
            (LOCKED, Wanted(name="ci", locked=False), UPDATE, {"locked": False}, []),
            (
                LOCKED,
                Wanted(name="ci", locked=False, grants=()),
                UPDATE,
                {"locked": False},
                [REMOVE],
            ),
            (LOCKED, Wanted(is_absent=True, locked=False), REMOVE, {}, []),
        ],
        ids=[
            *("none, none wanted", "none of that id, none wanted", "new"),
            *("new without access", "new with access", "there", "same description"),
            *("same access", "description goes", "name it was found by", "new name"),
            *("lock", "stays unlocked", "other access", "no access", "both"),
            *("remove", "locked and right", "stays locked", "unlock"),
            *("unlock and change", "unlock and remove"),
        ],
    )
    def test_table(
        self,
        found: Found,
        want: Wanted,
        action: str,
        changes: dict[str, object] | None,
        policies: list[str],
    ) -> None:
        planned = plan(found, want)
        assert planned.step.action == action
        if changes is not None:
            assert planned.step.changes == changes
        assert [step.action for step in planned.access] == policies

    @pytest.mark.parametrize(
        "want",
        [
            Wanted(name="ci", description="new"),
            Wanted(name="ci", description="new", locked=True),
            Wanted(name="ci", grants=()),
            Wanted(is_absent=True),
            Wanted(is_absent=True, locked=True),
        ],
    )
    def test_locked_one_has_to_be_unlocked(self, want: Wanted) -> None:
        with pytest.raises(InputError, match=r"is locked.*Set locked: false"):
            plan(LOCKED, want)

    def test_id_of_none_makes_none(self) -> None:
        with pytest.raises(InputError, match="There is no service ID ServiceId-9"):
            plan(NOTHING_THERE, Wanted(id="ServiceId-9", name="ci"))

    def test_policy_in_the_way_is_an_error(self) -> None:
        odd = Survey(others=(Other("p9", "it gives x", READ.target),))
        with pytest.raises(InputError, match="Policy p9"):
            plan(replace(THERE, access=odd), Wanted(name="ci", grants=(READ,)))

    def test_diff_shows_access_before_and_after(self) -> None:
        planned = plan(THERE, Wanted(name="ci", grants=(OTHER,)))
        diff = planned.step.diff()
        entry: dict[str, Any] = {"roles": ["Reader"], "region": "eu-de"}
        assert diff["before"]["access"] == [{**entry, "namespaces": ["a"]}]
        assert diff["after"] == {
            **diff["before"],
            "access": [{**entry, "namespaces": ["b"]}],
        }

    def test_new_one_is_shown_like_one_that_is_there(self) -> None:
        planned = plan(NOTHING_THERE, Wanted(name="ci", locked=True))
        assert planned.step.after is not None
        assert list(planned.step.after) == list(shown(CI, Survey()))
        assert planned.step.after["locked"] is True


class TestWanted:
    def test_options(self) -> None:
        params = {
            "state": "present",
            "name": "ci",
            "id": " iam-ServiceId-1 ",
            "description": "",
            "access": [{"roles": ["Reader"], "region": None, "namespaces": None}],
            "locked": None,
        }
        assert wanted(params) == Wanted(
            id="ServiceId-1", name="ci", description="", grants=(Grant(("Reader",)),)
        )
        assert wanted({**params, "access": None}).grants is None
        assert wanted({**params, "access": []}).grants == ()
        assert wanted({**params, "state": "absent"}).is_absent

    @pytest.mark.parametrize("name", ["", " ", "ci ", "\tci", "ServiceId-1"])
    def test_names_that_are_slips(self, name: str) -> None:
        with pytest.raises(InputError, match="name"):
            checked_name(name)

    @pytest.mark.parametrize("service_id", ["", " ", "ci", "IBMid-1", "iam-Profile-1"])
    def test_ids_that_are_slips(self, service_id: str) -> None:
        with pytest.raises(InputError, match="id takes the id of a service ID"):
            checked_id(service_id)


class TestOnlyMatch:
    def test_one_or_none(self) -> None:
        assert only_match([], "ci") is None
        assert only_match([CI], "ci") is CI

    def test_two_are_an_error_that_lists_them(self) -> None:
        twin = replace(CI, id="ServiceId-0")
        with pytest.raises(InputError, match="'ci': ServiceId-0, ServiceId-1"):
            only_match([CI, twin], "ci")


class TestBodyOfChange:
    def test_what_stays_is_sent_along(self) -> None:
        bound = replace(CI, unique_instance_crns=("crn:v1:a",))
        assert body_of_change(bound, {"description": ""}) == {
            "name": "ci",
            "description": "",
            "unique_instance_crns": ["crn:v1:a"],
        }
        assert body_of_change(CI, {"name": "new"}) == {
            "name": "new",
            "description": "builds",
        }

    def test_locking_and_access_need_none(self) -> None:
        assert body_of_change(CI, {"locked": True}) is None
        assert body_of_change(CI, {}) is None
