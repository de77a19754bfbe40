# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What becomes of the keys of one name, for every state they can be in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.icr.access.plugins.module_utils._api_key_plan import Wanted
from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._identities import ApiKey
from ansible_collections.icr.access.plugins.module_utils._rotation import (
    Family,
    Leaving,
    Rotation,
    decide,
    family_of,
    successor,
)
from ansible_collections.icr.access.plugins.module_utils._rotation_schedule import (
    ALWAYS,
    IF_OLDER,
    NEVER,
    Schedule,
    schedule_of,
)

NOW = 1_800_000_000.0  # 2027-01-15T08:00Z
HOUR = 3600
PAST = "2027-01-15T08:00+0000"
WANT = Wanted(name="n")
ALWAYS_NOW = Schedule(ALWAYS)
IF_OLD = Schedule(IF_OLDER, max_age=24 * HOUR)


def key(key_id: str, name: str = "n", *, hours: int = 1, **more: object) -> ApiKey:
    """One that was made so many hours ago."""
    day, hour = divmod(15 * 24 + 8 - hours, 24)
    made = f"2027-01-{day:02}T{hour:02}:00+0000"
    fields: dict[str, object] = {"created_at": made, **more}
    # A row of the table holds values of several types.
    return ApiKey(key_id, name, "iam-ServiceId-1", "acc", "1-a", **fields)  # type: ignore[arg-type]


DRAFT = key("draft", "n (next)", hours=0)
CURRENT = key("current", hours=2)
OLD = key("current", hours=48)
PREVIOUS = key("previous", "n (previous)", hours=72)
OFF = replace(PREVIOUS, disabled=True)
GONE, KEPT = Leaving(PREVIOUS, True), Leaving(PREVIOUS, False)
NOTHING = Rotation(False)


def rotation(
    family: Family,
    schedule: Schedule,
    held: str = "current",
    *,
    want: Wanted = WANT,
    is_kept: bool = True,
) -> Rotation:
    return decide(
        family, schedule, want, frozenset(held.split()), is_kept=is_kept, now=NOW
    )


class TestNothingIsOpen:
    @pytest.mark.parametrize(
        ("current", "schedule", "is_due"),
        [
            pytest.param(None, ALWAYS_NOW, True, id="first one"),
            pytest.param(None, IF_OLD, True, id="first one by age"),
            pytest.param(CURRENT, ALWAYS_NOW, True, id="always"),
            pytest.param(CURRENT, IF_OLD, False, id="young"),
            pytest.param(OLD, IF_OLD, True, id="old"),
            pytest.param(
                key("current", hours=24), IF_OLD, False, id="exactly of that age"
            ),
            pytest.param(
                replace(CURRENT, expires_at=PAST), IF_OLD, True, id="young and ended"
            ),
            pytest.param(
                replace(CURRENT, disabled=True), IF_OLD, False, id="young and disabled"
            ),
            pytest.param(
                replace(CURRENT, disabled=True), ALWAYS_NOW, True, id="disabled"
            ),
            pytest.param(
                replace(OLD, disabled=True), IF_OLD, True, id="old and disabled"
            ),
            pytest.param(
                replace(CURRENT, created_at=None), IF_OLD, False, id="age unknown"
            ),
        ],
    )
    def test_table(
        self, current: ApiKey | None, schedule: Schedule, is_due: bool
    ) -> None:
        found = rotation(Family(current=current), schedule)
        assert found.is_due is is_due
        assert found.is_change is is_due
        assert found.retired == (current if is_due else None)
        retired = [found.retired] if found.retired else []
        assert found.leaving == tuple(Leaving(each, True) for each in retired)

    def test_value_that_only_the_result_tells_keeps_the_key_before(self) -> None:
        found = rotation(Family(current=CURRENT), ALWAYS_NOW, "", is_kept=False)
        assert found.leaving == (Leaving(CURRENT, False),)


