# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._grants import (
    Grant,
    as_access,
    grants_of,
)

READ = ("Reader",)
BOTH = ("Reader", "Writer")


def entry(*roles: str, **more: object) -> Mapping[str, object]:
    return {"roles": list(roles), **more}


class TestGrantsOf:
    @pytest.mark.parametrize(
        ("entries", "grants"),
        [
            ([], ()),
            ([entry("Reader")], (Grant(READ),)),
            ([entry("Reader", region=None, namespaces=None)], (Grant(READ),)),
            ([entry("Reader", region="all")], (Grant(READ),)),
            ([entry("Reader", region="eu-de")], (Grant(READ, "eu-de"),)),
            ([entry("Reader", region=" EU-DE ")], (Grant(READ, "eu-de"),)),
            ([entry("Reader", region="eu-central")], (Grant(READ, "eu-de"),)),
            ([entry("Reader", region="eu-de-1")], (Grant(READ, "eu-de"),)),
            ([entry("Reader", region="us-east")], (Grant(READ, "us-south"),)),
            ([entry("Reader", region="global")], (Grant(READ, "global"),)),
            ([entry("Writer", "Reader", "Writer")], (Grant(BOTH),)),
            (
                [entry("Reader", region="eu-de", namespaces=["b", "a", "b"])],
                (Grant(READ, "eu-de", "b"), Grant(READ, "eu-de", "a")),
            ),
            (
                [entry("Writer", namespaces=["a"]), entry("Reader", namespaces=["a"])],
                (Grant(BOTH, None, "a"),),
            ),
            (
                [entry("Reader"), entry("Reader", namespaces=["a"])],
                (Grant(READ), Grant(READ, None, "a")),
            ),
        ],
        ids=[
            "nothing",
            "everywhere",
            "everywhere, spelled out",
            "all regions",
            "a region",
            "a region in capitals",
            "former name",
            "zone",
            "served by another",
            "global registry",
            "roles in order and once",
            "namespaces once each",
            "two entries add up",
            "all namespaces and one",
        ],
    )
    def test_table(self, entries: list[Mapping], grants: tuple[Grant, ...]) -> None:
        assert grants_of(entries) == grants

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            (entry(), r"access\[1\] grants nothing: give roles"),
            ({"roles": None}, r"access\[1\] grants nothing"),
            (entry("reader"), r"access\[1\] names the role 'reader'"),
            (entry("Reader", region="mars"), "no registry region 'mars'"),
            (entry("Reader", region=""), "no registry region ''"),
            (entry("Reader", namespaces=[]), "empty list of namespaces"),
            (entry("Reader", namespaces=["de.icr.io/a"]), "without the registry"),
            (entry("Reader", namespaces=[""]), "the namespace ''"),
            (entry("Reader", namespaces=["team-*"]), "'team-\\*'"),
            (entry("Reader", namespaces=["Team"]), "lower-case"),
        ],
    )
    def test_nonsense_is_refused(self, wrong: Mapping, told: str) -> None:
        with pytest.raises(InputError, match=told):
            grants_of([entry("Reader"), wrong])


class TestAsAccess:
    def test_same_roles_in_the_same_region_are_one_entry(self) -> None:
        grants = (
            Grant(READ, "eu-de", "b"),
            Grant(BOTH, "eu-de", "c"),
            Grant(READ, "eu-de", "a"),
            Grant(READ, "eu-de"),
            Grant(READ),
        )
        assert as_access(grants) == [
            {"roles": ["Reader"], "region": None, "namespaces": None},
            {"roles": ["Reader"], "region": "eu-de", "namespaces": None},
            {"roles": ["Reader"], "region": "eu-de", "namespaces": ["a", "b"]},
            {"roles": ["Reader", "Writer"], "region": "eu-de", "namespaces": ["c"]},
        ]

    def test_can_be_given_back_in_any_order(self) -> None:
        grants = {Grant(READ), Grant(BOTH, "global", "a"), Grant(READ, "eu-de", "b")}
        shown = as_access(grants)
        assert set(grants_of(shown)) == grants
        assert as_access(grants_of(shown[::-1])) == shown
