# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._grants import Grant
from ansible_collections.icr.access.plugins.module_utils._identities import (
    ApiKey,
    ServiceId,
)
from ansible_collections.icr.access.plugins.module_utils._key_tokens import (
    Access,
    has_ended,
    is_young,
    mark,
    named_keys,
    refuse_value,
    region_of,
    shown,
)
from ansible_collections.icr.access.plugins.module_utils._regions import REGIONS

READ, BOTH = ("Reader",), ("Reader", "Writer")


def key(key_id: str = "k", **fields: Any) -> ApiKey:
    return ApiKey(
        **{
            "id": f"ApiKey-{key_id}",
            "name": "ci",
            "iam_id": "iam-ServiceId-1",
            "account_id": "a",
            "entity_tag": "1-a",
            **fields,
        }
    )


def service_id(description: str = "", name: str = "ci") -> ServiceId:
    return ServiceId("ServiceId-1", "iam-ServiceId-1", name, "a", "1-a", description)


class TestAccess:
    @pytest.mark.parametrize(
        ("grants", "expected"),
        [
            pytest.param([], Access(False, ()), id="none"),
            pytest.param([Grant(READ, "eu-de")], Access(False), id="region"),
            pytest.param([Grant(READ)], Access(False), id="all regions"),
            pytest.param([Grant(BOTH, "us-south")], Access(False, ()), id="elsewhere"),
            pytest.param([Grant(BOTH, "eu-de")], Access(True), id="may push"),
            pytest.param([Grant(("Manager",), "eu-de")], Access(True), id="manager"),
            pytest.param(
                [Grant(READ, "eu-de", "b"), Grant(BOTH, "eu-de", "a")],
                Access(True, ("a", "b")),
                id="two namespaces, pushes to one",
            ),
            pytest.param(
                [Grant(READ, "eu-de", "b"), Grant(READ, "eu-de")],
                Access(False),
                id="a namespace and all",
            ),
        ],
    )
    def test_what_grants_amount_to(self, grants: list[Grant], expected: Access) -> None:
        assert Access.of(grants, "eu-de") == expected

    @pytest.mark.parametrize(
        "access",
        [
            Access(False),
            Access(True),
            Access(False, ("team-a",)),
            Access(True, ("team-a", "team-b")),
        ],
    )
    @pytest.mark.parametrize("region", ["eu-de", "global"])
    def test_is_read_back_from_what_gives_it(self, access: Access, region: str) -> None:
        assert Access.of(access.grants(region), region) == access

    def test_whoever_may_push_may_list_too(self) -> None:
        assert Access(True).grants("eu-de") == (Grant(BOTH, "eu-de"),)

    @pytest.mark.parametrize("name", ["A", "a/b", "de.icr.io/a", "-a"])
    def test_what_is_no_namespace(self, name: str) -> None:
        with pytest.raises(InputError, match="namespace"):
            Access(False, (name,)).grants("eu-de")


class TestMark:
    @pytest.mark.parametrize("region", [region.name for region in REGIONS])
    def test_is_read_back(self, region: str) -> None:
        assert region_of(service_id(mark(region))) == region

    @pytest.mark.parametrize(
        "description",
        [
            "",
            "icr.access.cr_token",
            "icr.access.cr_token ",
            "icr.access.cr_token us-south ",
            " icr.access.cr_token us-south",
            "icr.access.cr_token us-south, for the testers",
            "icr.access.cr_token uk-south",
            "icr.access.cr_token mars",
            "ICR.ACCESS.CR_TOKEN us-south",
        ],
    )
    def test_nothing_else_is_ours(self, description: str) -> None:
        assert region_of(service_id(description)) is None


class TestNamedKeys:
    def test_newest_first_and_only_those_of_the_name(self) -> None:
        old = key("old", created_at="2026-11-20T10:00+0000")
        new = key("new", created_at="2026-11-21T10:00+0000")
        other = key("other", name="by hand", created_at="2026-11-22T10:00+0000")
        assert named_keys(service_id(), [old, other, new]) == [new, old]

    def test_of_one_minute_the_one_that_ends_later_counts(self) -> None:
        soon = key("z", expires_at="2026-11-22T10:00+0000")
        late = key("y", expires_at="2026-11-23T10:00+0000")
        never = key("x")
        assert named_keys(service_id(), [soon, never, late]) == [never, late, soon]

    def test_moment_that_nobody_understands_is_the_oldest(self) -> None:
        odd = key("odd", created_at="yesterday")
        old = key("old", created_at="2001-01-01T00:00+0000")
        assert named_keys(service_id(), [odd, old]) == [old, odd]


class TestKey:
    @pytest.mark.parametrize(
        ("expires_at", "expected"),
        [
            ("2027-01-15T08:00+0000", True),
            ("2027-01-15T08:01+0000", False),
            (None, False),
            ("soon", False),
        ],
    )
    def test_has_ended(self, expires_at: str | None, expected: bool) -> None:
        assert has_ended(key(expires_at=expires_at), 1_800_000_000) is expected

    @pytest.mark.parametrize(
        ("created_at", "expected"),
        [
            pytest.param("2027-01-15T07:51+0000", True, id="nine minutes"),
            pytest.param("2027-01-15T07:50+0000", False, id="ten minutes"),
            pytest.param("2027-01-15T08:05+0000", True, id="by a clock ahead of ours"),
            pytest.param("yesterday", False, id="nobody knows"),
            pytest.param(None, False, id="not told"),
        ],
    )
    def test_is_young(self, created_at: str | None, expected: bool) -> None:
        assert is_young(key(created_at=created_at), 1_800_000_000) is expected

    @pytest.mark.parametrize(
        ("expires_at", "told"),
        [
            ("2027-01-15T08:00+0000", "2027-01-15T08:00:00Z"),
            (None, None),
            ("soon", "soon"),
        ],
    )
    def test_shown_without_its_value(
        self, expires_at: str | None, told: str | None
    ) -> None:
        result = shown(key(expires_at=expires_at, value="canary"), Access(True, ("a",)))
        assert result == {
            "token_id": "ApiKey-k",
            "description": "ci",
            "readwrite": True,
            "namespaces": ["a"],
            "non_expiring": expires_at is None,
            "expires_at": told,
        }


class TestRefuseValue:
    def test_value_is_hidden_and_not_repeated(self) -> None:
        hidden: list[str] = []
        with pytest.raises(InputError) as caught:
            refuse_value("canary", hidden.append)
        assert hidden == ["canary"]
        assert "canary" not in str(caught.value)

    @pytest.mark.parametrize("token_id", [None, "ApiKey-1"])
    def test_id_is_not(self, token_id: str | None) -> None:
        hidden: list[str] = []
        refuse_value(token_id, hidden.append)
        assert hidden == []
