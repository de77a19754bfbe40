# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What is asked about a stored login, and what is told of it."""

from __future__ import annotations

import pytest

from ansible_collections.icr.access.plugins.module_utils._authfile import Login
from ansible_collections.icr.access.plugins.module_utils._login_listing import (
    question,
    registry_of,
    utc,
)
from ansible_collections.icr.access.plugins.module_utils._login_place import Stored
from ansible_collections.icr.access.plugins.module_utils._registries import Registry
from ansible_collections.icr.access.plugins.module_utils._verdict import (
    Credential,
    Job,
)

SECRET = "canary-4f1b0f6c2d"
DALLAS = Registry("us.icr.io", "us-south", ("https://us.icr.io",))


class TestQuestion:
    @pytest.mark.parametrize(
        ("registry", "login", "expected"),
        [
            pytest.param(DALLAS, None, "no login is stored", id="nothing"),
            pytest.param(
                DALLAS, Login("u", None), "no login is stored", id="no-secret"
            ),
            pytest.param(
                DALLAS,
                Login("iamapikey", "k"),
                Job(DALLAS.urls, Credential("iamapikey", "k")),
                id="asked",
            ),
            pytest.param(
                DALLAS,
                Login("u", "t", is_token=True),
                "an identity token, which only its client can use",
                id="identity-token",
            ),
            pytest.param(
                Registry("registry.ng.bluemix.net", "us-south", ("x",), is_legacy=True),
                Login("token", "t"),
                "the host was replaced by icr.io in 2019; remove the login",
                id="legacy",
            ),
            pytest.param(
                Registry("ghcr.io", None, ()),
                Login("u", "p"),
                "not one of IBM's registries; name it in registry to have it asked",
                id="somebody-else",
            ),
            pytest.param(
                Registry("us.icr.io/team-a", None, ()),
                Login("u", "p"),
                "a login for a part of a registry, which is not asked about",
                id="namespace",
            ),
            pytest.param(
                Registry("us.icr.io", "us-south", ()),
                Login("iamapikey", "k"),
                "not asked: endpoints replaces IBM Cloud's hosts",
                id="replaced",
            ),
        ],
    )
    def test_only_what_may_be_asked_is_asked(
        self, registry: Registry, login: Login | None, expected: Job | str
    ) -> None:
        assert question(registry, Stored("file", login, True, None, None)) == expected


class TestRegistryOf:
    @pytest.mark.parametrize(
        ("key", "expected"),
        [
            pytest.param("us.icr.io", DALLAS, id="ibm"),
            pytest.param("ghcr.io", Registry("ghcr.io", None, ()), id="not-ibm"),
            pytest.param("us.icr.io/ns", Registry("us.icr.io/ns", None, ()), id="path"),
            pytest.param(
                "index.docker.io",
                Registry("index.docker.io", None, ()),
                id="docker-hub",
            ),
            pytest.param(
                "127.0.0.1:5", Registry("127.0.0.1:5", "eu-de", ("http://127.0.0.1:5",))
            ),
        ],
    )
    def test_a_key_of_the_file_leads_to_what_may_be_asked(
        self, key: str, expected: Registry
    ) -> None:
        local = Registry("127.0.0.1:5", "eu-de", ("http://127.0.0.1:5",))
        assert registry_of(key, {local.host: local}, is_replaced=False) == expected

    def test_endpoints_leave_no_host_of_ibm_to_be_asked(self) -> None:
        expected = Registry("us.icr.io", "us-south", ())
        assert registry_of("us.icr.io", {}, is_replaced=True) == expected
        assert registry_of("us.icr.io", {"us.icr.io": DALLAS}, is_replaced=True) == (
            DALLAS
        )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, None), (0, "1970-01-01T00:00:00Z"), (1795204800, "2026-11-20T20:00:00Z")],
)
def test_times_are_told_in_utc(seconds: int | None, text: str | None) -> None:
    assert utc(seconds) == text
