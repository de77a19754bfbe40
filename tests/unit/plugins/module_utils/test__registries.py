# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""From options to registries."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.icr.access.plugins.module_utils._chosen_registries import (
    all_registries,
)
from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._named_registry import (
    named_registry,
    refuse_legacy,
)
from ansible_collections.icr.access.plugins.module_utils._registries import (
    Registry,
    check_endpoints,
    check_url,
    region_registries,
)
from ansible_collections.icr.access.plugins.module_utils._registry_host import (
    host_of_key,
    is_loopback,
)

LOCAL = {"registry": {"us-south": "http://127.0.0.1:5001", "eu-gb": "https://mirror"}}


class TestIsLoopback:
    @pytest.mark.parametrize(
        ("host", "expected"),
        [
            ("localhost", True),
            ("localhost:5000", True),
            ("127.0.0.1", True),
            ("127.1.2.3:80", True),
            ("[::1]", True),
            ("[::1]:5000", True),
            ("localhost.example.com", False),
            ("127.0.0.1.example.com", False),
            ("notlocalhost", False),
            ("128.0.0.1", False),
            ("[::2]", False),
            ("us.icr.io", False),
            ("localhost/x", False),
            ("", False),
        ],
    )
    def test_by_its_name_alone(self, host: str, expected: bool) -> None:
        assert is_loopback(host) is expected


class TestHostOfKey:
    @pytest.mark.parametrize(
        ("key", "host"),
        [
            ("us.icr.io", "us.icr.io"),
            ("US.icr.io", "us.icr.io"),
            (" us.icr.io ", "us.icr.io"),
            ("https://us.icr.io", "us.icr.io"),
            ("HTTP://us.icr.io/", "us.icr.io"),
            ("us.icr.io/v1/", "us.icr.io"),
            ("us.icr.io/v2", "us.icr.io"),
            ("https://us.icr.io:5000/v1", "us.icr.io:5000"),
            ("localhost:5000", "localhost:5000"),
            ("[::1]:5000", "[::1]:5000"),
            ("https://index.docker.io/v1/", "index.docker.io"),
            ("us.icr.io/namespace", None),
            ("us.icr.io/v1/namespace", None),
            ("us.icr.io/v3/", None),
            ("user@us.icr.io", None),
            ("us.icr.io?x", None),
            ("us.icr.io:", None),
            ("us.icr.io:123456", None),
            ("-us.icr.io", None),
            ("us.icr.io\n/v1/", None),
            ("us icr", None),
            ("https://", None),
            ("", None),
        ],
        ids=ascii,
    )
    def test_key_of_a_whole_registry(self, key: str, host: str | None) -> None:
        assert host_of_key(key) == host

    @settings(max_examples=80, deadline=None)
    @given(st.text(alphabet="aZ0.-_:/[]@ \nv1é", max_size=16))
    def test_host_is_its_own_key(self, key: str) -> None:
        host = host_of_key(key)
        assert host is None or host_of_key(host) == host


class TestCheckUrl:
    @pytest.mark.parametrize(
        "url",
        [
            "https://us.icr.io",
            "https://us.icr.io/",
            " https://us.icr.io ",
            "HTTPS://us.icr.io:8443",
            "http://localhost:5000",
            "http://127.0.0.1",
            "http://[::1]:80",
        ],
    )
    def test_https_anywhere_and_http_here(self, url: str) -> None:
        check_url(url, "endpoints.iam")

    @pytest.mark.parametrize(
        "url",
        [
            None,
            7,
            "",
            "us.icr.io",
            "ftp://us.icr.io",
            "https://",
            "https://us.icr.io/path",
            "https://us.icr.io?query",
            "https://us.icr.io:0",
            "https://us.icr.io:65536",
            "http://us.icr.io",
            "http://localhost.example.com",
            "http://10.0.0.1",
        ],
    )
    def test_anything_else_is_an_error_that_names_the_option(self, url: Any) -> None:
        with pytest.raises(InputError, match=r"endpoints\.iam"):
            check_url(url, "endpoints.iam")

    def test_plain_http_is_told_what_to_write(self) -> None:
        with pytest.raises(InputError, match=r"write https://us\.icr\.io"):
            check_url("http://us.icr.io/", "endpoints.iam")

    @pytest.mark.parametrize("url", ["https://u:s3cret@host", "u:s3cret@host"])
    def test_user_information_is_not_repeated(self, url: str) -> None:
        with pytest.raises(InputError) as caught:
            check_url(url, "endpoints.iam")
        assert "s3cret" not in str(caught.value)


