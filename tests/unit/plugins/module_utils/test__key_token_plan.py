# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What cr_token decides with backend iam, as tables of cases."""

from __future__ import annotations

import itertools
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
from ansible_collections.icr.access.plugins.module_utils._identities import (
    ApiKey,
    ServiceId,
)
from ansible_collections.icr.access.plugins.module_utils._key_token_plan import (
    Found,
    TokenPlan,
    plan,
    why_unfit,
)
from ansible_collections.icr.access.plugins.module_utils._key_tokens import mark
from ansible_collections.icr.access.plugins.module_utils._plan import (
    CREATE,
    NOTHING,
    REMOVE,
    UPDATE,
)
from ansible_collections.icr.access.plugins.module_utils._timestamps import minute_text
from ansible_collections.icr.access.plugins.module_utils._token_wanted import Wanted

NOW = 1_800_000_000
HOUR = 3600
REGION, ACCOUNT = "eu-de", "a" * 32
OURS = ServiceId("ServiceId-1", "iam-ServiceId-1", "ci", ACCOUNT, "1-a", mark(REGION))
LOCKED_OWNER = replace(OURS, locked=True)


def key(key_id: str = "k", hours: float | None = 24, **changes: Any) -> ApiKey:
    """A key made `age` hours ago that ends in so many hours, never with None."""
    age = changes.pop("age", 0)
    fields = {
        "id": f"ApiKey-{key_id}",
        "name": "ci",
        "iam_id": OURS.iam_id,
        "account_id": ACCOUNT,
        "entity_tag": "1-a",
        "created_at": minute_text(NOW - age * HOUR),
        "expires_at": None if hours is None else minute_text(NOW + hours * HOUR),
        "value": f"value of {key_id}",
    }
    return ApiKey(**{**fields, **changes})


FIT = key("fit")
FOR_EVER = key("ever", None)
ENDED = key("ended", -1, age=25)
ENDING = key("ending", 1, age=23)
OLDER = key("older", 24, age=1)
DISABLED = key("disabled", disabled=True)
ENDED_AND_DISABLED = replace(ENDED, disabled=True)
LOCKED = key("locked", locked=True)
LOCKED_ENDED = replace(ENDED, locked=True)
UNTOLD = key("untold", value=None)
STRANGE = key("strange", None, name="by hand")

READ, BOTH = ("Reader",), ("Reader", "Writer")
SAME = Survey((Present("p", Grant(READ, REGION)),))
MAY_PUSH = Survey((Present("p", Grant(BOTH, REGION)),))
IN_A = Survey((Present("p", Grant(READ, REGION, "team-a")),))
IN_TWO = Survey(
    (
        Present("p", Grant(READ, REGION, "team-a")),
        Present("q", Grant(BOTH, REGION, "team-b")),
    )
)
ELSEWHERE = Survey((Present("p", Grant(READ, "us-south")),))
NO_ACCESS = Survey()


def found(
    *keys: ApiKey, survey: Survey = SAME, owner: ServiceId | None = OURS
) -> Found:
    return Found(REGION, owner, keys, survey)


def want(**changes: Any) -> Wanted:
    return Wanted(**{"absent": False, "description": "ci", "token_id": None, **changes})


def want_id(wanted_key: ApiKey, **changes: Any) -> Wanted:
    return want(description=None, token_id=wanted_key.id, **changes)


def plan_of(situation: Found, wish: Wanted) -> TokenPlan:
    return plan(situation, wish, account_id=ACCOUNT, now=NOW)


def ids(*keys: ApiKey) -> list[str]:
    return [each.id for each in keys]


