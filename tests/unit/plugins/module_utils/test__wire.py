# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import (
    AnswerTimeoutError,
    InputError,
    TlsError,
    TransportError,
)
from ansible_collections.icr.access.plugins.module_utils._http import Session
from ansible_collections.icr.access.plugins.module_utils._lost import lost
from ansible_collections.icr.access.plugins.module_utils._tls import make_trust
from ansible_collections.icr.access.plugins.module_utils._verdict import Settings
from ansible_collections.icr.access.plugins.module_utils._wire import (
    BrokenHandshakeError,
    LastingError,
    NoTlsError,
    Origin,
    Wire,
)
from ansible_collections.icr.access.tests.unit.plugins.module_utils.scripted_registry import (
    Authority,
    Reply,
    Server,
    basic,
    in_turn,
)

pytestmark = pytest.mark.usefixtures("no_surroundings")

Serve = Callable[..., Server]
PROXY_SECRET = "p@ss:word"


def ask(
    url: str,
    ca_path: Path | None = None,
    *,
    validate_certs: bool = True,
    timeout: float = 5,
    retries: int = 0,
) -> int:
    settings = Settings(timeout=timeout, retries=retries, sleep=lambda _pause: None)
    path = None if ca_path is None else str(ca_path)
    with Session(
        settings, lambda: make_trust(path, validate_certs=validate_certs)
    ) as session:
        return session.request("GET", url).status


class TestOrigin:
    @pytest.mark.parametrize(
        ("url", "expected", "address"),
        [
            ("https://us.icr.io/v2/?a#b", ("https", "us.icr.io", 443), "us.icr.io:443"),
            ("HTTPS://US.ICR.IO", ("https", "us.icr.io", 443), "us.icr.io:443"),
            ("http://localhost", ("http", "localhost", 80), "localhost:80"),
            ("https://a.b:8443", ("https", "a.b", 8443), "a.b:8443"),
            ("http://[::1]:5000/", ("http", "::1", 5000), "[::1]:5000"),
        ],
    )
    def test_of_urls(
        self, url: str, expected: tuple[str, str, int], address: str
    ) -> None:
        origin = Origin.of(url)
        assert (origin.scheme, origin.host, origin.port) == expected
        assert origin.address == address

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "us.icr.io",
            "/oauth/token",
            "//us.icr.io/",
            "ftp://us.icr.io",
            "https://",
            "https:///v2/",
            "https://:443",
            "https://user@us.icr.io",
            "https://us.icr.io@evil.test/",
            "https://evil.test\\@us.icr.io/",
            "https://us.icr.io/a b",
            "https://us.icr.io/\r\nX: y",
            "https://us.icr.io/\x00",
            "https://ü.test",
            "https://us.icr.io:port",
            "https://us.icr.io:99999",
            "https://[::1",
            pytest.param("https://" + "a." * 200 + "test", id="longer than a name"),
        ],
    )
    def test_not_of_anything_else(self, url: str) -> None:
        with pytest.raises(ValueError, match=r"."):
            Origin.of(url)

    @pytest.mark.parametrize(
        ("host", "expected"),
        [
            ("localhost", True),
            ("127.0.0.1", True),
            ("127.1.2.3", True),
            ("[::1]", True),
            ("127.0.0.1.evil.test", False),
            ("127.evil.test", False),
            ("localhost.evil.test", False),
            ("10.0.0.1", False),
        ],
    )
    def test_loopback_is_known_by_its_name(self, host: str, expected: bool) -> None:
        assert Origin.of(f"http://{host}/").is_loopback is expected


@pytest.mark.usefixtures("names")
class TestNames:
    def test_an_unknown_name_is_not_tried_again(self) -> None:
        with pytest.raises(LastingError, match=r"DNS knows no address") as caught:
            ask("https://nowhere.example/v2/", retries=3)
        assert "nowhere.example:443 cannot be found" in str(caught.value)
        assert "tried" not in str(caught.value)

    def test_a_name_that_is_no_name_is_unknown_too(self) -> None:
        with pytest.raises(LastingError, match="cannot be found"):
            ask(f"https://{'x' * 70}.example/")

    def test_a_silent_dns_is_tried_again(self) -> None:
        with pytest.raises(
            TransportError, match=r"does not answer now \(tried 3 times\)\. Does"
        ):
            ask("https://later.example/v2/", retries=2)

    def test_the_next_address_is_tried(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch, deaf_port: int
    ) -> None:
        server = serve(in_turn(Reply(204)))
        both = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
            for port in (deaf_port, server.port)
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_details: both)
        assert ask(server.url) == 204

    def test_no_address_at_all_is_an_error(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_details: [])
        with pytest.raises(TransportError, match="cannot be reached"):
            ask("http://localhost:1")