class TestInterrupted:
    @pytest.mark.parametrize("schedule", [ALWAYS_NOW, IF_OLD])
    @pytest.mark.parametrize(
        ("family", "held", "expected"),
        [
            pytest.param(
                Family((DRAFT,), CURRENT),
                "draft",
                Rotation(True, DRAFT, (), CURRENT, (Leaving(CURRENT, True),)),
                id="value kept, not in force",
            ),
            pytest.param(
                Family((DRAFT,), None, (PREVIOUS,)),
                "draft",
                Rotation(True, DRAFT, (), None, (GONE,)),
                id="between two names",
            ),
            pytest.param(
                Family((DRAFT,), None, (PREVIOUS,)),
                "previous",
                Rotation(True, None, (DRAFT,), None, (GONE,)),
                id="between two names, value lost",
            ),
            pytest.param(
                Family((), CURRENT, (PREVIOUS,)),
                "current",
                Rotation(False, leaving=(GONE,)),
                id="previous one not removed",
            ),
            pytest.param(
                Family((), None, (PREVIOUS,)),
                "previous",
                Rotation(True, leaving=(GONE,)),
                id="none in force",
            ),
            pytest.param(
                Family((replace(DRAFT, id="a"), replace(DRAFT, id="b")), OLD),
                "a",
                Rotation(
                    True,
                    replace(DRAFT, id="a"),
                    (replace(DRAFT, id="b"),),
                    OLD,
                    (Leaving(OLD, True),),
                ),
                id="two drafts",
            ),
        ],
    )
    def test_work_is_taken_up(
        self, schedule: Schedule, family: Family, held: str, expected: Rotation
    ) -> None:
        assert rotation(family, schedule, held) == expected

    def test_draft_whose_value_is_lost_goes(self) -> None:
        expected = Rotation(
            True, None, (DRAFT,), CURRENT, leaving=(Leaving(CURRENT, True),)
        )
        assert rotation(Family((DRAFT,), CURRENT), ALWAYS_NOW) == expected
        young = rotation(Family((DRAFT,), CURRENT), IF_OLD)
        assert young == Rotation(False, orphans=(DRAFT,))
        assert young.is_change

    @pytest.mark.parametrize("state", [{"disabled": True}, {"expires_at": PAST}])
    def test_draft_that_nobody_can_use_goes(self, state: dict[str, object]) -> None:
        # A row of the table holds values of several types.
        draft = replace(DRAFT, **state)  # type: ignore[arg-type]
        found = rotation(Family((draft,), OLD), IF_OLD, "draft")
        assert (found.adopted, found.orphans) == (None, (draft,))