class TestPresent:
    @pytest.mark.parametrize(
        ("situation", "wish", "action", "kept", "surplus", "access"),
        [
            pytest.param(
                found(owner=None, survey=NO_ACCESS),
                want(),
                CREATE,
                None,
                [],
                [],
                id="nothing there",
            ),
            pytest.param(
                found(survey=NO_ACCESS),
                want(),
                CREATE,
                None,
                [],
                [CREATE],
                id="service ID alone",
            ),
            pytest.param(found(), want(), CREATE, None, [], [], id="no key yet"),
            pytest.param(
                found(STRANGE),
                want(),
                CREATE,
                None,
                [],
                [],
                id="a key that is no token",
            ),
            pytest.param(
                found(survey=IN_TWO),
                want(),
                CREATE,
                None,
                [],
                [UPDATE, REMOVE],
                id="no key, other access",
            ),
            pytest.param(found(FIT), want(), NOTHING, FIT, [], [], id="as wanted"),
            pytest.param(
                found(FIT, survey=NO_ACCESS),
                want(),
                UPDATE,
                FIT,
                [],
                [CREATE],
                id="no access",
            ),
            pytest.param(
                found(FIT),
                want(readwrite=True),
                UPDATE,
                FIT,
                [],
                [UPDATE],
                id="is to push",
            ),
            pytest.param(
                found(FIT, survey=MAY_PUSH),
                want(),
                UPDATE,
                FIT,
                [],
                [UPDATE],
                id="may push",
            ),
            pytest.param(
                found(FIT, survey=IN_A),
                want(),
                UPDATE,
                FIT,
                [],
                [UPDATE],
                id="to all namespaces",
            ),
            pytest.param(
                found(FIT, survey=IN_A),
                want(namespaces=("team-b",)),
                UPDATE,
                FIT,
                [],
                [UPDATE],
                id="another namespace",
            ),
            pytest.param(
                found(FIT, survey=IN_A),
                want(namespaces=("team-a", "team-b")),
                UPDATE,
                FIT,
                [],
                [CREATE],
                id="one more namespace",
            ),
            pytest.param(
                found(FIT, survey=IN_TWO),
                want(namespaces=("team-a",)),
                UPDATE,
                FIT,
                [],
                [REMOVE],
                id="one namespace less",
            ),
            pytest.param(
                found(FIT, survey=ELSEWHERE),
                want(),
                UPDATE,
                FIT,
                [],
                [UPDATE],
                id="another region",
            ),
            pytest.param(found(ENDED), want(), UPDATE, None, [ENDED], [], id="expired"),
            pytest.param(
                found(ENDING), want(), NOTHING, ENDING, [], [], id="expires soon"
            ),
            pytest.param(
                found(ENDING),
                want(renew_before=2 * HOUR),
                UPDATE,
                None,
                [ENDING],
                [],
                id="to be renewed",
            ),
            pytest.param(
                found(ENDING, FIT),
                want(renew_before=2 * HOUR),
                UPDATE,
                FIT,
                [ENDING],
                [],
                id="renewed, old one still there",
            ),
            pytest.param(
                found(FIT),
                want(non_expiring=True),
                UPDATE,
                None,
                [FIT],
                [],
                id="is never to expire",
            ),
            pytest.param(
                found(FOR_EVER),
                want(),
                UPDATE,
                None,
                [FOR_EVER],
                [],
                id="never expires",
            ),
            pytest.param(
                found(FOR_EVER),
                want(non_expiring=True, renew_before=99 * HOUR),
                NOTHING,
                FOR_EVER,
                [],
                [],
                id="for ever as wanted",
            ),
            pytest.param(
                found(OLDER, FIT),
                want(),
                UPDATE,
                FIT,
                [OLDER],
                [],
                id="two: the newer counts",
            ),
            pytest.param(
                found(FIT, ENDED, STRANGE),
                want(),
                UPDATE,
                FIT,
                [ENDED],
                [],
                id="expired one beside",
            ),
            pytest.param(
                found(FIT, replace(DISABLED, created_at=OLDER.created_at)),
                want(),
                UPDATE,
                FIT,
                [DISABLED],
                [],
                id="disabled one beside",
            ),
            pytest.param(
                found(ENDED_AND_DISABLED),
                want(),
                UPDATE,
                None,
                [ENDED_AND_DISABLED],
                [],
                id="disabled, but it has expired anyway",
            ),
            pytest.param(
                found(LOCKED), want(), NOTHING, LOCKED, [], [], id="locked as it is"
            ),
            pytest.param(
                found(LOCKED),
                want(readwrite=True),
                UPDATE,
                LOCKED,
                [],
                [UPDATE],
                id="locked, and its access changes",
            ),
            pytest.param(
                found(FIT, owner=LOCKED_OWNER),
                want(),
                NOTHING,
                FIT,
                [],
                [],
                id="locked owner",
            ),
            pytest.param(
                found(FIT, survey=Survey(SAME.present, (Other("o", "it has a rule"),))),
                want(),
                NOTHING,
                FIT,
                [],
                [],
                id="a policy of somebody else",
            ),
            pytest.param(found(FIT), want_id(FIT), NOTHING, FIT, [], [], id="by id"),
            pytest.param(
                found(FIT, OLDER),
                want_id(OLDER),
                NOTHING,
                OLDER,
                [],
                [],
                id="by id, one of two",
            ),
        ],
    )
    def test_decision(
        self,
        situation: Found,
        wish: Wanted,
        action: str,
        kept: ApiKey | None,
        surplus: list[ApiKey],
        access: list[str],
    ) -> None:
        step = plan_of(situation, wish)
        assert step.step.action == action
        assert (step.kept.id if step.kept else None) == (kept.id if kept else None)
        assert ids(*step.surplus) == ids(*surplus)
        assert [each.action for each in step.access] == access

    @pytest.mark.parametrize(
        ("situation", "wish", "said"),
        [
            pytest.param(found(DISABLED), want(), "disabled: false", id="disabled"),
            pytest.param(
                found(DISABLED, ENDED),
                want(),
                "disabled: false",
                id="disabled, expired one beside",
            ),
            pytest.param(found(UNTOLD), want(), "does not tell", id="not stored"),
            pytest.param(
                found(LOCKED_ENDED), want(), "locked: false", id="expired, locked"
            ),
            pytest.param(
                found(FIT, LOCKED_ENDED),
                want(),
                "locked: false",
                id="a locked one is left over",
            ),
            pytest.param(
                found(LOCKED),
                want(non_expiring=True),
                "locked: false",
                id="to be replaced, locked",
            ),
            pytest.param(
                found(FIT, owner=LOCKED_OWNER),
                want(readwrite=True),
                "cr_service_id.*locked: false",
                id="access changes, locked owner",
            ),
            pytest.param(
                found(owner=LOCKED_OWNER),
                want(),
                "locked: false",
                id="no key, locked owner",
            ),
            pytest.param(
                found(FIT), want_id(key("no")), "no token ApiKey-no", id="no such id"
            ),
            pytest.param(
                found(owner=None),
                want_id(FIT),
                "give description instead",
                id="no id at all",
            ),
            pytest.param(
                found(ENDED), want_id(ENDED), "has expired", id="expired, by id"
            ),
            pytest.param(
                found(ENDING),
                want_id(ENDING, renew_before=2 * HOUR),
                "less time left.*description: ci",
                id="to be renewed, by id",
            ),
            pytest.param(
                found(FIT),
                want_id(FIT, readwrite=True),
                "it may pull in all",
                id="other access, by id",
            ),
            pytest.param(
                found(FIT, survey=IN_TWO),
                want_id(FIT),
                "it may pull and push in team-a, team-b",
                id="other namespaces, by id",
            ),
            pytest.param(
                found(DISABLED),
                want_id(DISABLED),
                "disabled: false",
                id="disabled, by id",
            ),
            pytest.param(
                found(UNTOLD), want_id(UNTOLD), "does not tell", id="not stored, by id"
            ),
            pytest.param(
                found(
                    FIT,
                    survey=Survey((), (Other("o", "it has a rule", (REGION, None)),)),
                ),
                want(),
                "Policy o is in the way of",
                id="a policy in the way",
            ),
            pytest.param(
                found(FIT),
                want(namespaces=("Team",)),
                "names the namespace 'Team'",
                id="no namespace",
            ),
        ],
    )
    def test_what_somebody_has_to_decide_on_first(
        self, situation: Found, wish: Wanted, said: str
    ) -> None:
        with pytest.raises(InputError, match=said):
            plan_of(situation, wish)

    def test_replacement_is_told_with_what_it_replaces(self) -> None:
        step = plan_of(found(ENDED, survey=IN_A), want(readwrite=True))
        assert step.diff() == {
            "before": {
                "token_id": "ApiKey-ended",
                "description": "ci",
                "readwrite": False,
                "namespaces": ["team-a"],
                "non_expiring": False,
                "expires_at": "2027-01-15T07:00:00Z",
                "superseded": ["ApiKey-ended"],
            },
            "after": {
                "token_id": None,
                "description": "ci",
                "readwrite": True,
                "namespaces": None,
                "non_expiring": False,
                "expires_at": None,
                "superseded": [],
            },
        }

    def test_change_of_access_keeps_the_token(self) -> None:
        step = plan_of(found(FIT), want(namespaces=("team-a",)))
        before, after = step.diff().values()
        assert after == {**before, "namespaces": ["team-a"]}
        assert before["token_id"] == FIT.id


