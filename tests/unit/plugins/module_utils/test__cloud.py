# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import gzip
import json
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils import _cloud
from ansible_collections.icr.access.plugins.module_utils._cloud import CloudSession
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AnswerTimeoutError,
    ApiError,
    BadResponseError,
    InputError,
    TlsError,
    TransportError,
)
from ansible_collections.icr.access.plugins.module_utils._refusals import Answer
from ansible_collections.icr.access.plugins.module_utils._verdict import Settings
from ansible_collections.icr.access.plugins.module_utils._wire import RefusedError
from ansible_collections.icr.access.tests.unit.plugins.module_utils.scripted_registry import (
    Authority,
    Reply,
    Request,
    Server,
    basic,
    in_turn,
)

pytestmark = pytest.mark.usefixtures("no_surroundings")

Serve = Callable[..., Server]
OK = Reply(200, {"a": 1})
REFUSAL: dict[str, object] = {"errors": [{"code": "conflict", "message": "No."}]}


class World:
    """Settings whose pauses take no time, and the pauses."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def session(
        self,
        *,
        timeout: float = 5.0,
        retries: int = 0,
        ca_path: str | None = None,
        validate_certs: bool = True,
    ) -> CloudSession:
        return CloudSession(
            Settings(
                timeout=timeout,
                retries=retries,
                ca_path=ca_path,
                validate_certs=validate_certs,
                sleep=self.pauses.append,
                random=lambda: 1.0,
                now=lambda: 0.0,
            )
        )

    def get(self, url: str, *, retries: int = 0, timeout: float = 5.0) -> Answer:
        with self.session(retries=retries, timeout=timeout) as session:
            return session.send("GET", url, action="Looking")

    def make(self, url: str, *, retries: int = 0) -> Answer:
        """A request that must not happen twice."""
        with self.session(retries=retries) as session:
            return session.send(
                "POST", url, action="Making", document={}, can_repeat=False
            )


@pytest.fixture
def world() -> World:
    return World()


class TestRequest:
    def test_json_goes_out_and_comes_back(self, world: World, serve: Serve) -> None:
        server = serve(in_turn(OK))
        with world.session() as session:
            answer = session.send(
                "PUT",
                f"{server.url}/v1/x",
                action="Changing",
                authorization="Bearer tok",
                query={"a": "b c"},
                document={"k": "v"},
                headers={"If-Match": "1-a"},
            )
        (request,) = server.requests
        assert request.line == "PUT /v1/x?a=b+c"
        assert json.loads(request.body) == {"k": "v"}
        assert request.headers["content-type"] == "application/json"
        assert request.headers["if-match"] == "1-a"
        assert request.headers["user-agent"] == "icr.access"
        assert request.authorization == "Bearer tok"
        assert (answer.status, answer.document(), answer.attempts) == (200, {"a": 1}, 1)

    def test_form_goes_out(self, world: World, serve: Serve) -> None:
        server = serve(in_turn(OK))
        with world.session() as session:
            session.send("POST", server.url, action="Asking", form={"a": "b+c"})
        (request,) = server.requests
        assert request.body == b"a=b%2Bc"
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        assert request.authorization is None

    def test_connection_is_kept(self, world: World, serve: Serve) -> None:
        server = serve(in_turn(OK))
        with world.session() as session:
            for _turn in range(3):
                session.send("GET", server.url, action="Looking")
        assert server.connections == 1

    def test_netrc_does_not_replace_the_credential(
        self,
        world: World,
        serve: Serve,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
    ) -> None:
        server = serve(in_turn(OK))
        netrc = tmp_path / "netrc"
        netrc.write_text("machine localhost login me password wrong\n")
        monkeypatch.setenv("NETRC", str(netrc))
        with world.session() as session:
            session.send("GET", server.url, action="A", authorization="Bearer tok")
            session.send("GET", server.url, action="B")
        assert [each.authorization for each in server.requests] == ["Bearer tok", None]

    def test_redirect_is_not_followed(self, world: World, serve: Serve) -> None:
        elsewhere = serve(in_turn(OK))
        server = serve(in_turn(Reply(302, headers=(("Location", elsewhere.url),))))
        with pytest.raises(BadResponseError, match="Redirects are not followed"):
            world.get(server.url)
        assert elsewhere.requests == []

    def test_204_has_no_body(self, world: World, serve: Serve) -> None:
        assert world.get(serve(in_turn(Reply(204))).url).body == b""


class TestRepeating:
    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_what_may_pass_is_tried_again(
        self, world: World, serve: Serve, status: int
    ) -> None:
        server = serve(in_turn(Reply(status), Reply(status), OK))
        assert world.get(server.url, retries=2).attempts == 3
        assert world.pauses == [0.5, 1.0]

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 501])
    def test_what_lasts_is_not(self, world: World, serve: Serve, status: int) -> None:
        server = serve(in_turn(Reply(status, REFUSAL), OK))
        with pytest.raises(ApiError) as caught:
            world.get(server.url, retries=3)
        assert caught.value.status == status
        assert len(server.requests) == 1

    def test_error_says_how_often_it_was_tried(
        self, world: World, serve: Serve
    ) -> None:
        server = serve(in_turn(Reply(503)))
        with pytest.raises(BadResponseError, match=r"503 \(tried 3 times\)") as caught:
            world.get(f"{server.url}/v1?secret=1", retries=2)
        assert caught.value.url == f"{server.url}/v1"

    @pytest.mark.parametrize(
        ("asked", "pauses"),
        [("7", [7.0]), ("30", [30.0]), ("0", [0.0]), ("soon", [0.5])],
    )
    def test_service_may_say_how_long_to_wait(
        self, world: World, serve: Serve, asked: str, pauses: list[float]
    ) -> None:
        server = serve(in_turn(Reply(429, headers=(("Retry-After", asked),)), OK))
        world.get(server.url, retries=1)
        assert world.pauses == pauses

    def test_but_not_for_longer_than_half_a_minute(
        self, world: World, serve: Serve
    ) -> None:
        server = serve(in_turn(Reply(429, headers=(("Retry-After", "31"),)), OK))
        with pytest.raises(BadResponseError, match="left alone longer than 30 seconds"):
            world.get(server.url, retries=3)
        assert (len(server.requests), world.pauses) == (1, [])

    def test_broken_connection_is_tried_again(self, world: World, serve: Serve) -> None:
        server = serve(in_turn(Reply(then="reset"), OK))
        assert world.get(server.url, retries=1).attempts == 2

    def test_broken_connection_is_named(self, world: World, serve: Serve) -> None:
        server = serve(in_turn(Reply(then="reset")))
        with pytest.raises(TransportError, match=r"broke the connection off.*2 times"):
            world.get(server.url, retries=1)

    def test_answer_that_breaks_off_is_tried_again(
        self, world: World, serve: Serve
    ) -> None:
        server = serve(in_turn(Reply(200, "{", length=99, then="close"), OK))
        assert world.get(server.url, retries=1).attempts == 2

    def test_answer_that_always_breaks_off_is_bad(
        self, world: World, serve: Serve
    ) -> None:
        server = serve(in_turn(Reply(200, "{", length=99, then="close")))
        with pytest.raises(BadResponseError, match="broke its answer off"):
            world.get(server.url, retries=1)
        assert len(server.requests) == 2

    def test_refused_connection_is_tried_again(
        self, world: World, deaf_port: int
    ) -> None:
        with pytest.raises(
            RefusedError, match=r"Looking failed.* connections \(tried 3 times\)\. Is"
        ):
            world.get(f"http://127.0.0.1:{deaf_port}", retries=2)
        assert world.pauses == [0.5, 1.0]


class TestWhatMustNotHappenTwice:
    def test_refused_connection_is_tried_again(
        self, world: World, deaf_port: int
    ) -> None:
        with pytest.raises(RefusedError):
            world.make(f"http://127.0.0.1:{deaf_port}", retries=2)
        assert world.pauses == [0.5, 1.0]

    def test_429_is_tried_again(self, world: World, serve: Serve) -> None:
        server = serve(in_turn(Reply(429), Reply(201, {})))
        assert world.make(server.url, retries=1).status == 201

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(500),
            Reply(503, headers=(("Retry-After", "1"),)),
            Reply(then="reset"),
            Reply(201, "{", length=99, then="close"),
        ],
        ids=["500", "503", "reset", "broken off"],
    )
    def test_nothing_else_is(self, world: World, serve: Serve, reply: Reply) -> None:
        server = serve(in_turn(reply, Reply(201, {})))
        with pytest.raises((BadResponseError, TransportError)):
            world.make(server.url, retries=3)
        assert (len(server.requests), world.pauses) == (1, [])

    def test_kept_connection_that_was_closed_is_replaced(
        self, world: World, serve: Serve
    ) -> None:
        server = serve(in_turn(Reply(200, {}, then="close"), Reply(201, {})))
        with world.session() as session:
            session.send("GET", server.url, action="Looking")
            server.wait_for_end_of(1)
            answer = session.send(
                "POST", server.url, action="Making", document={}, can_repeat=False
            )
        assert (answer.status, server.connections) == (201, 2)


class TestBounds:
    def test_time_out_is_named(self, world: World, serve: Serve) -> None:
        silent = serve(lambda _request: Reply(200, "", length=9))
        with pytest.raises(AnswerTimeoutError, match=r"within 0\.2 seconds"):
            world.get(silent.url, timeout=0.2)

    @pytest.mark.parametrize(
        "begun",
        [
            b"",
            b"HTTP/1.1 200 OK\r\nX: ",
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n",
        ],
        ids=["status line", "header", "body", "chunk"],
    )
    def test_time_out_is_for_the_whole_answer(
        self, world: World, serve: Serve, begun: bytes
    ) -> None:
        server = serve(in_turn(Reply(instead=begun, then="drip")))
        begin = time.monotonic()
        with pytest.raises(AnswerTimeoutError, match=r"within 0\.2 seconds"):
            world.get(server.url, timeout=0.2)
        assert time.monotonic() - begin < 4

    @pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "compress", "?"])
    def test_unbounded_compression_is_refused(
        self, world: World, serve: Serve, coding: str
    ) -> None:
        server = serve(in_turn(Reply(200, b"{}", (("Content-Encoding", coding),))))
        with pytest.raises(BadResponseError, match="not asked for"):
            world.get(server.url, retries=2)
        (request,) = server.requests
        assert request.headers["accept-encoding"] == "identity"

    def test_usual_compression_is_understood_though_not_asked_for(
        self, world: World, serve: Serve
    ) -> None:
        body = gzip.compress(b'{"a": 1}')
        server = serve(in_turn(Reply(200, body, (("Content-Encoding", "gzip"),))))
        assert world.get(server.url).document() == {"a": 1}

    def test_body_that_never_ends_is_left(
        self, world: World, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_cloud, "LONGEST_BODY", 1024 * 1024)
        server = serve(in_turn(Reply(200, b" " * (1024 * 1024 + 1))))
        with pytest.raises(BadResponseError, match="more than 1 MiB"):
            world.get(server.url, retries=2)
        assert len(server.requests) == 1

    def test_what_is_not_http_is_told(self, world: World, serve: Serve) -> None:
        server = serve(in_turn(Reply(instead=b"SSH-2.0-OpenSSH\r\n", then="close")))
        with pytest.raises(TransportError, match="what is not HTTP"):
            world.get(server.url, retries=2)
        assert len(server.requests) == 1

    def test_unknown_name_is_told(self, world: World, names: None) -> None:
        with pytest.raises(TransportError, match="DNS knows no address"):
            world.get("https://nowhere.example", retries=2)
        assert world.pauses == []


class TestSecrets:
    def test_hidden_secret_is_in_no_message(self, world: World, serve: Serve) -> None:
        secret = "canary-0123456789abcdefghijklmnop"
        server = serve(lambda request: Reply(400, f"you sent {secret}"))
        with world.session() as session:
            session.hide(secret)
            session.hide("")
            with pytest.raises(BadResponseError) as caught:
                session.send("GET", server.url, action="Looking")
        assert "you sent (hidden)" in str(caught.value)

    def test_request_is_in_no_message(self, world: World, serve: Serve) -> None:
        server = serve(in_turn(Reply(400, "no")))
        with world.session() as session, pytest.raises(BadResponseError) as caught:
            session.send(
                "POST",
                server.url,
                action="Asking",
                authorization="Bearer canary",
                form={"apikey": "canary"},
                query={"x": "canary"},
                headers={"IAM-ApiKey": "canary"},
            )
        assert "canary" not in f"{caught.value}{caught.value.fields()}"


def store(*, capath: str | None) -> ssl.DefaultVerifyPaths:
    """What Python knows of the system's store when that is a folder, or when there is none."""
    changes: dict[str, Any] = {"cafile": None, "capath": capath}
    return ssl.get_default_verify_paths()._replace(**changes)


