# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    AnswerTimeoutError,
    BadResponseError,
    InputError,
    TlsError,
    TransportError,
)
from ansible_collections.icr.access.plugins.module_utils._excerpt import forms_of
from ansible_collections.icr.access.plugins.module_utils._registry_login import (
    RegistryLogin,
)
from ansible_collections.icr.access.plugins.module_utils._registry_reasons import (
    likely_cause,
)
from ansible_collections.icr.access.plugins.module_utils._verdict import (
    Credential,
    Job,
    Settings,
    Verdict,
)
from ansible_collections.icr.access.tests.unit.plugins.module_utils.scripted_registry import (
    Authority,
    Registry,
    Reply,
    Request,
    Server,
    basic,
    in_turn,
    refusal,
)

pytestmark = pytest.mark.usefixtures("no_surroundings")

Serve = Callable[..., Server]
SECRET = "correct-horse-battery"
RIGHT = Credential("iamapikey", SECRET)
WRONG = Credential("iamapikey", "wrong-horse-battery")
TOKEN = "GET /oauth/token"
BASE = "GET /v2/"
TAGS = "GET /v2/ns/app/tags/list"
UPLOADS = "POST /v2/ns/app/blobs/uploads/"
BASIC_CHALLENGE = 'Basic realm="registry"'


@pytest.fixture
def registry() -> Registry:
    return Registry(credential=("iamapikey", SECRET), may={"ns/app": ("pull", "push")})


def verify(
    server: Server | str,
    credential: Credential = RIGHT,
    *,
    settings: dict[str, Any] | None = None,
    **wanted: Any,
) -> Verdict:
    url = server if isinstance(server, str) else server.url
    world = {"timeout": 5.0, "retries": 0, "sleep": lambda _pause: None}
    login = RegistryLogin(Settings(**{**world, **(settings or {})}))
    return login.verify((url,), credential, **wanted)


def failure(server: Server, kind: type[AccessError], **details: Any) -> str:
    """The text of the error that verifying must raise."""
    with pytest.raises(kind) as caught:
        verify(server, **details)
    assert caught.type is kind
    return str(caught.value)


