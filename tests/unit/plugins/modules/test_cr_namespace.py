# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What cr_namespace decides, as tables of cases."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._namespaces import Namespace
from ansible_collections.icr.access.plugins.module_utils._plan import (
    CREATE,
    NOTHING,
    REMOVE,
    UPDATE,
)
from ansible_collections.icr.access.plugins.module_utils._registries import Registry
from ansible_collections.icr.access.plugins.modules.cr_namespace import (
    Wanted,
    plan,
    wanted,
)

REGISTRY = Registry("de.icr.io", "eu-de", ("https://de.icr.io",))
THERE = Namespace("team", resource_group="a")
OLD = Namespace("team")
PARAMS = {"name": "team", "state": "present", "force": False, "resource_group": None}


def want(**changes: Any) -> Wanted:
    return Wanted("team", REGISTRY, **changes)


class TestWanted:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, want()),
            ({"state": "absent", "force": True}, want(absent=True, force=True)),
            ({"resource_group": "a"}, want(resource_group="a")),
        ],
    )
    def test_options_become_a_wish(
        self, changes: dict[str, Any], expected: Wanted
    ) -> None:
        assert wanted({**PARAMS, **changes}, REGISTRY) == expected

    @pytest.mark.parametrize("state", ["present", "absent"])
    def test_names_are_checked_in_either_state(self, state: str) -> None:
        with pytest.raises(InputError, match="it has 2 characters"):
            wanted({**PARAMS, "name": "ab", "state": state}, REGISTRY)


class TestPlan:
    @pytest.mark.parametrize(
        ("current", "wish", "images", "expected"),
        [
            pytest.param(None, want(), None, CREATE, id="none there"),
            pytest.param(THERE, want(), None, NOTHING, id="there"),
            pytest.param(OLD, want(), None, NOTHING, id="any group, none"),
            pytest.param(
                THERE, want(resource_group="a"), None, NOTHING, id="in that group"
            ),
            pytest.param(
                OLD, want(resource_group="a"), None, UPDATE, id="in no group yet"
            ),
            pytest.param(None, want(absent=True), None, NOTHING, id="absent already"),
            pytest.param(THERE, want(absent=True), 0, REMOVE, id="empty"),
            pytest.param(
                THERE, want(absent=True, force=True), 3, REMOVE, id="images, forced"
            ),
            pytest.param(
                THERE,
                want(absent=True, resource_group="b"),
                0,
                REMOVE,
                id="a group does not matter to what goes",
            ),
        ],
    )
    def test_what_to_do(
        self, current: Namespace | None, wish: Wanted, images: int | None, expected: str
    ) -> None:
        assert plan(current, wish, images).action == expected

    def test_group_cannot_be_changed(self) -> None:
        with pytest.raises(InputError, match="belongs to resource group a, and"):
            plan(THERE, want(resource_group="b"), None)

    @pytest.mark.parametrize(("images", "said"), [(1, "1 image,"), (2, "2 images,")])
    def test_images_are_not_lost(self, images: int, said: str) -> None:
        with pytest.raises(InputError, match=f"holds {said}.*force: true"):
            plan(THERE, want(absent=True), images)

    def test_what_the_service_fills_in_is_not_predicted(self) -> None:
        step = plan(None, want(resource_group="a"), None)
        assert step.before is None
        known = {key: value for key, value in (step.after or {}).items() if value}
        assert known == {
            "name": "team",
            "region": "eu-de",
            "registry": "de.icr.io",
            "resource_group": "a",
        }