class TestAbsent:
    @pytest.mark.parametrize(
        ("situation", "wish", "action", "whole", "surplus"),
        [
            pytest.param(
                found(owner=None), want(), NOTHING, False, [], id="nothing there"
            ),
            pytest.param(found(), want(), REMOVE, True, [], id="an interrupted one"),
            pytest.param(found(FIT), want(), REMOVE, True, [], id="by description"),
            pytest.param(
                found(FIT, OLDER), want(), REMOVE, True, [OLDER], id="both of two"
            ),
            pytest.param(found(ENDED), want(), REMOVE, True, [], id="expired"),
            pytest.param(found(DISABLED), want(), REMOVE, True, [], id="disabled"),
            pytest.param(found(UNTOLD), want(), REMOVE, True, [], id="not stored"),
            pytest.param(found(FIT), want_id(FIT), REMOVE, True, [], id="by id"),
            pytest.param(
                found(FIT, OLDER),
                want_id(FIT),
                REMOVE,
                False,
                [FIT],
                id="one of two, by id",
            ),
            pytest.param(
                found(FIT, OLDER),
                want_id(OLDER),
                REMOVE,
                False,
                [OLDER],
                id="the other, by id",
            ),
            pytest.param(
                found(FIT, ENDED),
                want_id(FIT),
                REMOVE,
                True,
                [ENDED],
                id="by id, the other expired",
            ),
            pytest.param(
                found(FIT, STRANGE),
                want_id(key("gone")),
                NOTHING,
                False,
                [],
                id="no such id",
            ),
            pytest.param(
                found(FIT, STRANGE),
                want_id(STRANGE),
                NOTHING,
                False,
                [],
                id="no token by that id",
            ),
        ],
    )
    def test_decision(
        self,
        situation: Found,
        wish: Wanted,
        action: str,
        whole: bool,
        surplus: list[ApiKey],
    ) -> None:
        step = plan_of(situation, replace(wish, absent=True))
        assert step.step.action == action
        assert step.removes_service_id is whole
        assert ids(*step.surplus) == ids(*surplus)

    @pytest.mark.parametrize(
        ("situation", "wish", "said"),
        [
            pytest.param(found(LOCKED), want(), "locked: false", id="locked"),
            pytest.param(
                found(FIT, LOCKED),
                want_id(LOCKED),
                "locked: false",
                id="locked, one of two",
            ),
            pytest.param(
                found(FIT, LOCKED_ENDED),
                want(),
                "locked: false",
                id="an expired one is locked",
            ),
            pytest.param(
                found(FIT, owner=LOCKED_OWNER),
                want(),
                "cr_service_id",
                id="locked owner",
            ),
            pytest.param(
                found(FIT, STRANGE),
                want(),
                "ApiKey-strange",
                id="other keys would go too",
            ),
        ],
    )
    def test_what_somebody_has_to_decide_on_first(
        self, situation: Found, wish: Wanted, said: str
    ) -> None:
        with pytest.raises(InputError, match=said):
            plan_of(situation, replace(wish, absent=True))

    def test_remains_of_an_interrupted_run_are_told(self) -> None:
        step = plan_of(found(), want(absent=True))
        assert step.step.before is not None
        assert (step.step.before["token_id"], step.step.before["description"]) == (
            None,
            "ci",
        )