class TestCheckEndpoints:
    @pytest.mark.parametrize(
        "endpoints",
        [None, {}, {"iam": "https://iam"}, {"registry": {}}, {"registry": None}, LOCAL],
    )
    def test_its_shape(self, endpoints: dict[str, Any] | None) -> None:
        check_endpoints(endpoints)

    @pytest.mark.parametrize(
        ("endpoints", "reason"),
        [
            ({"regsitry": {}}, "not regsitry"),
            ({"endpoints": {}, "pid": 1}, "give the part under that key"),
            ({"iam": "iam.example.com"}, r"endpoints\.iam must be a URL"),
            ({"registry": "https://x"}, "must be a dictionary"),
            ({"registry": ["https://x"]}, "must be a dictionary"),
            ({"registry": {"mars": "https://x"}}, "no registry region 'mars'"),
            ({"registry": {7: "https://x"}}, "no registry region '7'"),
            ({"registry": {"eu-de": "x"}}, r"endpoints\.registry\.eu-de must be"),
            ({"registry": {"eu-de": None}}, r"endpoints\.registry\.eu-de must be"),
            ({"registry": {"eu-de": "http://x"}}, r"endpoints\.registry\.eu-de: plain"),
        ],
    )
    def test_anything_else_is_an_error_that_says_where(
        self, endpoints: dict[str, Any], reason: str
    ) -> None:
        with pytest.raises(InputError, match=reason):
            check_endpoints(endpoints)


class TestRegionRegistries:
    @pytest.mark.parametrize(
        ("visibility", "endpoints", "expected"),
        [
            ("public", None, Registry("us.icr.io", "us-south", ("https://us.icr.io",))),
            (
                "private",
                None,
                Registry(
                    "private.us.icr.io", "us-south", ("https://private.us.icr.io",)
                ),
            ),
            (
                "public",
                LOCAL,
                Registry("127.0.0.1:5001", "us-south", ("http://127.0.0.1:5001",)),
            ),
            (
                "private",
                LOCAL,
                Registry("127.0.0.1:5001", "us-south", ("http://127.0.0.1:5001",)),
            ),
        ],
        ids=["public", "private", "endpoints", "endpoints-win-over-private"],
    )
    def test_host_and_url(
        self, visibility: str, endpoints: dict[str, Any] | None, expected: Registry
    ) -> None:
        assert region_registries(["us-south"], visibility, endpoints) == (expected,)

    @pytest.mark.parametrize("named", ["eu-gb", "uk-south", "eu-gb-1"])
    @pytest.mark.parametrize("given_name", ["eu-gb", "uk-south"])
    def test_names_of_one_region_meet(self, named: str, given_name: str) -> None:
        endpoints = {"registry": {given_name: " HTTPS://Mirror.example:8443/ "}}
        (registry,) = region_registries([named], "public", endpoints)
        assert registry == Registry(
            "mirror.example:8443", "eu-gb", ("https://mirror.example:8443",)
        )

    @pytest.mark.parametrize(
        "endpoints", [{}, {"registry": None}, {"iam": "https://iam"}, LOCAL]
    )
    def test_region_missing_from_endpoints_is_an_error_and_never_the_built_in_host(
        self, endpoints: dict[str, Any]
    ) -> None:
        with pytest.raises(InputError, match=r"endpoints\.registry has no URL for.*jp"):
            region_registries(["jp-tok"], "public", endpoints)