class TestBearer:
    def test_proves_a_credential_as_clients_do(
        self, serve: Serve, registry: Registry
    ) -> None:
        server = serve(registry)
        assert verify(server) == Verdict(True, permissions={"pull": {}, "push": {}})
        assert [(r.line, r.authorization) for r in server.requests] == [
            ("GET /v2/", None),
            ("GET /oauth/token?service=registry", basic("iamapikey", SECRET)),
            ("GET /v2/", "Bearer tok.."),
        ]
        assert server.connections == 1

    def test_takes_an_unquoted_challenge(
        self, serve: Serve, registry: Registry
    ) -> None:
        registry.challenge = "Bearer realm={url}/oauth/token, service=registry"
        assert verify(serve(registry)).accepted is True

    def test_prefers_it_to_basic(self, serve: Serve, registry: Registry) -> None:
        registry.challenge = f"{BASIC_CHALLENGE}, {registry.challenge}"
        server = serve(registry)
        assert verify(server).accepted is True
        assert server.requests[1].path == "/oauth/token"

    def test_keeps_the_query_of_the_realm_and_escapes_its_own(
        self, serve: Serve, registry: Registry
    ) -> None:
        registry.challenge = (
            'Bearer realm="{url}/oauth/token?a=b%20c#d",service="x y&z=\r\n 1"'
        )
        server = serve(registry)
        verify(server)
        assert server.requests[1].target.startswith(
            "/oauth/token?a=b%20c&service=x%20y%26z%3D"
        )

    @pytest.mark.parametrize("key", ["token", "access_token"])
    def test_takes_the_token_under_either_name(
        self, serve: Serve, registry: Registry, key: str
    ) -> None:
        registry.odd[TOKEN] = [Reply(200, {key: "tok.."})]
        assert verify(serve(registry)).accepted is True

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(200, "<html>hello"),
            Reply(200, "[]"),
            Reply(200, {}),
            Reply(200, {"token": ""}),
            Reply(200, {"token": 7}),
            Reply(200, {"token": ["a"]}),
            Reply(200, {"token": "a b"}),
            Reply(200, {"token": "a\r\nX-Injected: yes"}),
            Reply(200, {"token": "ü"}),
            Reply(200, b'{"token":"\xff"}'),
            Reply(200, "[" * 100_000),
            Reply(200, '{"token": "a"}' + " " * 2**20),
        ],
        ids=[
            "page",
            "list",
            "empty",
            "no text",
            "number",
            "list of tokens",
            "space",
            "line break",
            "not ASCII",
            "not UTF-8",
            "nesting",
            "endless",
        ],
    )
    def test_an_unusable_token_is_a_bad_response(
        self, serve: Serve, registry: Registry, reply: Reply
    ) -> None:
        registry.odd[TOKEN] = [reply]
        server = serve(registry)
        assert "usable token" in failure(server, BadResponseError)
        assert len(server.requests) == 2

    @pytest.mark.parametrize("status", [400, 401, 403])
    def test_the_token_service_refuses(
        self, serve: Serve, registry: Registry, status: int
    ) -> None:
        registry.odd[TOKEN] = [
            Reply(
                status,
                {"errorCode": "BXNIM0415E", "errorMessage": f"Key {SECRET} unknown"},
                (("Transaction-Id", "trace-1"),),
            )
        ]
        server = serve(registry)
        verdict = verify(server, pull=("ns/app",), push=("ns/app",))
        assert verdict.accepted is False
        assert (verdict.status, verdict.code, verdict.trace_id) == (
            status,
            "BXNIM0415E",
            "trace-1",
        )
        assert verdict.permissions == {
            "pull": {"ns/app": None},
            "push": {"ns/app": None},
        }
        assert verdict.reason.startswith(
            f"localhost:{server.port} refuses the credentials of iamapikey: {status}. "
            "It says: BXNIM0415E: Key (hidden) unknown. Likely: "
        )
        assert len(server.requests) == 2

    @pytest.mark.parametrize("status", [400, 401, 403])
    def test_the_registry_refuses_the_token(
        self, serve: Serve, registry: Registry, status: int
    ) -> None:
        registry.odd[BASE] = [
            refusal(401, "UNAUTHORIZED", "?", "{}"),
            refusal(status, "DENIED", "not with tok.."),
        ]
        server = serve(registry)
        registry.odd[BASE][0] = refusal(
            401, "UNAUTHORIZED", "?", f'Bearer realm="{server.url}/oauth/token"'
        )
        verdict = verify(server)
        assert (verdict.accepted, verdict.status, verdict.code) == (
            False,
            status,
            "DENIED",
        )
        assert "tok.." not in verdict.reason

    @pytest.mark.parametrize(
        ("route", "status", "words"),
        [
            (TOKEN, 404, "/oauth/token answers 404"),
            (TOKEN, 500, "overloaded or out of order"),
            (TOKEN, 302, "a redirect to elsewhere.test, not followed"),
        ],
    )
    def test_other_answers_of_the_token_service_are_errors(
        self, serve: Serve, registry: Registry, route: str, status: int, words: str
    ) -> None:
        registry.odd[route] = [
            Reply(status, "odd", (("Location", "https://u:p@elsewhere.test/x?y"),))
        ]
        assert words in failure(serve(registry), BadResponseError)

    def test_the_credential_goes_to_no_other_host(
        self, serve: Serve, registry: Registry
    ) -> None:
        other = serve(Registry(credential=registry.credential))
        realm = f"http://127.0.0.1:{other.port}/oauth/token"
        registry.challenge = f'Bearer realm="{realm}"'
        server = serve(registry)
        message = failure(server, BadResponseError)
        assert "list 127.0.0.1 in trusted_realms" in message
        assert other.requests == []
        trusting = {"trusted_realms": ("127.0.0.1",)}
        assert verify(server, settings=trusting).accepted is True
        assert other.lines == ["GET /oauth/token"]

    def test_a_refusal_names_the_token_service_if_it_is_another(
        self, serve: Serve, registry: Registry
    ) -> None:
        other = serve(Registry(credential=registry.credential))
        registry.challenge = f'Bearer realm="{other.url}/oauth/token"'
        verdict = verify(serve(registry), WRONG)
        assert f"by its token service localhost:{other.port}" in verdict.reason