class TestTrust:
    @pytest.fixture
    def server(self, serve: Serve, authority: Authority) -> Server:
        return serve(in_turn(OK), authority.context("localhost", "127.0.0.1"))

    def test_stranger_is_not_trusted(self, world: World, server: Server) -> None:
        with pytest.raises(TlsError, match="CA that is not trusted here"):
            world.get(server.url, retries=2)
        assert world.pauses == []

    def test_ca_path_is_trusted(
        self, world: World, server: Server, authority: Authority
    ) -> None:
        with world.session(ca_path=str(authority.bundle)) as session:
            assert session.send("GET", server.url, action="A").status == 200

    @pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
    def test_environment_is_trusted(
        self,
        world: World,
        server: Server,
        authority: Authority,
        monkeypatch: pytest.MonkeyPatch,
        variable: str,
    ) -> None:
        monkeypatch.setenv(variable, str(authority.bundle))
        assert world.get(server.url).status == 200

    def test_option_beats_the_environment(
        self,
        world: World,
        server: Server,
        authority: Authority,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
    ) -> None:
        other = Authority(tmp_path)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
        with world.session(ca_path=str(other.bundle)) as session, pytest.raises(
            TlsError
        ):
            session.send("GET", server.url, action="A")

    def test_system_store_is_trusted_and_not_one_that_requests_brings(
        self, authority: Authority, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        paths = store(capath=str(authority.bundle.parent))
        monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
        assert _cloud.store_to_verify_with(Settings()) == str(authority.bundle.parent)

    def test_host_without_a_store_is_told(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        paths = store(capath=None)
        monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
        with pytest.raises(InputError, match="name one by ca_path"):
            _cloud.store_to_verify_with(Settings())

    def test_store_that_is_none_is_told(self, world: World, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="ca_path names"):
            world.session(ca_path=str(tmp_path / "missing.pem"))

    def test_unvalidated_goes_without(self, world: World, server: Server) -> None:
        with world.session(validate_certs=False) as session:
            assert session.send("GET", server.url, action="A").status == 200

    def test_https_is_not_spoken_there(self, world: World, serve: Serve) -> None:
        server = serve(in_turn(OK))
        with pytest.raises(TlsError):
            world.get(server.url.replace("http:", "https:"))


@pytest.mark.usefixtures("names")
class TestProxy:
    @pytest.fixture
    def proxy(self, serve: Serve, authority: Authority) -> Server:
        def script(request: Request) -> Reply:
            return Reply() if request.method == "CONNECT" else OK

        return serve(script, authority.context("cloud.test"), is_proxy=True)

    def get(self, world: World, authority: Authority) -> Answer:
        with world.session(ca_path=str(authority.bundle)) as session:
            return session.send("GET", "https://cloud.test:8443/v1", action="Looking")

    @pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
    def test_goes_through_the_proxy(
        self,
        world: World,
        proxy: Server,
        authority: Authority,
        monkeypatch: pytest.MonkeyPatch,
        variable: str,
    ) -> None:
        monkeypatch.setenv(variable, f"http://me:secret@127.0.0.1:{proxy.port}")
        assert self.get(world, authority).status == 200
        connect, get = proxy.requests
        assert connect.line.startswith("CONNECT cloud.test:8443")
        assert connect.headers["proxy-authorization"] == basic("me", "secret")
        assert get.line == "GET /v1"
        assert "proxy-authorization" not in get.headers

    def test_no_proxy_names_what_is_asked_directly(
        self,
        world: World,
        proxy: Server,
        authority: Authority,
        monkeypatch: pytest.MonkeyPatch,
        deaf_port: int,
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "cloud.test")
        with world.session(ca_path=str(authority.bundle)) as session, pytest.raises(
            RefusedError
        ):
            session.send("GET", f"https://cloud.test:{deaf_port}", action="A")
        assert proxy.requests == []

    def test_this_machine_is_never_asked_through_a_proxy(
        self,
        world: World,
        serve: Serve,
        monkeypatch: pytest.MonkeyPatch,
        deaf_port: int,
    ) -> None:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{deaf_port}")
        assert world.get(serve(in_turn(OK)).url).status == 200

    def test_proxy_that_refuses_is_told(
        self,
        world: World,
        authority: Authority,
        monkeypatch: pytest.MonkeyPatch,
        deaf_port: int,
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:secret@127.0.0.1:{deaf_port}")
        with pytest.raises(TransportError, match="the proxy that HTTPS_PROXY") as error:
            self.get(world, authority)
        assert "secret" not in str(error.value)

    def test_proxy_that_wants_other_credentials_is_told(
        self,
        world: World,
        serve: Serve,
        authority: Authority,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        proxy = serve(in_turn(Reply(407, then="close")), is_proxy=True)
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(TransportError, match="407"):
            self.get(world, authority)
