# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Registries that are after a credential, or after the memory and time of whoever logs in."""

from __future__ import annotations

import pytest

from ansible_collections.icr.access.plugins.module_utils._registry_login import (
    RegistryLogin,
)
from ansible_collections.icr.access.plugins.module_utils._verdict import (
    Credential,
    Settings,
    Verdict,
)
from ansible_collections.icr.access.tests.reliability.hostile import (
    ANSWERS,
    SECRET,
    Serve,
    withstanding,
)
from ansible_collections.icr.access.tests.reliability.tally import Tally
from ansible_collections.icr.access.tests.unit.plugins.module_utils.scripted_registry import (
    Authority,
    Registry,
    Reply,
    Server,
    refusal,
)

pytestmark = pytest.mark.usefixtures("no_surroundings", "names")

CREDENTIAL = Credential("iamapikey", SECRET)
BASE, TOKEN = "GET /v2/", "GET /oauth/token"
STAGES = ("greeting", "token", "proof")


@pytest.fixture
def registry() -> Registry:
    return Registry(credential=CREDENTIAL)


@pytest.fixture
def elsewhere(serve: Serve) -> Server:
    """A host that would take the credential, and that nobody has said may have it."""
    return serve(Registry(credential=CREDENTIAL))


def url_of(server: Server, host: str = "127.0.0.1") -> str:
    return f"{server.scheme}://{host}:{server.port}"


def ask(
    server: Server, *, timeout: float = 30.0, ca_path: str | None = None
) -> Verdict:
    settings = Settings(timeout=timeout, retries=0, ca_path=ca_path)
    return RegistryLogin(settings).verify((server.url,), CREDENTIAL)


def stages_of(number: int, is_soak: bool) -> tuple[str, ...]:
    """All stages of the dialogue, or one of them, another for each answer in turn."""
    return STAGES if is_soak else (STAGES[number % len(STAGES)],)


class TestAnswers:
    @pytest.mark.parametrize(
        ("number", "name"), list(enumerate(ANSWERS)), ids=list(ANSWERS)
    )
    def test_each_is_an_error_that_says_why(
        self,
        serve: Serve,
        elsewhere: Server,
        tally: Tally,
        soak: bool,
        number: int,
        name: str,
    ) -> None:
        hostile = ANSWERS[name]
        for stage in stages_of(number, soak):
            reply = hostile.reply(url_of(elsewhere))
            registry = Registry(credential=CREDENTIAL)
            server = serve(registry)
            challenge = refusal(
                401, "UNAUTHORIZED", "?", registry.challenge.format(url=server.url)
            )
            registry.odd = {
                "greeting": {BASE: [reply]},
                "token": {TOKEN: [reply]},
                "proof": {BASE: [challenge, reply]},
            }[stage]
            with withstanding(tally, hostile.words, timeout=hostile.timeout):
                ask(server, timeout=hostile.timeout)
            assert elsewhere.requests == []
            # the key went to the token service alone, and only when it was its turn
            keyed = {
                r.path for r in server.requests if "Basic" in (r.authorization or "")
            }
            assert keyed == (set() if stage == "greeting" else {"/oauth/token"})