class TestLost:
    @pytest.mark.parametrize(
        ("error", "kind", "words"),
        [
            (TimeoutError("x"), AnswerTimeoutError, "within 10 seconds"),
            (
                ConnectionResetError(104, "Reset"),
                TransportError,
                "broke the connection",
            ),
            (OSError(113, "No route to host"), TransportError, "no route to host"),
            (OSError(101, "Network is unreachable"), TransportError, "unreachable"),
            (OSError(), TransportError, "cannot be reached"),
            (ssl.SSLEOFError(8, "EOF"), TransportError, "broke the connection"),
            (ssl.SSLError(1, "[SSL: BAD] odd"), TlsError, "cannot agree on TLS"),
        ],
    )
    def test_tells_causes_apart(
        self, error: OSError, kind: type[TransportError], words: str
    ) -> None:
        told = lost(error, "us.icr.io:443", 10.0)
        assert told.__class__ is kind
        assert words in str(told)
        assert str(told).startswith("us.icr.io:443")


class TestWire:
    def test_waits_for_nothing_after_its_deadline(self) -> None:
        here, there = socket.socketpair()
        with here, there:
            there.sendall(b"too late")
            wire = Wire(here, time.monotonic() - 1)
            with pytest.raises(socket.timeout):
                wire.sendall(b"x")
            with pytest.raises(socket.timeout):
                wire.makefile("rb").read()


