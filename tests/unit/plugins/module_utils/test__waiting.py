# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Waiting, on a clock that moves only when somebody pauses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml

from ansible_collections.icr.access.plugins.doc_fragments import cloud
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    ApiError,
    AuthError,
    InputError,
    TransportError,
)
from ansible_collections.icr.access.plugins.module_utils._module import WAIT_OPTIONS
from ansible_collections.icr.access.plugins.module_utils._waiting import (
    Clock,
    NotYetError,
    patience_of,
    wait_until,
)

NOT_THERE = ApiError(
    "IAM says no.", url="https://iam/x?y", status=404, code="c", trace_id="t"
)


class FakeTime:
    """What was paused for, in seconds; `share` is what chance gives every time."""

    def __init__(self, share: float = 1.0) -> None:
        self.pauses: list[float] = []
        self._share = share

    @property
    def clock(self) -> Clock:
        return Clock(
            lambda: 1000.0 + sum(self.pauses), self.pauses.append, lambda: self._share
        )


def attempts(*outcomes: AccessError | None) -> Callable[[], AccessError | None]:
    """Gives one after the other, the last one for ever."""
    left = list(outcomes)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def wait(
    attempt: Callable[[], AccessError | None],
    patience: int | None,
    time: FakeTime | None = None,
) -> list[float]:
    time = time or FakeTime()
    wait_until(
        attempt, patience, awaited="the key", kept="Run it again.", clock=time.clock
    )
    return time.pauses


class TestWaitUntil:
    def test_what_works_at_once_costs_no_pause(self) -> None:
        assert wait(attempts(None), 300) == []

    def test_pauses_double_up_to_a_limit(self) -> None:
        pauses = wait(attempts(*[NOT_THERE] * 8, None), 300)
        assert pauses == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]

    def test_chance_takes_up_to_half_of_a_pause(self) -> None:
        assert wait(attempts(*[NOT_THERE] * 3, None), 300, FakeTime(0.0)) == [
            0.125,
            0.25,
            0.5,
        ]

    def test_last_look_is_at_the_very_end(self) -> None:
        time = FakeTime()
        with pytest.raises(NotYetError):
            wait(attempts(NOT_THERE), 3, time)
        assert time.pauses == [0.25, 0.5, 1.0, 1.25]
        assert wait(attempts(*[NOT_THERE] * 4, None), 3) == time.pauses

    def test_no_time_is_one_attempt(self) -> None:
        assert wait(attempts(None), 0) == []
        time = FakeTime()
        with pytest.raises(NotYetError):
            wait(attempts(NOT_THERE, None), 0, time)
        assert time.pauses == []

    def test_no_patience_is_no_attempt(self) -> None:
        def attempt() -> None:
            raise AssertionError

        assert wait(attempt, None) == []

    def test_error_says_what_for_how_long_and_what_came_back_last(self) -> None:
        with pytest.raises(NotYetError) as caught:
            wait(attempts(ApiError("First."), NOT_THERE), 3)
        assert str(caught.value) == (
            "Waited 3 s for the key, which did not come about. IAM says no. Run it again."
        )
        assert caught.value.fields() == {
            "url": "https://iam/x",
            "status": 404,
            "code": "c",
            "trace_id": "t",
        }

    @pytest.mark.parametrize(
        ("error", "passes"),
        [
            (TransportError("No answer."), True),
            (ApiError("Too many.", status=429), True),
            (ApiError("Broken.", status=500), True),
            (AccessError("Broken.", status=503), True),
            (ApiError("Gone.", status=404), False),
            (AuthError("No right.", status=403), False),
            (InputError("Nonsense."), False),
        ],
    )
    def test_only_what_passes_by_itself_is_waited_for(
        self, error: AccessError, passes: bool
    ) -> None:
        outcomes: list[AccessError | None] = [error]

        def attempt() -> None:
            if outcomes:
                raise outcomes.pop() or AssertionError

        if passes:
            assert wait(attempt, 300) == [0.25]
        else:
            with pytest.raises(type(error), match=str(error)):
                wait(attempt, 300)


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "seconds"),
        [
            ({"wait": True, "wait_timeout": "5m"}, 300),
            ({"wait": True, "wait_timeout": "0"}, 0),
            ({"wait": False, "wait_timeout": "5m"}, None),
        ],
    )
    def test_patience(self, options: dict[str, object], seconds: int | None) -> None:
        assert patience_of(options) == seconds

    @pytest.mark.parametrize("wait", [True, False])
    @pytest.mark.parametrize("text", ["soon", "25h"])
    def test_nonsense_is_an_error(self, wait: bool, text: str) -> None:
        with pytest.raises(InputError, match=r"^wait_timeout must be"):
            patience_of({"wait": wait, "wait_timeout": text})

    def test_documented_as_they_are(self) -> None:
        documented = yaml.safe_load(cloud.ModuleDocFragment.WAIT)["options"]
        facts = {
            name: {key: each[key] for key in ("type", "default")}
            for name, each in documented.items()
        }
        assert facts == WAIT_OPTIONS