class TestWhyUnfit:
    @pytest.mark.parametrize(
        ("current", "wish", "expected"),
        [
            pytest.param(FIT, want(), None, id="fits"),
            pytest.param(key(hours=0), want(), "has expired", id="ended this second"),
            pytest.param(key(hours=1 / 60), want(), None, id="a minute is left"),
            pytest.param(DISABLED, want(), "is disabled", id="disabled"),
            pytest.param(FOR_EVER, want(), "never expires", id="for ever"),
            pytest.param(FIT, want(non_expiring=True), "expires,", id="ends"),
            pytest.param(ENDING, want(renew_before=HOUR), None, id="just enough left"),
            pytest.param(
                ENDING,
                want(renew_before=HOUR + 1),
                "less time left",
                id="just too little left",
            ),
            pytest.param(
                key(expires_at="soon"), want(), None, id="an end nobody understands"
            ),
        ],
    )
    def test_reason(self, current: ApiKey, wish: Wanted, expected: str | None) -> None:
        reason = why_unfit(current, wish, NOW)
        if expected is None:
            assert reason is None
        else:
            assert reason is not None and expected in reason


ALL_KEYS = [
    FIT,
    FOR_EVER,
    ENDED,
    ENDING,
    OLDER,
    DISABLED,
    ENDED_AND_DISABLED,
    LOCKED,
    LOCKED_ENDED,
    UNTOLD,
    STRANGE,
]
ALL_WISHES = [
    replace(wish, absent=absent, renew_before=renew_before, namespaces=namespaces)
    for wish in (want(), want(readwrite=True), want(non_expiring=True), want_id(FIT))
    for absent in (False, True)
    for renew_before in (0, 2 * HOUR)
    for namespaces in (None, ("team-a",))
]