class TestBasic:
    @pytest.fixture
    def registry(self, registry: Registry) -> Registry:
        registry.challenge = BASIC_CHALLENGE
        return registry

    def test_proves_a_credential(self, serve: Serve, registry: Registry) -> None:
        server = serve(registry)
        assert verify(server).accepted is True
        assert [(r.line, r.authorization) for r in server.requests] == [
            ("GET /v2/", None),
            ("GET /v2/", basic("iamapikey", SECRET)),
        ]

    def test_sends_any_text_as_utf_8(self, serve: Serve, registry: Registry) -> None:
        registry.credential = ("jürgen", "päss: wörd✓")
        assert (
            verify(serve(registry), Credential(*registry.credential)).accepted is True
        )

    def test_is_refused(self, serve: Serve, registry: Registry) -> None:
        verdict = verify(serve(registry), Credential("me", "wrong"))
        assert (verdict.accepted, verdict.status) == (False, 401)
        assert verdict.reason.endswith(
            "Likely: the user name or the password is wrong."
        )

    def test_asks_for_permissions(self, serve: Serve, registry: Registry) -> None:
        verdict = verify(serve(registry), pull=("ns/app", "ns/other"), push=("ns/app",))
        assert verdict.permissions == {
            "pull": {"ns/app": True, "ns/other": False},
            "push": {"ns/app": True},
        }


class TestGreeting:
    @pytest.mark.parametrize(
        ("reply", "words"),
        [
            (
                Reply(301, headers=(("Location", "https://me:pw@other.test/v2/?a"),)),
                "answers 301: a redirect to other.test, not followed",
            ),
            (Reply(302, headers=(("Location", "/login"),)), "a redirect to localhost"),
            (Reply(404, "nothing here"), "there is no registry at that address"),
            (
                Reply(403, {"code": "X", "message": "not you"}),
                "blocked before any cred",
            ),
            (Reply(400, "Client sent HTTP to an HTTPS server"), "It says: Client sent"),
            (Reply(503, headers=(("Retry-After", "120"),)), "longer than 30 seconds"),
            (Reply(200, "<!DOCTYPE html><h1>Wi-Fi</h1>"), "a web page, not a registry"),
            (Reply(204), "answers 204"),
            (Reply(401), "asks for nothing; a registry asks for Bearer"),
            (refusal(401, "U", "", "Negotiate, NTLM"), "asks for negotiate, ntlm;"),
            (refusal(401, "U", "", "Bearer service=x"), "asks for bearer;"),
        ],
    )
    def test_what_is_no_registry_is_a_bad_response(
        self, serve: Serve, reply: Reply, words: str
    ) -> None:
        server = serve(in_turn(reply))
        message = failure(server, BadResponseError)
        assert words in message
        assert f"GET {server.url}/v2/ answers {reply.status}" in message
        assert len(server.requests) == 1

    def test_the_error_says_how_often_it_was_tried(self, serve: Serve) -> None:
        server = serve(in_turn(Reply(503)))
        message = failure(server, BadResponseError, settings={"retries": 2})
        assert "answers 503 (tried 3 times)" in message

    def test_carries_what_a_playbook_may_branch_on(self, serve: Serve) -> None:
        server = serve(in_turn(Reply(500, {"code": "X1", "request-id": "r-1"})))
        with pytest.raises(BadResponseError) as caught:
            verify(server)
        assert caught.value.fields() == {
            "url": f"{server.url}/v2/",
            "status": 500,
            "code": "X1",
            "trace_id": "r-1",
        }

    def test_silence_is_a_time_out(self, serve: Serve) -> None:
        server = serve(in_turn(Reply(instead=b"")))
        message = failure(server, AnswerTimeoutError, settings={"timeout": 0.2})
        assert "within 0.2 seconds" in message

    def test_a_base_url_may_have_a_path(self, serve: Serve, registry: Registry) -> None:
        server = serve(in_turn(Reply(404)))
        with pytest.raises(BadResponseError):
            verify(server.url + "/hub/")
        assert server.lines == ["GET /hub/v2/"]


