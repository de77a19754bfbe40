# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

import pytest

from ansible_collections.icr.access.plugins.module_utils._api_key_plan import (
    Place,
    Wanted,
    body_of_change,
    body_of_new_key,
    is_expired,
    only_match,
    plan,
    wanted,
)
from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._identities import ApiKey
from ansible_collections.icr.access.plugins.module_utils._plan import (
    CREATE,
    NOTHING,
    REMOVE,
    UPDATE,
)

NOW = 1_800_000_000.0  # 2027-01-15T08:00Z
PAST = "2027-01-15T08:00+0000"
FUTURE = "2027-01-15T08:01+0000"
LATER = "2028-01-01T00:00+0000"
PLACE = Place("iam-ServiceId-1", "acc")
KEY = ApiKey(
    id="ApiKey-1",
    name="n",
    iam_id="iam-ServiceId-1",
    account_id="acc",
    entity_tag="3-a",
    description="d",
    expires_at=FUTURE,
    action_when_leaked="disable",
)
LOCKED = replace(KEY, locked=True)
ENDED = replace(KEY, expires_at=PAST)


class TestWanted:
    def options(self, **given: object) -> Mapping[str, object]:
        return {**asdict(Wanted()), "state": "present", **given}

    def test_what_is_not_given_is_not_asked_for(self) -> None:
        assert wanted(self.options(name="n")) == Wanted(name="n")

    def test_everything_is_taken(self) -> None:
        given = {
            "id": "ApiKey-1",
            "name": "n",
            "description": "",
            "action_when_leaked": "none",
            "store_value": False,
            "locked": False,
            "disabled": True,
        }
        assert wanted(self.options(**given, state="absent")) == Wanted(
            is_absent=True,
            **given,  # type: ignore[arg-type] # the names are the same
        )

    def test_end_is_brought_into_form(self) -> None:
        options = self.options(name="n", expires_at="2027-01-15 09:01:30+01:00")
        assert wanted(options).expires_at == FUTURE

    def test_no_end_stays_empty(self) -> None:
        assert wanted(self.options(name="n", expires_at="")).expires_at == ""

    def test_life_is_counted_in_seconds(self) -> None:
        assert wanted(self.options(name="n", expires_in="2h")).expires_in == 7200

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"name": " "}, "name is empty"),
            ({"id": ""}, "id is empty"),
            ({"name": " n"}, "name begins or ends with white space"),
            ({"name": "n\n"}, "name begins or ends with white space"),
            ({"name": "n", "expires_at": "soon"}, "expires_at must be a date"),
            ({"name": "n", "expires_in": "soon"}, "expires_in must be a span"),
            ({"name": "n", "expires_in": "59s"}, "a minute at least"),
        ],
    )
    def test_slips_are_told(self, given: dict[str, object], said: str) -> None:
        with pytest.raises(InputError, match=said):
            wanted(self.options(**given))


class TestOnlyMatch:
    def test_none(self) -> None:
        assert only_match([KEY], "N", "x") is None

    def test_one(self) -> None:
        assert only_match([replace(KEY, id="ApiKey-2", name="o"), KEY], "n", "x") == KEY

    def test_two_are_listed(self) -> None:
        keys = [replace(KEY, id="ApiKey-2"), KEY]
        with pytest.raises(InputError) as caught:
            only_match(keys, "n", "service ID ci")
        assert str(caught.value) == (
            "2 API keys of service ID ci are named 'n': ApiKey-1, ApiKey-2. Give the id of one "
            "of them in id."
        )


BY_NAME, BY_ID = Wanted(name="n"), Wanted(id="ApiKey-1")
ABSENT = Wanted(name="n", is_absent=True)


