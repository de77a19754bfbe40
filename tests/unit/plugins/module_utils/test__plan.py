# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import pytest

from ansible_collections.icr.access.plugins.module_utils._plan import (
    CREATE,
    NOTHING,
    REMOVE,
    UPDATE,
    Plan,
    differences,
    redacted,
)


class TestDifferences:
    @pytest.mark.parametrize(
        ("current", "wanted", "expected"),
        [
            pytest.param({"a": 1}, {"a": None}, {}, id="not given leaves alone"),
            pytest.param({"a": 1}, {"a": 1}, {}, id="equal"),
            pytest.param({"a": 1}, {"a": 2}, {"a": 2}, id="different"),
            pytest.param({}, {"a": "x"}, {"a": "x"}, id="missing"),
            pytest.param({}, {"a": ""}, {}, id="empty text equals missing"),
            pytest.param({"a": None}, {"a": ""}, {}, id="empty text equals none"),
            pytest.param({"a": "x"}, {"a": ""}, {"a": ""}, id="empty text clears"),
            pytest.param({"a": ["x"]}, {"a": []}, {"a": []}, id="empty list clears"),
            pytest.param({"a": []}, {"a": []}, {}, id="empty list equals empty"),
            pytest.param({"a": True}, {"a": False}, {"a": False}, id="true to false"),
            pytest.param({"a": False}, {"a": True}, {"a": True}, id="false to true"),
            pytest.param({}, {"a": False}, {}, id="false equals missing"),
            pytest.param({"a": 1, "b": 2}, {"b": 3}, {"b": 3}, id="others stay"),
        ],
    )
    def test_table(
        self,
        current: dict[str, object],
        wanted: dict[str, object],
        expected: dict[str, object],
    ) -> None:
        assert differences(current, wanted) == expected


class TestPlan:
    def test_nothing_shows_the_same_twice(self) -> None:
        step = Plan.nothing({"a": 1})
        assert (step.action, step.is_change) == (NOTHING, False)
        assert step.diff() == {"before": {"a": 1}, "after": {"a": 1}}

    def test_create_shows_what_is_predicted(self) -> None:
        step = Plan.create({"a": None, "b": 2})
        assert (step.action, step.is_change) == (CREATE, True)
        assert step.diff() == {"before": {}, "after": {"a": None, "b": 2}}

    def test_remove_shows_what_goes(self) -> None:
        step = Plan.remove({"a": 1})
        assert (step.action, step.is_change) == (REMOVE, True)
        assert step.diff() == {"before": {"a": 1}, "after": {}}

    def test_update_changes_what_differs_and_keeps_the_rest(self) -> None:
        step = Plan.update_if_different({"a": 1, "b": 2}, {"b": 3, "a": None})
        assert (step.action, step.changes) == (UPDATE, {"b": 3})
        assert step.after == {"a": 1, "b": 3}

    def test_update_without_difference_is_nothing(self) -> None:
        assert Plan.update_if_different({"a": 1}, {"a": 1}) == Plan.nothing({"a": 1})


class TestRedacted:
    def test_secret_is_hidden_where_there_is_one(self) -> None:
        document = {"a": "secret", "b": None, "c": 1}
        assert redacted(document, ("a", "b")) == {"a": "(hidden)", "b": None, "c": 1}

    def test_diff_hides_secrets(self) -> None:
        step = Plan.update_if_different({"a": "old"}, {"a": "new"})
        hidden = {"a": "(hidden)"}
        assert step.diff(secret=("a",)) == {"before": hidden, "after": hidden}

    def test_nothing_has_no_fields(self) -> None:
        assert redacted(None, ()) == {}