class TestChallenges:
    @pytest.mark.parametrize(
        ("challenge", "words"),
        [
            pytest.param(
                'Bearer realm="{there}/token"', "trusted_realms", id="elsewhere"
            ),
            pytest.param("Bearer realm={there}/token", "trusted_realms", id="unquoted"),
            pytest.param(
                'Bearer realm="{there}/token", Basic realm="x"',
                "trusted_realms",
                id="or Basic",
            ),
            pytest.param(
                'Bearer realm="{there}/token",realm="{here}/oauth/token"',
                "trusted_realms",
                id="the first of two realms counts",
            ),
            pytest.param(
                'Bearer realm="http://localhost.evil.test:{port}/"',
                "encryption",
                id="looks alike",
            ),
            pytest.param(
                'Bearer realm="https://localhost.evil.test:{port}/"',
                "list localhost.evil.test in trusted_realms",
                id="looks alike, encrypted",
            ),
            pytest.param(
                'Bearer realm="http://localhost:1@127.0.0.1:{port}/"',
                "unusable",
                id="user",
            ),
            pytest.param(
                'Bearer realm="http://localhost\\\\@127.0.0.1:{port}/"',
                "unusable",
                id="backslash",
            ),
            pytest.param(
                'Bearer realm="http://loc\u0430lhost:{port}/"',
                "unusable",
                id="letter alike",
            ),
            pytest.param(
                'Bearer realm="http://xn--loclhost-8fg:{port}/"',
                "encryption",
                id="punycode",
            ),
            pytest.param(
                'Bearer realm="{here}/\r\n X-Injected: {there}/"',
                "unusable",
                id="line break",
            ),
            pytest.param(
                'Bearer realm="//127.0.0.1:{port}/"', "unusable", id="relative"
            ),
            pytest.param('Bearer realm="file:///etc/passwd"', "unusable", id="a file"),
            pytest.param(
                'Bearer realm="http://' + "a" * 60_000 + '/"',
                "unusable",
                id="a giant host",
            ),
            pytest.param('Bearer realm="', "asks for bearer", id="nothing"),
            pytest.param(
                "Bearer" + ' a=""' * 12_000, "asks for bearer", id="parameters alone"
            ),
            pytest.param(
                "Bearer x=y" + ",z" * 30_000, "asks for bearer", id="one long value"
            ),
        ],
    )
    def test_a_realm_that_is_not_its_own_gets_nothing(
        self,
        serve: Serve,
        elsewhere: Server,
        tally: Tally,
        registry: Registry,
        challenge: str,
        words: str,
    ) -> None:
        server = serve(registry)
        registry.challenge = (
            challenge.replace("{there}", url_of(elsewhere))
            .replace("{port}", str(elsewhere.port))
            .replace("{here}", server.url)
        )
        with withstanding(tally, words):
            ask(server)
        assert elsewhere.connections == 0
        assert [request.authorization for request in server.requests] == [None]

    def test_ten_thousand_parameters_are_read(
        self, serve: Serve, registry: Registry, tally: Tally
    ) -> None:
        more = [f"p{number}=1" for number in range(10_000)]
        folded = ",".join(more[:5000]) + ",\r\n " + ",".join(more[5000:])
        registry.challenge += "," + folded
        accepted = ask(serve(registry)).accepted
        tally.count("hostile answers", 1, withstood=int(accepted is True))
        assert accepted is True

    def test_an_encrypted_registry_may_not_name_an_open_token_service(
        self, serve: Serve, registry: Registry, authority: Authority, tally: Tally
    ) -> None:
        open_service = serve(Registry(credential=CREDENTIAL))
        registry.challenge = f'Bearer realm="{open_service.url}/oauth/token"'
        server = serve(registry, authority.context("localhost"))
        with withstanding(tally, "without encryption"):
            ask(server, ca_path=str(authority.bundle))
        assert open_service.connections == 0
        assert [request.authorization for request in server.requests] == [None]


class TestTls:
    @pytest.mark.parametrize(
        ("certificate", "words"),
        [
            ({"names": ("icr.test",)}, "for another name"),
            ({"names": ("localhost.evil.test", "*.localhost")}, "for another name"),
            ({"names": ("localhost",), "expired": True}, "expired"),
            ({"names": ("localhost",), "self_signed": True}, "not trusted"),
        ],
        ids=["other name", "names alike", "expired", "self-signed"],
    )
    def test_who_cannot_prove_its_name_is_sent_nothing(
        self,
        serve: Serve,
        registry: Registry,
        authority: Authority,
        tally: Tally,
        certificate: dict[str, object],
        words: str,
    ) -> None:
        names = certificate.pop("names")
        assert isinstance(names, tuple)
        # A row of the table holds values of several types.
        server = serve(registry, authority.context(*names, **certificate))  # type: ignore[arg-type]
        with withstanding(tally, words):
            ask(server, ca_path=str(authority.bundle))
        assert server.requests == []

    @pytest.mark.parametrize(
        ("begun", "words"),
        [
            (
                b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03",
                "ends TLS before it begins",
            ),
            (b"\x15\x03\x03\x00\x02\x02\x28", "cannot agree on TLS"),
            (b"\x16\x03\x03\xff\xff" + b"x" * 70_000, "TLS"),
        ],
        ids=["truncated", "alert", "garbage"],
    )
    def test_a_handshake_that_breaks_is_told(
        self, serve: Serve, tally: Tally, begun: bytes, words: str
    ) -> None:
        server = serve(Reply(instead=begun, then="close"))
        server.scheme = "https"
        with withstanding(tally, words):
            ask(server)