class TestPlan:
    @pytest.mark.parametrize(
        ("current", "want", "action", "changes"),
        [
            pytest.param(None, ABSENT, NOTHING, {}, id="absent and missing"),
            pytest.param(KEY, ABSENT, REMOVE, {}, id="absent and there"),
            pytest.param(
                LOCKED,
                replace(ABSENT, locked=False),
                REMOVE,
                {},
                id="absent and to be unlocked",
            ),
            pytest.param(KEY, BY_NAME, NOTHING, {}, id="nothing asked for"),
            pytest.param(LOCKED, BY_NAME, NOTHING, {}, id="locked, nothing asked for"),
            pytest.param(
                LOCKED,
                replace(BY_NAME, description="d", locked=True),
                NOTHING,
                {},
                id="locked and as asked for",
            ),
            pytest.param(
                KEY,
                replace(
                    BY_NAME,
                    description="d",
                    expires_at=FUTURE,
                    action_when_leaked="disable",
                    locked=False,
                    disabled=False,
                ),
                NOTHING,
                {},
                id="all as asked for",
            ),
            pytest.param(
                KEY,
                replace(BY_NAME, expires_in=60),
                NOTHING,
                {},
                id="life of a new key",
            ),
            pytest.param(
                KEY, replace(BY_NAME, store_value=True), NOTHING, {}, id="store value"
            ),
            pytest.param(ENDED, BY_NAME, NOTHING, {}, id="ended, nothing asked for"),
            pytest.param(
                ENDED,
                replace(BY_NAME, expires_at=PAST),
                NOTHING,
                {},
                id="ended as asked for",
            ),
            pytest.param(
                KEY,
                replace(BY_NAME, description="e"),
                UPDATE,
                {"description": "e"},
                id="description",
            ),
            pytest.param(
                KEY,
                replace(BY_NAME, description=""),
                UPDATE,
                {"description": ""},
                id="no description",
            ),
            pytest.param(
                replace(KEY, description=""),
                replace(BY_NAME, description=""),
                NOTHING,
                {},
                id="no description there is",
            ),
            pytest.param(
                KEY,
                replace(BY_NAME, expires_at=LATER),
                UPDATE,
                {"expires_at": LATER},
                id="another end",
            ),
            pytest.param(
                KEY,
                replace(BY_NAME, expires_at=""),
                UPDATE,
                {"expires_at": ""},
                id="no end",
            ),
            pytest.param(
                replace(KEY, expires_at=None),
                replace(BY_NAME, expires_at=""),
                NOTHING,
                {},
                id="no end there is",
            ),
            pytest.param(
                ENDED,
                replace(BY_NAME, expires_at=LATER),
                UPDATE,
                {"expires_at": LATER},
                id="ended and revived",
            ),
            pytest.param(
                ENDED,
                replace(BY_NAME, disabled=True),
                UPDATE,
                {"disabled": True},
                id="ended and disabled",
            ),
            pytest.param(
                KEY,
                replace(BY_NAME, action_when_leaked="delete"),
                UPDATE,
                {"action_when_leaked": "delete"},
                id="leak action",
            ),
            pytest.param(
                KEY,
                replace(BY_NAME, locked=True, disabled=True),
                UPDATE,
                {"locked": True, "disabled": True},
                id="locked and disabled",
            ),
            pytest.param(
                LOCKED,
                replace(BY_NAME, locked=False, description="e"),
                UPDATE,
                {"locked": False, "description": "e"},
                id="unlocked and changed",
            ),
            pytest.param(KEY, replace(BY_ID, name="n"), NOTHING, {}, id="name by id"),
            pytest.param(
                KEY,
                replace(BY_ID, name="m"),
                UPDATE,
                {"name": "m"},
                id="new name by id",
            ),
        ],
    )
    def test_table(
        self,
        current: ApiKey | None,
        want: Wanted,
        action: str,
        changes: dict[str, object],
    ) -> None:
        step = plan(current, want, PLACE, now=NOW)
        assert step.action == action
        if action == UPDATE:
            assert step.changes == changes
            end = {"expires_at": None} if changes.get("expires_at") == "" else {}
            assert current is not None
            assert step.after == {**current.as_result(), **changes, **end}

    @pytest.mark.parametrize(
        ("current", "want", "said"),
        [
            pytest.param(
                LOCKED, ABSENT, "locked, so that it cannot be removed", id="go"
            ),
            pytest.param(
                LOCKED,
                replace(BY_NAME, description="e"),
                "locked, so that it cannot be changed. Set locked: false",
                id="locked",
            ),
            pytest.param(
                LOCKED,
                replace(BY_NAME, disabled=True, locked=True),
                "locked, so that it cannot be changed",
                id="locked for good",
            ),
            pytest.param(
                KEY, replace(BY_NAME, expires_at=PAST), "lies in the past", id="past"
            ),
            pytest.param(
                None,
                replace(BY_NAME, expires_at=PAST),
                "lies in the past",
                id="new past",
            ),
            pytest.param(
                ENDED,
                replace(BY_NAME, description="e"),
                "ended on 2027-01-15T08:00.0000: it can only be changed together with",
                id="ended",
            ),
            pytest.param(
                None, BY_ID, "no API key ApiKey-1 in account acc. Leave id out", id="id"
            ),
        ],
    )
    def test_what_cannot_be_done(
        self, current: ApiKey | None, want: Wanted, said: str
    ) -> None:
        with pytest.raises(InputError, match=said):
            plan(current, want, PLACE, now=NOW)

    def test_missing_id_is_absent(self) -> None:
        want = replace(BY_ID, is_absent=True)
        assert plan(None, want, PLACE, now=NOW).action == NOTHING

    def test_new_key_is_predicted(self) -> None:
        want = Wanted(name="n", expires_in=90, disabled=True, description="d")
        step = plan(None, want, PLACE, now=NOW)
        assert step.action == CREATE
        assert step.after == {
            "id": None,
            "name": "n",
            "description": "d",
            "iam_id": "iam-ServiceId-1",
            "account_id": "acc",
            "crn": None,
            "created_at": None,
            "created_by": None,
            "modified_at": None,
            "expires_at": "2027-01-15T08:02+0000",
            "locked": False,
            "disabled": True,
            "action_when_leaked": None,
        }
        assert set(step.after) == set(KEY.as_result())