def done(situation: Found, wish: Wanted, step: TokenPlan) -> Found:
    """What there is when the plan has been carried out."""
    if step.step.action == NOTHING:
        return situation
    if step.removes_service_id:
        return Found(REGION)
    keys = [each for each in situation.keys if each not in step.surplus]
    if wish.absent:
        return replace(situation, keys=tuple(keys))
    if step.kept is None:
        keys.append(key("new", None if wish.non_expiring else 24))
    names = (None,) if wish.namespaces is None else wish.namespaces
    roles = BOTH if wish.readwrite else READ
    grants = [Grant(roles, REGION, name) for name in names]
    survey = Survey(tuple(Present(str(each), each) for each in grants))
    return Found(REGION, situation.service_id or OURS, tuple(keys), survey)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_whatever_there_is_one_run_is_enough_and_takes_only_what_is_ours(
    count: int,
) -> None:
    cases = itertools.product(
        itertools.combinations(ALL_KEYS, count),
        (OURS, None),
        (SAME, IN_TWO, NO_ACCESS),
        ALL_WISHES,
    )
    decided = 0
    for keys, owner, survey, wish in cases:
        situation = (
            Found(REGION) if owner is None else Found(REGION, owner, keys, survey)
        )
        try:
            step = plan_of(situation, wish)
        except InputError:
            continue
        decided += 1
        assert step.kept not in step.surplus
        assert STRANGE not in step.surplus
        assert not any(each.locked for each in step.surplus)
        if step.removes_service_id:
            assert STRANGE not in situation.keys
        if wish.token_id is not None and not wish.absent:
            assert step.step.action == NOTHING
        after = done(situation, wish, step)
        assert plan_of(after, wish).step.action == NOTHING, (situation, wish)
    assert decided > 100