class TestUrls:
    def login(self, authority: Authority | None = None) -> RegistryLogin:
        ca_path = None if authority is None else str(authority.bundle)
        return RegistryLogin(Settings(timeout=5, retries=0, ca_path=ca_path))

    def test_the_first_that_answers_counts(
        self, serve: Serve, registry: Registry, authority: Authority
    ) -> None:
        server = serve(registry, authority.context("localhost"))
        urls = (server.url, f"http://localhost:{server.port}")
        assert self.login(authority).verify(urls, RIGHT).accepted is True

    def test_http_is_tried_where_nobody_speaks_tls(
        self, serve: Serve, registry: Registry
    ) -> None:
        server = serve(registry)
        urls = (f"https://localhost:{server.port}", server.url)
        assert self.login().verify(urls, RIGHT).accepted is True

    def test_http_is_tried_where_nobody_listens_for_https(
        self, serve: Serve, registry: Registry, deaf_port: int
    ) -> None:
        urls = (f"https://localhost:{deaf_port}", serve(registry).url)
        assert self.login().verify(urls, RIGHT).accepted is True

    def test_http_is_not_tried_where_a_certificate_is_wrong(
        self, serve: Serve, registry: Registry, authority: Authority, tmp_path: Path
    ) -> None:
        server = serve(registry, authority.context("localhost"))
        urls = (server.url, f"http://localhost:{server.port}")
        with pytest.raises(TlsError, match="not trusted"):
            self.login(Authority(tmp_path)).verify(urls, RIGHT)
        assert server.connections == 1

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("http://us.icr.io", "unencrypted"),
            ("http://127.evil.test", "unencrypted"),
            ("us.icr.io", "not the URL"),
            ("https://u:correct-horse@us.icr.io", "not the URL"),
        ],
    )
    def test_an_unsafe_url_is_an_input_error(self, url: str, words: str) -> None:
        with pytest.raises(InputError, match=words) as caught:
            self.login().verify((url,), RIGHT)
        assert "horse" not in str(caught.value)

    def test_no_url_is_an_input_error(self) -> None:
        with pytest.raises(InputError, match="no URL"):
            self.login().verify((), RIGHT)


class TestCheckedBeforeAsking:
    @pytest.mark.parametrize(
        ("credential", "words"),
        [
            (Credential("a:b", "c"), "colon"),
            (Credential("", "c"), "empty"),
            (Credential("a\r\nX: y", "c"), "control characters"),
            (Credential("a", "horse\udcff"), "not text"),
        ],
    )
    def test_what_http_cannot_carry(self, credential: Credential, words: str) -> None:
        with pytest.raises(InputError, match=words) as caught:
            verify("https://localhost:1", credential)
        assert "horse" not in str(caught.value)

    @pytest.mark.parametrize(
        "repository",
        [
            "",
            "ns/app:1",
            "ns/app@sha256:0",
            "NS/app",
            "/app",
            "ns//app",
            "../x",
            "a b",
            "a\n",
        ],
    )
    @pytest.mark.parametrize("option", ["pull", "push"])
    def test_what_is_no_repository(self, repository: str, option: str) -> None:
        with pytest.raises(InputError, match="is not a repository"):
            wanted: dict[str, Any] = {option: (repository,)}
            verify("https://localhost:1", **wanted)


class TestPull:
    @pytest.mark.parametrize(
        ("reply", "expected"),
        [
            (Reply(200, {"tags": []}), True),
            (Reply(200, b"x" * (2**20 + 1)), True),
            (refusal(404, "NAME_UNKNOWN", "no such repository"), True),
            (refusal(401, "UNAUTHORIZED", "no"), False),
            (refusal(403, "DENIED", "insufficient scope"), False),
        ],
        ids=["200", "200 endless", "404 unknown", "401", "403"],
    )
    def test_what_the_tags_say(
        self, serve: Serve, registry: Registry, reply: Reply, expected: bool
    ) -> None:
        registry.odd[TAGS] = [reply]
        server = serve(registry)
        verdict = verify(server, pull=("ns/app",))
        assert verdict.accepted is True
        assert verdict.permissions == {"pull": {"ns/app": expected}, "push": {}}
        assert server.lines[3:] == [
            "GET /oauth/token?service=registry&scope=repository%3Ans%2Fapp%3Apull",
            "GET /v2/ns/app/tags/list?n=1",
        ]

    @pytest.mark.parametrize("status", [400, 401, 403])
    def test_a_scope_that_is_refused_is_not_permitted(
        self, serve: Serve, registry: Registry, status: int
    ) -> None:
        registry.odd[TOKEN] = [Reply(200, {"token": "tok.."}), Reply(status)]
        verdict = verify(serve(registry), pull=("ns/app",))
        assert verdict.accepted is True
        assert verdict.permissions["pull"] == {"ns/app": False}

    @pytest.mark.parametrize(
        "reply",
        [
            refusal(404, "PAGE_UNKNOWN", "?"),
            Reply(404),
            Reply(405),
            Reply(302),
            Reply(500),
        ],
    )
    def test_other_answers_are_errors(
        self, serve: Serve, registry: Registry, reply: Reply
    ) -> None:
        registry.odd[TAGS] = [reply]
        message = failure(serve(registry), BadResponseError, pull=("ns/app",))
        assert f"/v2/ns/app/tags/list answers {reply.status}" in message