class TestTls:
    def test_trusts_the_ca_that_is_named(
        self, serve: Serve, authority: Authority
    ) -> None:
        server = serve(in_turn(Reply(204)), authority.context("localhost"))
        assert ask(server.url, authority.bundle) == 204

    @pytest.mark.parametrize(
        ("names", "details", "words"),
        [
            pytest.param(
                ("elsewhere.test",), {}, "certificate is for another name", id="name"
            ),
            pytest.param(
                ("localhost",), {"expired": True}, "has expired", id="expired"
            ),
            pytest.param(
                ("localhost",), {"self_signed": True}, "self-signed", id="self-signed"
            ),
        ],
    )
    def test_says_what_is_wrong_with_a_certificate(
        self,
        serve: Serve,
        authority: Authority,
        names: tuple[str, ...],
        details: dict[str, bool],
        words: str,
    ) -> None:
        server = serve(in_turn(Reply()), authority.context(*names, **details))
        with pytest.raises(TlsError, match=words) as caught:
            ask(server.url, authority.bundle, retries=3)
        assert server.requests == []
        assert server.connections == 1
        assert f"GET {server.url}: localhost:{server.port}" in str(caught.value)

    def test_says_which_address_a_certificate_is_not_for(
        self, serve: Serve, authority: Authority
    ) -> None:
        server = serve(in_turn(Reply()), authority.context("127.0.0.2"))
        with pytest.raises(TlsError, match="for another address"):
            ask(f"https://127.0.0.1:{server.port}", authority.bundle)

    def test_says_how_to_trust_an_unknown_ca(
        self, serve: Serve, authority: Authority
    ) -> None:
        server = serve(in_turn(Reply()), authority.context("localhost"))
        with pytest.raises(TlsError, match=r"CA that is not trusted.*ca_path"):
            ask(server.url)

    @pytest.mark.parametrize("details", [{"expired": True}, {"self_signed": True}])
    def test_without_validation_anything_is_trusted(
        self, serve: Serve, authority: Authority, details: dict[str, bool]
    ) -> None:
        server = serve(in_turn(Reply(204)), authority.context("a.test", **details))
        assert ask(server.url, validate_certs=False) == 204

    @pytest.mark.parametrize(
        ("reply", "kind"),
        [
            (Reply(instead=b"HTTP/1.1 400 Bad\r\n\r\n", then="close"), NoTlsError),
            (Reply(instead=b"<!DOCTYPE HTML>\n<html>", then="close"), NoTlsError),
            (Reply(instead=b"", then="close"), BrokenHandshakeError),
            (Reply(then="reset"), BrokenHandshakeError),
        ],
        ids=["http", "bare page", "hangs up", "resets"],
    )
    def test_what_speaks_no_tls_is_known_by_its_answer(
        self, serve: Serve, reply: Reply, kind: type[TransportError]
    ) -> None:
        server = serve(reply)
        with pytest.raises(kind):
            ask(f"https://localhost:{server.port}")

    def test_what_speaks_another_tls_is_not_taken_for_plain_http(
        self, serve: Serve
    ) -> None:
        alert = b"\x15\x03\x03\x00\x02\x02\x28"  # fatal: handshake failure
        server = serve(Reply(instead=alert, then="close"))
        with pytest.raises(TlsError, match="cannot agree on TLS") as caught:
            ask(f"https://localhost:{server.port}")
        assert caught.type is TlsError

    def test_a_handshake_has_a_time_out(self, serve: Serve) -> None:
        server = serve(Reply(instead=b"\x16\x03\x03\x40\x00", then="drip"))
        begin = time.monotonic()
        with pytest.raises(AnswerTimeoutError):
            ask(f"https://localhost:{server.port}", timeout=0.2)
        assert time.monotonic() - begin < 5

    @pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
    def test_the_environment_names_a_ca(
        self,
        serve: Serve,
        authority: Authority,
        monkeypatch: pytest.MonkeyPatch,
        variable: str,
    ) -> None:
        server = serve(in_turn(Reply(204)), authority.context("localhost"))
        monkeypatch.setenv(variable, str(authority.bundle))
        assert ask(server.url) == 204

    def test_the_option_wins_over_the_environment(
        self, serve: Serve, authority: Authority, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = serve(in_turn(Reply(204)), authority.context("localhost"))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
        assert ask(server.url, authority.bundle) == 204

    def test_a_folder_of_hashed_names_is_a_store(
        self, serve: Serve, authority: Authority, tmp_path: Path
    ) -> None:
        server = serve(in_turn(Reply(204)), authority.context("localhost"))
        hashed = tmp_path / f"{authority.subject_hash()}.0"
        hashed.symlink_to(authority.bundle)
        assert ask(server.url, tmp_path) == 204


class SystemStore:
    """The system's store: a folder of hashed names, and all of it in one file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bundle: Path | None = None
        self.times_read = 0

    def read_all(self, context: ssl.SSLContext) -> None:
        self.times_read += 1
        if self.bundle:
            context.load_verify_locations(self.bundle)

    def hold(self, authority: Authority) -> None:
        (self.folder / f"{authority.subject_hash()}.0").symlink_to(authority.bundle)


class TestSystemStore:
    @pytest.fixture
    def store(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SystemStore:
        store = SystemStore(tmp_path)
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
        monkeypatch.setattr(
            ssl.SSLContext,
            "load_default_certs",
            lambda context, *_purpose: store.read_all(context),
        )
        return store

    @pytest.fixture
    def another(self, tmp_path_factory: pytest.TempPathFactory) -> Authority:
        return Authority(tmp_path_factory.mktemp("another"))

    @pytest.fixture
    def server(self, serve: Serve, authority: Authority) -> Server:
        return serve(in_turn(Reply(204)), authority.context("localhost"))

    def test_what_the_folder_vouches_for_needs_no_bundle(
        self, server: Server, authority: Authority, store: SystemStore
    ) -> None:
        store.hold(authority)
        assert ask(server.url) == 204
        assert (store.times_read, server.connections) == (0, 1)

    def test_bundle_that_holds_more_than_the_folder_is_read(
        self,
        server: Server,
        authority: Authority,
        another: Authority,
        store: SystemStore,
    ) -> None:
        store.hold(another)
        store.bundle = authority.bundle
        assert ask(server.url) == 204
        assert (store.times_read, server.connections) == (1, 2)

    def test_nobody_vouches_for_it(
        self, server: Server, another: Authority, store: SystemStore
    ) -> None:
        store.hold(another)
        with pytest.raises(TlsError, match="from a CA that is not trusted here"):
            ask(server.url)
        assert (store.times_read, server.connections) == (1, 2)

    @pytest.mark.parametrize("is_there", [True, False])
    def test_without_hashed_names_there_is_only_the_bundle(
        self, server: Server, authority: Authority, store: SystemStore, is_there: bool
    ) -> None:
        store.bundle = authority.bundle
        if not is_there:
            store.folder.rmdir()
        assert ask(server.url) == 204
        assert (store.times_read, server.connections) == (1, 1)

    def test_several_threads_read_it_once(
        self, another: Authority, store: SystemStore
    ) -> None:
        store.hold(another)
        trust = make_trust(None, validate_certs=True)
        threads = [threading.Thread(target=trust.read_rest) for _each in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (store.times_read, trust.is_whole) == (1, True)


class TestMakeTrust:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (None, "cannot be read: no such file or directory"),
            ("", "holds no PEM certificates"),
            ("not a certificate", "holds no PEM certificates"),
        ],
    )
    @pytest.mark.parametrize(
        "source", ["ca_path", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"]
    )
    def test_says_which_setting_names_no_store(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        content: str | None,
        words: str,
        source: str,
    ) -> None:
        path = tmp_path / "ca.pem"
        if content is not None:
            path.write_text(content)
        if source != "ca_path":
            monkeypatch.setenv(source, str(path))
        with pytest.raises(InputError, match=words) as caught:
            make_trust(str(path) if source == "ca_path" else None, validate_certs=True)
        assert source in str(caught.value)
        assert str(path) in str(caught.value)

    def test_a_folder_without_hashed_names_is_no_store(self, tmp_path: Path) -> None:
        (tmp_path / "ca.pem").write_text("")
        with pytest.raises(InputError, match="openssl rehash"):
            make_trust(str(tmp_path), validate_certs=True)

    def test_without_validation_no_store_is_read(self) -> None:
        context = make_trust("/nowhere", validate_certs=False).context
        assert context.verify_mode is ssl.CERT_NONE
        assert context.check_hostname is False


@pytest.mark.usefixtures("names")
class TestProxy:
    @pytest.fixture
    def proxy(self, serve: Serve, authority: Authority) -> Server:
        return serve(
            in_turn(Reply(200), Reply(204)),
            authority.context("registry.test", "localhost"),
            is_proxy=True,
        )

    @pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
    def test_goes_through_the_proxy(
        self,
        proxy: Server,
        authority: Authority,
        monkeypatch: pytest.MonkeyPatch,
        variable: str,
    ) -> None:
        monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
        assert ask("https://registry.test:8443/v2/", authority.bundle) == 204
        assert proxy.lines == ["CONNECT registry.test:8443", "GET /v2/"]
        assert "proxy-authorization" not in proxy.requests[0].headers

    def test_gives_the_proxy_its_credentials_and_nobody_else(
        self, proxy: Server, authority: Authority, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", f"me:p%40ss%3Aword@127.0.0.1:{proxy.port}")
        ask("https://registry.test/v2/", authority.bundle)
        connect, get = proxy.requests
        assert connect.headers["proxy-authorization"] == basic("me", PROXY_SECRET)
        assert "proxy-authorization" not in get.headers

    @pytest.mark.parametrize(
        "exception",
        ["registry.test", ".test", "test", "*", "a.b, registry.test:{port}"],
    )
    def test_no_proxy_names_what_is_asked_directly(
        self,
        serve: Serve,
        authority: Authority,
        monkeypatch: pytest.MonkeyPatch,
        deaf_port: int,
        exception: str,
    ) -> None:
        server = serve(in_turn(Reply(204)), authority.context("registry.test"))
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{deaf_port}")
        monkeypatch.setenv("NO_PROXY", exception.format(port=server.port))
        url = f"https://registry.test:{server.port}/v2/"
        assert ask(url, authority.bundle) == 204

    def test_this_machine_is_never_asked_through_a_proxy(
        self,
        serve: Serve,
        authority: Authority,
        monkeypatch: pytest.MonkeyPatch,
        deaf_port: int,
    ) -> None:
        server = serve(in_turn(Reply(204)), authority.context("localhost"))
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{deaf_port}")
        assert ask(server.url, authority.bundle) == 204

    def test_a_proxy_that_refuses_connections_is_named(
        self, monkeypatch: pytest.MonkeyPatch, deaf_port: int
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{deaf_port}")
        with pytest.raises(
            TransportError, match=f"the proxy 127.0.0.1:{deaf_port} refuses"
        ):
            ask("https://registry.test/v2/")

    @pytest.mark.parametrize(
        ("reply", "words", "attempts"),
        [
            (Reply(407), "wants other credentials", 1),
            (Reply(403), "does not connect to registry.test:443: it answers 403", 1),
            (Reply(502), "it answers 502", 3),
            (Reply(instead=b"\x00\x01\r\n\r\n", then="close"), "what is not HTTP", 1),
            (Reply(instead=b"", then="close"), "broke the connection off", 3),
        ],
        ids=["407", "403", "502", "other protocol", "hangs up"],
    )
    def test_what_a_proxy_will_not_do_is_told(
        self,
        serve: Serve,
        monkeypatch: pytest.MonkeyPatch,
        reply: Reply,
        words: str,
        attempts: int,
    ) -> None:
        proxy = serve(in_turn(reply), is_proxy=True)
        monkeypatch.setenv(
            "HTTPS_PROXY", f"http://me:p%40ss%3Aword@127.0.0.1:{proxy.port}"
        )
        with pytest.raises(TransportError, match=words) as caught:
            ask("https://registry.test/v2/", retries=2)
        assert len(proxy.requests) == attempts
        assert PROXY_SECRET not in str(caught.value)

    @pytest.mark.parametrize(
        "url",
        [
            "socks5://me:horse@127.0.0.1:1",
            "https://127.0.0.1:1",
            "http://",
            "http://a:b:c",
        ],
    )
    def test_another_kind_of_proxy_is_an_error(
        self, monkeypatch: pytest.MonkeyPatch, url: str
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", url)
        with pytest.raises(InputError, match="NO_PROXY") as caught:
            ask("https://registry.test/v2/")
        assert "horse" not in str(caught.value)