class TestNamedRegistry:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("us.icr.io", Registry("us.icr.io", "us-south", ("https://us.icr.io",))),
            ("US.icr.io/", Registry("us.icr.io", "us-south", ("https://us.icr.io",))),
            (
                "https://private.de.icr.io/v2/",
                Registry("private.de.icr.io", "eu-de", ("https://private.de.icr.io",)),
            ),
            ("cp.icr.io", Registry("cp.icr.io", None, ("https://cp.icr.io",))),
            (
                "localhost:5000",
                Registry(
                    "localhost:5000",
                    None,
                    ("https://localhost:5000", "http://localhost:5000"),
                ),
            ),
            (
                "https://localhost:5000",
                Registry("localhost:5000", None, ("https://localhost:5000",)),
            ),
            (
                "http://localhost:5000",
                Registry("localhost:5000", None, ("http://localhost:5000",)),
            ),
            (
                "[::1]:5000",
                Registry(
                    "[::1]:5000", None, ("https://[::1]:5000", "http://[::1]:5000")
                ),
            ),
            (
                "registry.ng.bluemix.net",
                Registry(
                    "registry.ng.bluemix.net",
                    "us-south",
                    ("https://registry.ng.bluemix.net",),
                    is_legacy=True,
                ),
            ),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_host_region_and_urls(self, text: str, expected: Registry) -> None:
        assert named_registry(text) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "us.icr.io/namespace",
            "us.icr.io:99999",
            "user@us.icr.io",
            "ftp://us.icr.io",
            "us.icr.io,de.icr.io",
            "two hosts",
        ],
    )
    def test_what_is_no_host_is_an_error(self, text: str) -> None:
        with pytest.raises(InputError, match=r"is not a registry: write host\[:port\]"):
            named_registry(text)

    @pytest.mark.parametrize("text", ["https://u:s3cret@host", "u:s3cret@host"])
    def test_user_information_is_not_repeated(self, text: str) -> None:
        with pytest.raises(InputError) as caught:
            named_registry(text)
        assert "s3cret" not in str(caught.value)

    def test_plain_http_to_another_host_is_an_error_that_names_the_option(self) -> None:
        with pytest.raises(
            InputError, match=r"registry .*http://us\.icr\.io.*https://"
        ):
            named_registry("http://us.icr.io")

    @pytest.mark.parametrize(
        "text",
        ["docker.io", "https://index.docker.io/v1/", "registry-1.docker.io:443"],
    )
    def test_docker_hub_is_an_error_that_names_another_module(self, text: str) -> None:
        with pytest.raises(InputError, match=r"community\.docker\.docker_login"):
            named_registry(text)


class TestAllRegistries:
    def test_regions_then_hosts_each_once(self) -> None:
        found = all_registries(
            ["eu-de", "us-south"],
            ["us.icr.io", "cp.icr.io", "https://cp.icr.io"],
            "public",
            None,
        )
        assert [registry.host for registry in found] == [
            "de.icr.io",
            "us.icr.io",
            "cp.icr.io",
        ]

    @pytest.mark.parametrize(("regions", "hosts"), [(None, None), ([], [])])
    def test_nothing_named_is_nothing(
        self, regions: list[str] | None, hosts: list[str] | None
    ) -> None:
        assert all_registries(regions, hosts, "public", None) == ()

    def test_endpoints_do_not_move_a_host_that_is_named(self) -> None:
        found = all_registries(None, ["us.icr.io"], "public", LOCAL)
        assert found[0].urls == ("https://us.icr.io",)


class TestRefuseLegacy:
    def test_others_pass(self) -> None:
        refuse_legacy((named_registry("us.icr.io"), named_registry("localhost")))

    @pytest.mark.parametrize(
        ("host", "instead"),
        [
            ("registry.ng.bluemix.net", r"use us\.icr\.io \(region us-south\)"),
            ("registry.bluemix.net", r"use icr\.io \(region global\)"),
            ("registry.stage1.bluemix.net", r"use the icr\.io host of your region"),
        ],
    )
    def test_legacy_host_is_an_error_that_names_its_successor(
        self, host: str, instead: str
    ) -> None:
        with pytest.raises(InputError, match=f"{host} is a legacy host.*{instead}"):
            refuse_legacy((named_registry("us.icr.io"), named_registry(host)))