class TestPush:
    def test_is_tried_by_an_upload_that_is_cancelled(
        self, serve: Serve, registry: Registry
    ) -> None:
        server = serve(registry)
        verdict = verify(server, push=("ns/app",))
        assert verdict.permissions == {"pull": {}, "push": {"ns/app": True}}
        assert server.lines[3:] == [
            "GET /oauth/token?service=registry&scope=repository%3Ans%2Fapp%3Apull%2Cpush",
            "POST /v2/ns/app/blobs/uploads/",
            "DELETE /upload/ns/app",
        ]
        assert server.requests[-1].authorization == server.requests[-2].authorization

    @pytest.mark.parametrize("accepted", [True, False])
    def test_is_unknown_if_it_may_not_be_tried(
        self, serve: Serve, registry: Registry, accepted: bool
    ) -> None:
        server = serve(registry)
        credential = RIGHT if accepted else WRONG
        verdict = verify(server, credential, push=("ns/app",), try_push=False)
        assert verdict.accepted is accepted
        assert verdict.permissions["push"] == {"ns/app": None}
        assert not any(request.method == "POST" for request in server.requests)

    @pytest.mark.parametrize("status", [401, 403])
    def test_is_denied(self, serve: Serve, registry: Registry, status: int) -> None:
        registry.odd[UPLOADS] = [Reply(status)]
        server = serve(registry)
        assert verify(server, push=("ns/app",)).permissions["push"] == {"ns/app": False}
        assert server.requests[-1].method == "POST"

    @pytest.mark.parametrize("status", [200, 404, 405, 500])
    def test_other_answers_are_errors(
        self, serve: Serve, registry: Registry, status: int
    ) -> None:
        registry.odd[UPLOADS] = [Reply(status)]
        server = serve(registry)
        details: dict[str, Any] = {"push": ("ns/app",), "settings": {"retries": 3}}
        message = failure(server, BadResponseError, **details)
        assert (
            f"POST {server.url}/v2/ns/app/blobs/uploads/ answers {status}:" in message
        )

    def test_is_tried_again_after_429(self, serve: Serve, registry: Registry) -> None:
        registry.odd[UPLOADS] = [Reply(429), Reply(202)]
        verdict = verify(serve(registry), push=("ns/app",), settings={"retries": 1})
        assert verdict.permissions["push"] == {"ns/app": True}

    @pytest.mark.parametrize(
        ("location", "cancelled"),
        [
            ("/upload/1?state=a%2Bb", ["DELETE /upload/1?state=a%2Bb"]),
            ("{url}/upload/1", ["DELETE /upload/1"]),
            ("1", ["DELETE /v2/ns/app/blobs/uploads/1"]),
            ("http://127.0.0.1:{port}/upload/1", []),
            ("https://localhost:{port}/upload/1", []),
            ("ftp://localhost/", []),
            ("http://[::1/", []),
            ("", []),
            ("http://local host/\x01", []),
        ],
    )
    def test_cancels_on_the_own_host_only_and_never_fails_by_it(
        self, serve: Serve, registry: Registry, location: str, cancelled: list[str]
    ) -> None:
        server = serve(registry)
        place = location.format(url=server.url, port=server.port)
        registry.odd[UPLOADS] = [Reply(202, headers=(("Location", place),))]
        verdict = verify(server, push=("ns/app",))
        assert verdict.permissions["push"] == {"ns/app": True}
        assert [line for line in server.lines if line.startswith("DELETE")] == cancelled

    def test_basic_credentials_have_no_more_rights_to_cancel_with(
        self, serve: Serve, registry: Registry
    ) -> None:
        registry.challenge = BASIC_CHALLENGE
        registry.odd["DELETE /upload/ns/app"] = [Reply(403)]
        server = serve(registry)
        assert verify(server, push=("ns/app",)).permissions["push"] == {"ns/app": True}
        assert server.lines.count("DELETE /upload/ns/app") == 1

    @pytest.mark.parametrize(
        "reply",
        [Reply(500), Reply(404), Reply(then="reset")],
        ids=["500", "404", "reset"],
    )
    def test_a_cancellation_that_fails_is_not_tried_again(
        self, serve: Serve, registry: Registry, reply: Reply
    ) -> None:
        registry.odd["DELETE /upload/ns/app"] = [reply]
        server = serve(registry)
        verdict = verify(server, push=("ns/app",), settings={"retries": 3})
        assert verdict.permissions["push"] == {"ns/app": True}
        assert server.lines.count("DELETE /upload/ns/app") <= 2

    @pytest.mark.parametrize("status", [401, 403])
    def test_cancels_with_the_right_to_delete_where_that_is_asked_for(
        self, serve: Serve, registry: Registry, status: int
    ) -> None:
        registry.odd["DELETE /upload/ns/app"] = [Reply(status), Reply(204)]
        server = serve(registry)
        assert verify(server, push=("ns/app",)).permissions["push"] == {"ns/app": True}
        assert server.lines[-2:] == [
            "GET /oauth/token?service=registry&scope=repository%3Ans%2Fapp%3Adelete",
            "DELETE /upload/ns/app",
        ]