class TestPreviousIsThere:
    @pytest.mark.parametrize(
        ("family", "schedule", "held", "is_due"),
        [
            (Family((), CURRENT, (PREVIOUS,)), ALWAYS_NOW, "current", False),
            (Family((), CURRENT, (PREVIOUS,)), ALWAYS_NOW, "previous", True),
            (Family((), CURRENT, (PREVIOUS,)), ALWAYS_NOW, "", True),
            (Family((), CURRENT, (OFF,)), ALWAYS_NOW, "current", True),
            (Family((), CURRENT, (PREVIOUS,)), IF_OLD, "current", False),
            (Family((), OLD, (PREVIOUS,)), IF_OLD, "current", True),
            (Family((), OLD, (PREVIOUS,)), ALWAYS_NOW, "current", False),
            (
                Family((), replace(CURRENT, disabled=True), (PREVIOUS,)),
                ALWAYS_NOW,
                "current",
                True,
            ),
        ],
    )
    def test_rotation_before_is_finished_first(
        self, family: Family, schedule: Schedule, held: str, is_due: bool
    ) -> None:
        assert rotation(family, schedule, held).is_due is is_due

    @pytest.mark.parametrize(
        ("kept", "expected"),
        [
            pytest.param(0, GONE, id="not kept"),
            pytest.param(HOUR, GONE, id="time is over"),
            pytest.param(
                2 * HOUR, replace(KEPT, until="2027-01-15T08:01+0000"), id="in a minute"
            ),
            pytest.param(
                24 * HOUR, replace(KEPT, until="2027-01-16T06:01+0000"), id="tomorrow"
            ),
            pytest.param(None, KEPT, id="for ever"),
            pytest.param(10**12 * 604800, KEPT, id="beyond the calendar"),
        ],
    )
    def test_lives_as_long_as_it_is_kept(
        self, kept: int | None, expected: Leaving
    ) -> None:
        schedule = replace(ALWAYS_NOW, keep_previous=kept)
        found = rotation(Family((), CURRENT, (PREVIOUS,)), schedule)
        assert found == Rotation(False, leaving=(expected,))
        assert found.is_change is expected.is_removed

    def test_time_of_each_counts_from_the_one_after_it(self) -> None:
        older = replace(PREVIOUS, id="older", created_at="2027-01-01T00:00+0000")
        schedule = replace(IF_OLD, keep_previous=60 * HOUR)
        found = rotation(Family((), OLD, (older, PREVIOUS)), schedule)
        assert [each.is_removed for each in found.leaving] == [True, False, False]
        assert [each.until for each in found.leaving] == [
            None,
            "2027-01-15T20:01+0000",
            "2027-01-17T20:01+0000",
        ]

    @pytest.mark.parametrize(
        "current",
        [replace(CURRENT, disabled=True), replace(CURRENT, created_at=None)],
    )
    def test_is_not_removed_for_a_key_that_nobody_can_use(
        self, current: ApiKey
    ) -> None:
        found = rotation(Family((), current, (PREVIOUS,)), IF_OLD)
        assert found.leaving == (replace(KEPT) if current.disabled else GONE,)

    def test_nor_for_one_whose_value_nobody_may_have(self) -> None:
        found = rotation(Family((), CURRENT, (PREVIOUS,)), IF_OLD, "", is_kept=False)
        assert found == Rotation(False, leaving=(KEPT,))

    def test_two_stay_when_only_the_result_tells_the_value(self) -> None:
        older = key("older", "n (previous)", hours=73)
        family = Family((), CURRENT, (older, PREVIOUS))
        found = rotation(family, ALWAYS_NOW, "", is_kept=False)
        assert found.leaving == (Leaving(older, True), KEPT, Leaving(CURRENT, False))

    def test_so_do_more_of_the_same_minute(self) -> None:
        other = replace(PREVIOUS, id="other")
        family = Family((), CURRENT, (other, PREVIOUS))
        found = rotation(family, ALWAYS_NOW, "", is_kept=False)
        assert found.leaving == (Leaving(other, False), KEPT, Leaving(CURRENT, False))

    def test_ended_key_is_removed_because_it_takes_no_other_name(self) -> None:
        ended = replace(CURRENT, expires_at=PAST)
        schedule = replace(IF_OLD, keep_previous=None)
        found = rotation(Family(current=ended), schedule, is_kept=False)
        assert found.leaving == (Leaving(ended, True),)


class TestLocked:
    UNLOCK = replace(WANT, locked=False)

    @pytest.mark.parametrize(
        ("family", "said"),
        [
            (Family((), replace(OLD, locked=True)), "cannot be rotated"),
            (Family((replace(DRAFT, locked=True),), CURRENT), "its value is lost"),
        ],
    )
    def test_is_refused_unless_it_may_be_unlocked(
        self, family: Family, said: str
    ) -> None:
        with pytest.raises(InputError, match=said):
            rotation(family, IF_OLD)
        assert rotation(family, IF_OLD, want=self.UNLOCK).is_change

    def test_previous_one_stays(self) -> None:
        locked = replace(PREVIOUS, locked=True)
        family = Family((), CURRENT, (locked,))
        assert rotation(family, IF_OLD).leaving == (Leaving(locked, False),)
        found = rotation(family, IF_OLD, want=self.UNLOCK)
        assert found.leaving == (Leaving(locked, True),)

    def test_key_that_stays_in_force_may_be_locked(self) -> None:
        assert rotation(Family(current=replace(CURRENT, locked=True)), IF_OLD) == (
            NOTHING
        )


