# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._namespaces import (
    Namespace,
    check_name,
    check_resource_group,
    is_image_of,
)

WIRE = {
    "account": "0123",
    "name": "team-a",
    "crn": "crn:v1:bluemix:public:container-registry:eu-de:a/0123::namespace:team-a",
    "created_date": "2026-10-01 12:00:00",
    "updated_date": "2026-10-02 12:00:00",
    "resource_created_date": "2026-10-01 12:00:00",
    "resource_group": "9f4c",
}


class TestFromWire:
    def test_result_has_all_of_it(self) -> None:
        assert Namespace.from_wire(WIRE).as_result("eu-de", "de.icr.io") == {
            "name": "team-a",
            "region": "eu-de",
            "registry": "de.icr.io",
            "account_id": "0123",
            "crn": WIRE["crn"],
            "resource_group": "9f4c",
            "created_at": "2026-10-01 12:00:00",
            "updated_at": "2026-10-02 12:00:00",
        }

    @pytest.mark.parametrize(
        "group", [{}, {"resource_group": None}, {"resource_group": ""}]
    )
    def test_a_namespace_of_old_has_no_group(self, group: dict[str, object]) -> None:
        assert Namespace.from_wire({"name": "team-a", **group}) == Namespace("team-a")

    @pytest.mark.parametrize(
        "element", [None, "team-a", 7, {}, {"name": 7}, {"name": ""}]
    )
    def test_what_is_no_namespace(self, element: object) -> None:
        with pytest.raises(TypeError):
            Namespace.from_wire(element)


class TestCheckName:
    @pytest.mark.parametrize(
        "name", ["team", "a" * 30, "0123", "a--b", "a__b", "a-_b", "team-a_1"]
    )
    def test_good_ones(self, name: str) -> None:
        assert check_name(name) == name

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            pytest.param("", "it has 0 characters", id="empty"),
            pytest.param("abc", "it has 3 characters", id="too short"),
            pytest.param("a" * 31, "it has 31 characters", id="too long"),
            pytest.param("Team", "not all of its characters", id="upper case"),
            pytest.param("team a", "not all of its characters", id="space"),
            pytest.param("team\n", "not all of its characters", id="end of a line"),
            pytest.param("täam", "not all of its characters", id="not ASCII"),
            pytest.param("-team", "begins or ends with", id="hyphen first"),
            pytest.param("team-", "begins or ends with", id="hyphen last"),
            pytest.param("_team", "begins or ends with", id="underscore first"),
            pytest.param("team_", "begins or ends with", id="underscore last"),
            pytest.param("de.icr.io/team", "the registry", id="with the registry"),
            pytest.param("team/app", "an image in it", id="with an image"),
        ],
    )
    def test_bad_ones(self, name: str, reason: str) -> None:
        with pytest.raises(InputError, match=reason) as caught:
            check_name(name)
        assert "4 to 30 lower-case letters" in str(caught.value)


class TestCheckResourceGroup:
    @pytest.mark.parametrize("group", [None, "9f4c", "Default"])
    def test_what_could_be_one(self, group: str | None) -> None:
        assert check_resource_group(group) == group

    @pytest.mark.parametrize("group", ["", "My Group", "a\nb", "größe"])
    def test_what_could_not(self, group: str) -> None:
        with pytest.raises(InputError, match="takes the id of a resource group"):
            check_resource_group(group)


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        pytest.param({"repoTags": {"de.icr.io/team/app": {}}}, True, id="it is"),
        pytest.param({"repoTags": {"team/app": {}}}, True, id="without registry"),
        pytest.param(
            {"repoTags": {"localhost:5000/team/app": {}}}, True, id="with port"
        ),
        pytest.param({"repoTags": {"a/b": {}, "team/app": {}}}, True, id="one of two"),
        pytest.param({"repoTags": {"de.icr.io/team2/app": {}}}, False, id="another"),
        pytest.param(
            {"repoTags": {"de.icr.io/other/team/app": {}}}, False, id="deeper"
        ),
        pytest.param({"repoTags": {}}, False, id="no repository"),
        pytest.param({"repoTags": None}, False, id="null"),
        pytest.param({}, False, id="nothing told"),
        pytest.param("sha256:0", False, id="no object"),
    ],
)
def test_is_image_of(element: object, expected: bool) -> None:
    assert is_image_of("team", element) is expected