class TestOpenRegistry:
    """One that answers /v2/ without credentials."""

    @pytest.fixture
    def registry(self, registry: Registry) -> Registry:
        registry.odd[BASE] = [Reply(200, {})]
        return registry

    def test_proves_nothing(self, serve: Serve, registry: Registry) -> None:
        server = serve(registry)
        verdict = verify(server)
        assert verdict.accepted is None
        assert "without asking for credentials" in verdict.reason
        assert server.lines == ["GET /v2/"]

    def test_what_anybody_may_is_permitted_and_proves_nothing(
        self, serve: Serve, registry: Registry
    ) -> None:
        registry.odd[TAGS] = [Reply(200, {})]
        registry.odd[UPLOADS] = [Reply(202, headers=(("Location", "/upload/1"),))]
        server = serve(registry)
        verdict = verify(server, pull=("ns/app",), push=("ns/app",))
        assert verdict.accepted is None
        assert verdict.permissions == {
            "pull": {"ns/app": True},
            "push": {"ns/app": True},
        }
        assert {request.authorization for request in server.requests} == {None}
        assert server.lines[-1] == "DELETE /upload/1"

    def test_an_upload_that_nobody_may_cancel_is_left(
        self, serve: Serve, registry: Registry
    ) -> None:
        registry.odd[UPLOADS] = [Reply(202, headers=(("Location", "/upload/1"),))]
        registry.odd["DELETE /upload/1"] = [Reply(401)]
        server = serve(registry)
        assert verify(server, push=("ns/app",)).permissions["push"] == {"ns/app": True}
        assert server.lines[-1] == "DELETE /upload/1"

    def test_what_only_the_credential_may_proves_it(
        self, serve: Serve, registry: Registry
    ) -> None:
        verdict = verify(serve(registry), pull=("ns/other", "ns/app"))
        assert verdict.accepted is True
        assert verdict.reason == ""
        assert verdict.permissions["pull"] == {"ns/other": False, "ns/app": True}

    def test_what_the_credential_may_not_proves_nothing(
        self, serve: Serve, registry: Registry
    ) -> None:
        verdict = verify(serve(registry), pull=("ns/other",))
        assert verdict.accepted is None
        assert verdict.permissions["pull"] == {"ns/other": False}

    def test_a_credential_that_is_refused_is_refused(
        self, serve: Serve, registry: Registry
    ) -> None:
        verdict = verify(serve(registry), WRONG, pull=("ns/app",))
        assert verdict.accepted is False
        assert verdict.permissions["pull"] == {"ns/app": None}


