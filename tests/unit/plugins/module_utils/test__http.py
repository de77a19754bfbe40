# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import (
    AnswerTimeoutError,
    BadResponseError,
    TransportError,
)
from ansible_collections.icr.access.plugins.module_utils._http import (
    LONGEST_BODY,
    Answer,
    Session,
)
from ansible_collections.icr.access.plugins.module_utils._tls import Trust
from ansible_collections.icr.access.plugins.module_utils._verdict import Settings
from ansible_collections.icr.access.plugins.module_utils._wire import (
    RefusedError,
)
from ansible_collections.icr.access.tests.unit.plugins.module_utils.scripted_registry import (
    Authority,
    Reply,
    Server,
    in_turn,
)

pytestmark = pytest.mark.usefixtures("no_surroundings")

Serve = Callable[..., Server]
SHORT = 0.25


def no_tls() -> Trust:
    raise AssertionError("nothing here speaks https")


class World:
    """Settings whose pauses take no time, and the pauses."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def session(
        self, *, timeout: float = 5.0, retries: int = 0, now: float = 0.0
    ) -> Session:
        settings = Settings(
            timeout=timeout,
            retries=retries,
            sleep=self.pauses.append,
            random=lambda: 1.0,
            now=lambda: now,
        )
        return Session(settings, no_tls)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def session(world: World) -> Iterator[Session]:
    with world.session() as session:
        yield session


class TestExchange:
    def test_gives_status_headers_and_body(
        self, serve: Serve, session: Session
    ) -> None:
        server = serve(in_turn(Reply(418, "tea", (("X-Kind", "green"),))))
        answer = session.request("GET", server.url + "/v2/?a=b#c")
        assert (answer.status, answer.body, answer.header("x-kind")) == (
            418,
            b"tea",
            "green",
        )
        assert answer.header("X-Other") == ""
        assert server.lines == ["GET /v2/?a=b"]

    def test_says_who_it_is_and_wants_no_compression(
        self, serve: Serve, session: Session
    ) -> None:
        server = serve(in_turn(Reply()))
        session.request("GET", server.url, authorization="Basic YTpi")
        assert server.requests[0].target == "/"
        assert server.requests[0].headers == {
            "host": f"localhost:{server.port}",
            "user-agent": "icr.access",
            "accept-encoding": "identity",
            "authorization": "Basic YTpi",
        }

    def test_a_post_says_that_it_has_no_body(
        self, serve: Serve, session: Session
    ) -> None:
        server = serve(in_turn(Reply(202)))
        session.request("POST", server.url)
        assert server.requests[0].headers["content-length"] == "0"

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(instead=b"HTTP/1.0 200 OK\r\n\r\nbody", then="close"),
            Reply(
                instead=b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nbody",
                then="close",
            ),
            Reply(
                instead=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n"
            ),
            Reply(
                instead=b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nContent-Length: 4\r\n\r\nbody"
            ),
        ],
        ids=["HTTP 1.0", "to the end", "chunked", "after 100"],
    )
    def test_reads_every_kind_of_body(
        self, serve: Serve, session: Session, reply: Reply
    ) -> None:
        server = serve(in_turn(reply))
        assert session.request("GET", server.url).body == b"body"

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_one_connection_serves_many_requests(
        self, serve: Serve, authority: Authority, scheme: str, world: World
    ) -> None:
        context = None if scheme == "http" else authority.context("localhost")
        server = serve(in_turn(Reply()), context)
        trust = Trust(ssl.create_default_context(cafile=authority.bundle))
        with Session(Settings(timeout=5), lambda: trust) as session:
            for method in ("GET", "POST", "GET", "DELETE"):
                session.request(method, server.url)
        assert server.connections == 1

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_a_kept_connection_that_was_closed_is_replaced_without_a_word(
        self, serve: Serve, world: World, session: Session, method: str
    ) -> None:
        def keep_silent_about_closing(_request: object) -> Reply:
            return Reply(then="close")

        server = serve(keep_silent_about_closing)
        for _each in range(3):
            assert session.request(method, server.url).attempts == 1
            server.join_connections()
        assert (server.connections, world.pauses) == (3, [])

    def test_a_kept_connection_that_was_reset_is_replaced_without_a_word(
        self, serve: Serve, world: World, session: Session
    ) -> None:
        server = serve(in_turn(Reply(then="break")))
        for _each in range(3):
            assert session.request("POST", server.url).status == 200
            server.join_connections()
        assert (server.connections, world.pauses) == (3, [])

    def test_a_kept_connection_that_breaks_under_a_get_is_replaced(
        self, serve: Serve, session: Session, world: World
    ) -> None:
        server = serve(in_turn(Reply(), Reply(then="reset"), Reply(201)))
        session.request("GET", server.url)
        assert session.request("GET", server.url).status == 201
        assert (server.connections, world.pauses) == (2, [])

    def test_a_kept_connection_that_breaks_under_a_post_is_an_error(
        self, serve: Serve, world: World
    ) -> None:
        server = serve(in_turn(Reply(), Reply(then="reset"), Reply(202)))
        with world.session(retries=3) as session:
            session.request("GET", server.url)
            with pytest.raises(TransportError, match="without an answer"):
                session.request("POST", server.url)
        assert (len(server.requests), world.pauses) == (2, [])

    def test_what_nobody_asked_for_is_not_taken_for_an_answer(
        self, serve: Serve, session: Session
    ) -> None:
        first = Reply(200, "a").content() + Reply(500, "smuggled").content()
        server = serve(in_turn(Reply(instead=first), Reply(200, "b")))
        assert session.request("GET", server.url).body == b"a"
        assert session.request("GET", server.url).body == b"b"


class TestBounds:
    @pytest.mark.parametrize(
        "reply",
        [
            Reply(length=10**9, then="drip"),
            Reply(instead=b"HTTP/1.1 200 OK\r\nX: ", then="drip"),
            Reply(instead=b"", then="drip"),
            Reply(
                instead=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                then="drip",
            ),
            Reply(instead=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
        ],
        ids=["body", "header", "status line", "chunk", "silence"],
    )
    def test_the_time_out_is_for_the_whole_exchange(
        self, serve: Serve, world: World, reply: Reply
    ) -> None:
        server = serve(in_turn(reply))
        begin = time.monotonic()
        with world.session(timeout=SHORT) as session, pytest.raises(
            AnswerTimeoutError, match=r"within 0\.25 seconds"
        ):
            session.request("GET", server.url)
        assert time.monotonic() - begin < 20 * SHORT

    def test_an_endless_body_is_cut(self, serve: Serve, session: Session) -> None:
        server = serve(in_turn(Reply(200, b"x" * (LONGEST_BODY + 5)), Reply(201)))
        answer = session.request("GET", server.url)
        assert (len(answer.body), answer.is_cut) == (LONGEST_BODY, True)
        assert session.request("GET", server.url).status == 201

    def test_a_body_of_just_the_limit_is_whole(
        self, serve: Serve, session: Session
    ) -> None:
        server = serve(in_turn(Reply(200, b"x" * LONGEST_BODY)))
        answer = session.request("GET", server.url)
        assert (len(answer.body), answer.is_cut) == (LONGEST_BODY, False)

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (
                b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
                "a line that is too long",
            ),
            (
                b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200 + b"\r\n",
                "more than 100 headers",
            ),
            (b"SSH-2.0-OpenSSH_9.2\r\n", "no status line"),
            (b"HTTP/9.9 200 OK\r\n\r\n", "another version of HTTP"),
            (
                b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
                "compresses its answer",
            ),
        ],
        ids=["long header", "many headers", "ssh", "other version", "gzip"],
    )
    def test_what_is_not_plain_http_is_a_bad_response(
        self, serve: Serve, world: World, content: bytes, message: str
    ) -> None:
        server = serve(in_turn(Reply(instead=content, then="close")))
        with world.session(retries=3) as session, pytest.raises(
            BadResponseError, match=message
        ) as caught:
            session.request("GET", server.url + "/v2/")
        assert caught.value.url == f"{server.url}/v2/"
        assert f"GET {server.url}/v2/: localhost:{server.port} " in str(caught.value)
        assert world.pauses == []


class TestRepeating:
    @pytest.mark.parametrize(
        "trouble",
        [
            Reply(then="reset"),
            Reply(instead=b"", then="close"),
            Reply(200, "short", length=99, then="close"),
            Reply(200, "short", length=99, then="break"),
            Reply(
                instead=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nshort",
                then="close",
            ),
            Reply(429),
            Reply(500),
            Reply(503, headers=(("Retry-After", "nonsense"),)),
        ],
        ids=[
            "reset",
            "closed",
            "cut",
            "broken",
            "cut chunk",
            "429",
            "500",
            "bad Retry-After",
        ],
    )
    def test_what_may_pass_is_tried_again_after_growing_pauses(
        self, serve: Serve, world: World, trouble: Reply
    ) -> None:
        server = serve(in_turn(trouble, trouble, trouble, Reply(200)))
        with world.session(retries=3) as session:
            answer = session.request("GET", server.url)
        assert (answer.status, answer.attempts) == (200, 4)
        assert world.pauses == [0.5, 1.0, 2.0]

    def test_pauses_stop_growing(self, serve: Serve, world: World) -> None:
        server = serve(in_turn(Reply(503)))
        with world.session(retries=7) as session:
            assert session.request("GET", server.url).attempts == 8
        assert world.pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]

    def test_pauses_are_random_below_their_limit(self, serve: Serve) -> None:
        server = serve(in_turn(Reply(503)))
        pauses: list[float] = []
        settings = Settings(retries=2, sleep=pauses.append, random=lambda: 0.1)
        with Session(settings, no_tls) as session:
            session.request("GET", server.url)
        assert pauses == pytest.approx([0.05, 0.1])

    @pytest.mark.parametrize(
        ("value", "pause"),
        [("7", 7.0), ("30", 30.0), ("0", 0.0), ("Thu, 01 Jan 1970 00:00:12 GMT", 12.0)],
    )
    def test_retry_after_is_obeyed(
        self, serve: Serve, world: World, value: str, pause: float
    ) -> None:
        server = serve(in_turn(Reply(429, headers=(("Retry-After", value),)), Reply()))
        with world.session(retries=1) as session:
            assert session.request("GET", server.url).status == 200
        assert world.pauses == [pause]

    @pytest.mark.parametrize("value", ["31", "Thu, 01 Jan 1970 00:01:00 GMT"])
    def test_a_long_retry_after_ends_the_attempts(
        self, serve: Serve, world: World, value: str
    ) -> None:
        server = serve(in_turn(Reply(503, headers=(("Retry-After", value),)), Reply()))
        with world.session(retries=3) as session:
            answer = session.request("GET", server.url)
        assert (answer.status, answer.attempts, world.pauses) == (503, 1, [])

    @pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 408, 501])
    def test_other_answers_stand(self, serve: Serve, world: World, status: int) -> None:
        server = serve(in_turn(Reply(status)))
        with world.session(retries=3) as session:
            assert session.request("GET", server.url).status == status
        assert len(server.requests) == 1

    def test_a_redirect_is_not_followed(self, serve: Serve, session: Session) -> None:
        target = serve(in_turn(Reply()))
        server = serve(in_turn(Reply(307, headers=(("Location", target.url),))))
        assert session.request("GET", server.url, authorization="x").status == 307
        assert target.requests == []

    def test_the_error_says_how_often_it_was_tried(
        self, deaf_port: int, world: World
    ) -> None:
        with world.session(retries=2) as session, pytest.raises(RefusedError) as caught:
            session.request("GET", f"http://localhost:{deaf_port}/v2/?a=b")
        assert str(caught.value) == (
            f"GET http://localhost:{deaf_port}/v2/: localhost:{deaf_port} refuses connections "
            "(tried 3 times). Is it running, and is the port right?"
        )
        assert caught.value.url == f"http://localhost:{deaf_port}/v2/"

    def test_where_there_is_another_url_nobody_waits(
        self, deaf_port: int, world: World
    ) -> None:
        with world.session(retries=3) as session, pytest.raises(RefusedError):
            session.request(
                "GET", f"http://localhost:{deaf_port}", is_last_resort=False
            )
        assert world.pauses == []

    def test_the_number_of_retries_can_be_given(
        self, serve: Serve, world: World
    ) -> None:
        server = serve(in_turn(Reply(503)))
        with world.session(retries=3) as session:
            assert session.request("DELETE", server.url, retries=0).attempts == 1


class TestAnswer:
    def test_shows_neither_body_nor_headers(self) -> None:
        headers = (("x-secret", "horse"),)
        answer = Answer("GET", "http://localhost", 200, headers, b"horse")
        assert "horse" not in repr(answer)