class TestBodyOfNewKey:
    def test_little(self) -> None:
        want = replace(BY_NAME, description="", expires_at="")
        assert body_of_new_key(want, PLACE, now=NOW) == {
            "name": "n",
            "iam_id": "iam-ServiceId-1",
            "account_id": "acc",
        }

    def test_everything(self) -> None:
        want = Wanted(
            name="n",
            description="d",
            expires_at=LATER,
            action_when_leaked="none",
            store_value=True,
            locked=True,
        )
        assert body_of_new_key(want, PLACE, now=NOW) == {
            "name": "n",
            "iam_id": "iam-ServiceId-1",
            "account_id": "acc",
            "description": "d",
            "expires_at": LATER,
            "action_when_leaked": "none",
            "store_value": True,
        }


class TestBodyOfChange:
    def test_toggles_are_no_part_of_it(self) -> None:
        assert body_of_change(KEY, {"locked": True, "disabled": False}) is None

    def test_what_stays_is_sent_along(self) -> None:
        assert body_of_change(KEY, {"description": ""}) == {
            "name": "n",
            "description": "",
            "expires_at": FUTURE,
            "action_when_leaked": "disable",
        }

    def test_what_there_is_not_is_left_out(self) -> None:
        bare = replace(KEY, expires_at=None, action_when_leaked=None)
        assert body_of_change(bare, {"name": "m"}) == {"name": "m", "description": "d"}

    def test_sessions_of_a_user_stay_supported(self) -> None:
        key = replace(KEY, support_sessions=True)
        body = body_of_change(key, {"name": "m"})
        assert body is not None
        assert body["support_sessions"] is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [(None, False), (PAST, True), (FUTURE, False), ("soon", False), ("", False)],
)
def test_is_expired(text: str | None, expected: bool) -> None:
    assert is_expired({"expires_at": text}, NOW) is expected
    assert not is_expired(None, NOW)