class TestFamily:
    def test_is_known_by_exact_names(self) -> None:
        others = [key("x", "n(next)"), key("y", "N"), key("z", "n (previous) (next)")]
        newer = replace(PREVIOUS, id="newer", created_at="2027-01-14T00:00+0000")
        found = family_of([newer, *others, DRAFT, PREVIOUS, CURRENT], "n", CURRENT)
        assert found == Family((DRAFT,), CURRENT, (PREVIOUS, newer))
        assert found.ids == {"draft", "current", "previous", "newer"}


class TestSuccessor:
    MODEL = key(
        "m",
        hours=10,
        description="d",
        action_when_leaked="delete",
        expires_at="2027-01-15T22:00+0000",
        support_sessions=True,
    )

    def test_is_like_the_key_that_it_follows(self) -> None:
        for family in (Family(current=self.MODEL), Family(previous=(self.MODEL,))):
            new, name = successor(WANT, family, is_stored=True, now=NOW)
            assert name == "n"
            assert new == Wanted(
                name="n (next)",
                description="d",
                action_when_leaked="delete",
                expires_in=24 * HOUR,
                store_value=True,
                support_sessions=True,
                is_draft=True,
            )

    def test_options_count_more(self) -> None:
        want = Wanted(
            name="n",
            description="",
            action_when_leaked="none",
            expires_at="",
            store_value=False,
            locked=True,
            disabled=False,
        )
        new, _name = successor(
            want, Family(current=self.MODEL), is_stored=True, now=NOW
        )
        assert new == replace(
            want,
            name="n (next)",
            locked=None,
            disabled=None,
            support_sessions=True,
            is_draft=True,
        )

    def test_first_one_is_as_it_is_asked_for(self) -> None:
        new, _name = successor(WANT, Family(), is_stored=False, now=NOW)
        assert new == Wanted(name="n (next)", is_draft=True)


class TestSchedule:
    OPTIONS: dict[str, object] = {  # noqa: RUF012 - never changed
        "rotate": NEVER,
        "max_age": None,
        "keep_previous": "0s",
        "id": None,
        "state": "present",
        "disabled": None,
        "wait": True,
    }

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ({}, Schedule()),
            ({"rotate": ALWAYS}, ALWAYS_NOW),
            ({"rotate": IF_OLDER, "max_age": "1d"}, IF_OLD),
            ({"rotate": ALWAYS, "keep_previous": "1h"}, Schedule(ALWAYS, None, HOUR)),
            (
                {"rotate": ALWAYS, "keep_previous": " Forever"},
                Schedule(ALWAYS, None, None),
            ),
            ({"rotate": ALWAYS, "state": "absent", "wait": False}, ALWAYS_NOW),
            ({"id": "ApiKey-1", "disabled": True}, Schedule()),
        ],
    )
    def test_options(self, options: dict[str, object], expected: Schedule) -> None:
        assert schedule_of({**self.OPTIONS, **options}) == expected

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"max_age": "1d"}, "go together"),
            ({"rotate": ALWAYS, "max_age": "1d"}, "go together"),
            ({"rotate": IF_OLDER}, "go together"),
            ({"rotate": IF_OLDER, "max_age": "old"}, "max_age must be a span"),
            ({"rotate": ALWAYS, "keep_previous": "x"}, "keep_previous must be a span"),
            ({"rotate": ALWAYS, "id": "ApiKey-1"}, "cannot be rotated"),
            ({"rotate": ALWAYS, "disabled": True}, "leave disabled: true out"),
            ({"rotate": ALWAYS, "wait": False}, "cannot do without wait"),
        ],
    )
    def test_nonsense(self, options: dict[str, object], said: str) -> None:
        with pytest.raises(InputError, match=said):
            schedule_of({**self.OPTIONS, **options})
