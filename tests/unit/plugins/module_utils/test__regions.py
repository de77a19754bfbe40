# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The table of regions and the ways to name a row of it."""

from __future__ import annotations

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._region_hosts import (
    find_region_of_host,
    find_region_of_legacy_host,
    is_legacy_host,
)
from ansible_collections.icr.access.plugins.module_utils._regions import (
    REGIONS,
    Region,
    expand_regions,
    get_region,
)

# Written out once more: a slip in the table would log hosts in somewhere else.
HOSTS = {
    "global": "icr.io",
    "us-south": "us.icr.io",
    "eu-gb": "uk.icr.io",
    "eu-de": "de.icr.io",
    "au-syd": "au.icr.io",
    "jp-tok": "jp.icr.io",
    "jp-osa": "jp2.icr.io",
    "ca-tor": "ca.icr.io",
    "br-sao": "br.icr.io",
    "eu-es": "es.icr.io",
    "ca-mon": "ca2.icr.io",
    "in-che": "in.icr.io",
    "in-mum": "in2.icr.io",
    "eu-fr2": "fr2.icr.io",
}
LEGACY_HOSTS = {
    "registry.bluemix.net": "global",
    "registry.ng.bluemix.net": "us-south",
    "registry.eu-gb.bluemix.net": "eu-gb",
    "registry.eu-de.bluemix.net": "eu-de",
    "registry.au-syd.bluemix.net": "au-syd",
}


class TestTable:
    def test_hosts(self) -> None:
        assert {region.name: region.host for region in REGIONS} == HOSTS

    @pytest.mark.parametrize("region", REGIONS, ids=lambda region: region.name)
    def test_private_host_stands_beside_the_public_one(self, region: Region) -> None:
        assert region.private_host == f"private.{HOSTS[region.name]}"


class TestGetRegion:
    @pytest.mark.parametrize("name", HOSTS)
    def test_current_name(self, name: str) -> None:
        assert get_region(name).name == name

    @pytest.mark.parametrize(
        ("name", "current"),
        [
            ("uk-south", "eu-gb"),
            ("eu-central", "eu-de"),
            ("ap-south", "au-syd"),
            ("ap-north", "jp-tok"),
            ("us-east", "us-south"),
            ("us-east-2", "us-south"),
            ("us-south-1", "us-south"),
            ("eu-de-1", "eu-de"),
            ("eu-fr2-1", "eu-fr2"),
            ("uk-south-3", "eu-gb"),
            ("US-South", "us-south"),
            (" eu-de ", "eu-de"),
        ],
    )
    def test_former_names_zones_and_spellings(self, name: str, current: str) -> None:
        assert get_region(name).name == current

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "us",
            "us-south-",
            "us-south-x",
            "us-south-1-1",
            "eu-fr",
            "global-1",
            "all",
            "us.icr.io",
            "us_south",
        ],
    )
    def test_unknown_name_is_an_error_that_lists_the_known_ones(
        self, name: str
    ) -> None:
        with pytest.raises(InputError) as caught:
            get_region(name)
        assert repr(name) in str(caught.value)
        assert all(known in str(caught.value) for known in HOSTS)
        assert "uk-south" in str(caught.value)
        assert "'all'" in str(caught.value)


class TestExpandRegions:
    @pytest.mark.parametrize(
        ("names", "expected"),
        [
            ([], []),
            (["eu-de", "us-south"], ["eu-de", "us-south"]),
            (["us-south", "us-east", "us-south-3"], ["us-south"]),
            (["eu-fr2"], ["eu-fr2"]),
            (["all"], [name for name in HOSTS if name != "eu-fr2"]),
            (["All"], [name for name in HOSTS if name != "eu-fr2"]),
            (["eu-fr2", "all"], ["eu-fr2", *list(HOSTS)[:-1]]),
            (
                ["eu-es", "all"],
                ["eu-es", *[n for n in list(HOSTS)[:-1] if n != "eu-es"]],
            ),
        ],
        ids=lambda value: "+".join(value[:3]) or "none",
    )
    def test_each_region_once_in_the_order_of_its_mention(
        self, names: list[str], expected: list[str]
    ) -> None:
        assert [region.name for region in expand_regions(names)] == expected

    def test_unknown_name_among_known_ones_is_an_error(self) -> None:
        with pytest.raises(InputError, match="mars-north"):
            expand_regions(["us-south", "mars-north"])


class TestHosts:
    @pytest.mark.parametrize(("name", "host"), HOSTS.items())
    def test_region_of_public_and_private_host(self, name: str, host: str) -> None:
        for known in (host, f"private.{host}"):
            found = find_region_of_host(known)
            assert found is not None
            assert found.name == name

    @pytest.mark.parametrize(
        "host", ["cp.icr.io", "us.icr.io:443", "registry.ng.bluemix.net", ""]
    )
    def test_other_hosts_serve_no_region(self, host: str) -> None:
        assert find_region_of_host(host) is None

    @pytest.mark.parametrize(("host", "name"), LEGACY_HOSTS.items())
    def test_legacy_host(self, host: str, name: str) -> None:
        found = find_region_of_legacy_host(host)
        assert found is not None
        assert found.name == name
        assert is_legacy_host(host)

    def test_legacy_host_of_no_known_region_is_legacy_all_the_same(self) -> None:
        assert is_legacy_host("registry.stage1.bluemix.net")
        assert find_region_of_legacy_host("registry.stage1.bluemix.net") is None

    @pytest.mark.parametrize(
        "host",
        [
            "us.icr.io",
            "bluemix.net",
            "registry.a.b.bluemix.net",
            "xregistry.ng.bluemix.net",
            "registry.ng.bluemix.net.example.com",
            "registry.ng.bluemix.net\n",
        ],
        ids=ascii,
    )
    def test_other_hosts_are_not_legacy(self, host: str) -> None:
        assert not is_legacy_host(host)
