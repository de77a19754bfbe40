# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import BadResponseError
from ansible_collections.icr.access.plugins.module_utils._realm import check_realm
from ansible_collections.icr.access.plugins.module_utils._wire import Origin

ICR = "https://us.icr.io"
LOCAL = "http://localhost:5000"


class TestCheckRealm:
    @pytest.mark.parametrize(
        ("realm", "registry", "trusted"),
        [
            pytest.param("https://us.icr.io/oauth/token", ICR, (), id="own host"),
            pytest.param(
                "https://US.ICR.IO./token?a=b", ICR, (), id="own, spelled oddly"
            ),
            pytest.param(
                "https://us.icr.io:8443/token", ICR, (), id="own, another port"
            ),
            pytest.param("http://localhost:5001/token", LOCAL, (), id="own, both http"),
            pytest.param("https://localhost/token", LOCAL, (), id="own, now encrypted"),
            pytest.param("https://auth.test/token", ICR, ("auth.test",), id="listed"),
            pytest.param(
                "https://auth.test:8443/", ICR, ("auth.test",), id="listed, any port"
            ),
            pytest.param(
                "https://auth.test:8443/",
                ICR,
                ("auth.test:8443",),
                id="listed, this port",
            ),
            pytest.param(
                "https://auth.test/", ICR, ("auth.test:443",), id="listed, usual port"
            ),
            pytest.param(
                "https://auth.test/",
                ICR,
                (" https://Auth.test/x ",),
                id="listed as URL",
            ),
            pytest.param("https://[::2]:1/", ICR, ("[::2]",), id="listed IPv6"),
            pytest.param(
                "http://127.0.0.1:1/", LOCAL, ("127.0.0.1",), id="listed loopback, http"
            ),
        ],
    )
    def test_lets_pass(
        self, realm: str, registry: str, trusted: tuple[str, ...]
    ) -> None:
        check_realm(realm, Origin.of(registry), trusted)

    @pytest.mark.parametrize(
        ("realm", "registry", "trusted", "words"),
        [
            pytest.param(
                "https://evil.test/", ICR, (), "evil.test:443", id="other host"
            ),
            pytest.param("https://icr.io/", ICR, (), "icr.io:443", id="parent domain"),
            pytest.param(
                "https://a.us.icr.io/", ICR, (), "a.us.icr.io:443", id="subdomain"
            ),
            pytest.param(
                "https://us.icr.io.evil.test/", ICR, (), "evil.test", id="looks alike"
            ),
            pytest.param(
                "https://auth.test:1/",
                ICR,
                ("auth.test:2",),
                "auth.test:1",
                id="other port",
            ),
            pytest.param(
                "https://auth.test/",
                ICR,
                ("x.auth.test", "test", "", "*"),
                "auth.test",
                id="not listed",
            ),
            pytest.param(
                "http://us.icr.io/", ICR, (), "without encryption", id="to http"
            ),
            pytest.param(
                "http://us.icr.io/",
                ICR,
                ("us.icr.io",),
                "without encryption",
                id="to http, listed",
            ),
            pytest.param(
                "http://auth.test/",
                LOCAL,
                ("auth.test",),
                "without encryption",
                id="http, not this machine",
            ),
            pytest.param(
                "http://localhost/",
                "https://localhost",
                (),
                "without encryption",
                id="to http on this machine",
            ),
            pytest.param("/oauth/token", ICR, (), "unusable", id="relative"),
            pytest.param(
                "https://us.icr.io@evil.test/", ICR, (), "unusable", id="user"
            ),
            pytest.param(
                "https://us.icr.io/\r\nX: y", ICR, (), "unusable", id="line break"
            ),
            pytest.param(
                "https://evil.test\\.us.icr.io", ICR, (), "unusable", id="backslash"
            ),
            pytest.param("file:///etc/passwd", ICR, (), "unusable", id="file"),
            pytest.param(
                "https://us.icr.io/" + "x" * 5000, ICR, (), "unusable", id="too long"
            ),
        ],
    )
    def test_stops(
        self, realm: str, registry: str, trusted: tuple[str, ...], words: str
    ) -> None:
        with pytest.raises(BadResponseError) as caught:
            check_realm(realm, Origin.of(registry), trusted)
        assert words in str(caught.value)
        assert Origin.of(registry).address in str(caught.value)
        assert len(str(caught.value)) < 600

    def test_the_error_names_the_option(self) -> None:
        with pytest.raises(
            BadResponseError, match=r"list auth\.test in trusted_realms"
        ):
            check_realm("https://auth.test/token", Origin.of(ICR), ())
