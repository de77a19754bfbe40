# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._token_wanted import (
    NO_TOKEN,
    Outcome,
    Wanted,
    predicted,
    wanted,
)

HOUR = 3600


def want(**changes: Any) -> Wanted:
    return Wanted(**{"absent": False, "description": "ci", "token_id": None, **changes})


PARAMS: dict[str, Any] = {
    "state": "present",
    "description": "ci",
    "token_id": None,
    "readwrite": False,
    "namespaces": None,
    "non_expiring": False,
    "renew_before": None,
}


class TestWanted:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            pytest.param({}, want(), id="defaults"),
            pytest.param({"state": "absent"}, want(absent=True), id="absent"),
            pytest.param({"readwrite": True}, want(readwrite=True), id="readwrite"),
            pytest.param(
                {"namespaces": [" team-b", "team-a", "team-b"]},
                want(namespaces=("team-a", "team-b")),
                id="namespaces, each once",
            ),
            pytest.param(
                {"renew_before": "1h30m"}, want(renew_before=5400), id="a span"
            ),
            pytest.param(
                {"renew_before": "9d", "non_expiring": True},
                want(renew_before=9 * 24 * HOUR, non_expiring=True),
                id="a long span does not matter to what never ends",
            ),
        ],
    )
    def test_options_become_a_wish(
        self, changes: dict[str, Any], expected: Wanted
    ) -> None:
        assert wanted({**PARAMS, **changes}) == expected

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            pytest.param({"description": ""}, "description is empty", id="empty"),
            pytest.param({"description": " "}, "description is empty", id="blank"),
            pytest.param({"token_id": ""}, "token_id is empty", id="empty id"),
            pytest.param(
                {"renew_before": "soon"}, "renew_before must be", id="no span"
            ),
            pytest.param({"namespaces": []}, "namespaces is empty", id="no namespace"),
            pytest.param(
                {"namespaces": ["team-a", " "]}, "one of them is", id="a blank one"
            ),
            pytest.param({"renew_before": "24h"}, "less than 24h", id="a whole life"),
        ],
    )
    def test_nonsense_is_told(self, changes: dict[str, Any], said: str) -> None:
        with pytest.raises(InputError, match=said):
            wanted({**PARAMS, **changes})


def test_prediction_knows_all_but_what_the_service_gives() -> None:
    told = predicted(want(namespaces=("team-a",), readwrite=True))
    assert told == {
        "token_id": None,
        "description": "ci",
        "readwrite": True,
        "namespaces": ["team-a"],
        "non_expiring": False,
        "expires_at": None,
    }
    assert told.keys() == NO_TOKEN.keys()


def test_a_token_is_not_shown_by_accident() -> None:
    assert "canary" not in repr(Outcome({}, "canary"))