class TestSecrets:
    @pytest.mark.parametrize(
        "credential",
        [RIGHT, Credential("jane", "p&ss<w>\"ö'/+%")],
        ids=["key", "odd characters"],
    )
    @pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 429, 500])
    @pytest.mark.parametrize("place", ["body", "code", "header"])
    def test_no_error_and_no_verdict_gives_one_back(
        self,
        serve: Serve,
        registry: Registry,
        credential: Credential,
        status: int,
        place: str,
    ) -> None:
        registry.credential = (credential.username, credential.secret)
        server = serve(registry)

        def echo(request: Request) -> Reply:
            if request.authorization is None or request.path == "/oauth/token":
                return registry(request)
            said = f"{credential.secret} {request.authorization} {registry.credential}"
            if place == "header":
                headers = (
                    ("Location", f"https://{request.authorization.split()[1]}.test/"),
                    ("X-Request-Id", request.authorization),
                )
                return Reply(status, b"", headers)
            if place == "code":
                return Reply(status, {"code": said})
            return Reply(status, f"you said {said}")

        server.script = echo
        try:
            told = repr(verify(server, credential, pull=("ns/app",)))
        except AccessError as error:
            told = f"{error} {error.fields()} {error!r}"
        for secret in (credential.secret, "tok.ns/app.pull"):
            assert not [form for form in forms_of(secret) if form in told]

    def test_a_credential_does_not_show_its_secret(self) -> None:
        assert "horse" not in repr(RIGHT)
        assert "horse" not in repr(Job(("https://localhost",), RIGHT))


class TestLikelyCause:
    @pytest.mark.parametrize(
        ("credential", "status", "code", "words"),
        [
            (RIGHT, 400, None, "API key is wrong"),
            (Credential("iambearer", "x"), 401, None, "an hour at most"),
            (Credential("iamrefresh", "x"), 401, None, "session has ended"),
            (Credential("token", "x"), 401, None, "since 2021-08-19"),
            (Credential("cp", "x"), 401, None, "entitlement key"),
            (Credential("Profile-1", "x"), 401, None, "trusted profile"),
            (Credential("jane", "x"), 401, None, "user name or the password"),
            (Credential("jane", "x"), 401, "UNSUPPORTED", "user name is none"),
            (Credential("token", "x"), 401, "UNSUPPORTED", "since 2021-08-19"),
            (Credential("iamapikey", ""), 401, None, "is empty"),
            (Credential("iamapikey", "x\n"), 401, None, "white space"),
            (RIGHT, 403, None, "network rules"),
        ],
    )
    def test_by_what_was_sent_and_answered(
        self, credential: Credential, status: int, code: str | None, words: str
    ) -> None:
        assert words in likely_cause(credential, status, code)


class TestVerifyAll:
    def login(self, **settings: Any) -> RegistryLogin:
        return RegistryLogin(Settings(timeout=5, retries=0, **settings))

    def test_gives_every_outcome_in_order(
        self, serve: Serve, registry: Registry, deaf_port: int
    ) -> None:
        url = serve(registry).url
        outcomes = self.login().verify_all(
            [
                Job((url,), WRONG),
                Job((f"http://localhost:{deaf_port}",), RIGHT),
                Job((url,), RIGHT, pull=("ns/app",)),
                Job((url,), RIGHT, push=("ns/app",), try_push=False),
            ]
        )
        refused, unreachable, pulled, pushed = outcomes
        assert isinstance(refused, Verdict)
        assert refused.accepted is False
        assert isinstance(unreachable, TransportError)
        assert pulled == Verdict(
            True, permissions={"pull": {"ns/app": True}, "push": {}}
        )
        assert pushed == Verdict(
            True, permissions={"pull": {}, "push": {"ns/app": None}}
        )

    def test_asks_the_same_only_once(self, serve: Serve, registry: Registry) -> None:
        server = serve(registry)
        job = Job((server.url,), RIGHT)
        outcomes = self.login().verify_all([job, Job((server.url,), RIGHT), job])
        assert [o.accepted for o in outcomes if isinstance(o, Verdict)] == [True] * 3
        assert server.lines.count("GET /oauth/token?service=registry") == 1

    def test_asks_side_by_side(self, serve: Serve) -> None:
        meeting = threading.Barrier(3, timeout=5)

        def answer_when_all_have_come(_request: Request) -> Reply:
            meeting.wait()
            return Reply(200, {})

        jobs = [
            Job((serve(answer_when_all_have_come).url,), RIGHT) for _each in range(3)
        ]
        outcomes = self.login().verify_all(jobs)
        assert [o.accepted for o in outcomes if isinstance(o, Verdict)] == [None] * 3

    def test_a_single_job_starts_no_thread(
        self, serve: Serve, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = Job((serve(registry).url,), RIGHT)
        login = self.login()
        callers: list[int] = []
        ask = login.verify

        def note_who_asks(*arguments: Any, **more: Any) -> Verdict:
            callers.append(threading.get_ident())
            return ask(*arguments, **more)

        monkeypatch.setattr(login, "verify", note_who_asks)
        login.verify_all([job, job])
        assert callers == [threading.get_ident()]

    def test_no_job_no_outcome(self) -> None:
        assert self.login().verify_all([]) == []

    def test_a_fault_of_ours_is_raised(
        self, serve: Serve, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        login = self.login()

        def fail(*_arguments: object, **_more: object) -> Verdict:
            raise ZeroDivisionError

        monkeypatch.setattr(login, "verify", fail)
        with pytest.raises(ZeroDivisionError):
            login.verify_all([Job((f"http://localhost:{n}",), RIGHT) for n in (1, 2)])

    def test_all_share_one_tls_context(
        self,
        serve: Serve,
        registry: Registry,
        authority: Authority,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        made: list[ssl.SSLContext] = []
        make = ssl.create_default_context

        def count(**details: Any) -> ssl.SSLContext:
            made.append(make(**details))
            return made[-1]

        urls = [
            serve(registry, authority.context("localhost")).url for _each in range(3)
        ]
        registry.challenge = BASIC_CHALLENGE
        monkeypatch.setattr(ssl, "create_default_context", count)
        login = self.login(ca_path=str(authority.bundle))
        outcomes = login.verify_all([Job((url,), RIGHT) for url in urls])
        assert [o.accepted for o in outcomes if isinstance(o, Verdict)] == [True] * 3
        assert len(made) == 1


class TestCost:
    SCRIPT = """
import sys
from types import ModuleType
for name, path in (("ansible_collections", []), ("ansible_collections.icr", []),
                   ("ansible_collections.icr.access", [sys.argv[1]])):
    sys.modules[name] = ModuleType(name)
    sys.modules[name].__path__ = path
from ansible_collections.icr.access.plugins.module_utils._registry_login import RegistryLogin
from ansible_collections.icr.access.plugins.module_utils._verdict import (Credential, Settings)
before = set(sys.modules)
if len(sys.argv) > 2:
    RegistryLogin(Settings()).verify((sys.argv[2],), Credential("iamapikey", sys.argv[3]))
print(*sorted(before), sep="\\n")
print("--")
print(*sorted(sys.modules), sep="\\n")
"""

    def loaded(self, checkout: Path, *arguments: str) -> tuple[list[str], list[str]]:
        ran = subprocess.run(
            [sys.executable, "-I", "-c", self.SCRIPT, str(checkout), *arguments],
            check=True,
            capture_output=True,
            text=True,
        )
        before, _line, after = ran.stdout.partition("--\n")
        return before.split(), after.split()

    def test_loads_no_more_than_is_needed(
        self, serve: Serve, registry: Registry, checkout: Path
    ) -> None:
        before, after = self.loaded(checkout, serve(registry).url, SECRET)
        ours = {name.rpartition(".")[2] for name in before if "module_utils._" in name}
        assert "_http" not in ours
        assert not {
            "http.client",
            "email",
            "ssl",
            "urllib.request",
            "concurrent.futures",
            "requests",
            "ansible",
        } & set(after)
        ours = {name.rpartition(".")[2] for name in after if "module_utils._" in name}
        assert "_http" in ours
        assert (
            not {"_tls", "_lost", "_proxy", "_registry_reasons", "_error_body"} & ours
        )
