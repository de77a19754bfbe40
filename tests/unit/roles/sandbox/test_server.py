# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Real sockets: HTTP on the wire, TLS, and the process with its files."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from icr_sandbox import app as app_module
from icr_sandbox.__main__ import end_on_signals
from icr_sandbox.app import App
from icr_sandbox.jwt import SigningKey
from icr_sandbox.messages import Response
from icr_sandbox.server import Server

TIMEOUT = 20.0


@pytest.fixture
def served(
    monkeypatch: pytest.MonkeyPatch, signing_keys: Callable[[], SigningKey]
) -> Iterator[Server]:
    monkeypatch.setattr(app_module, "SigningKey", signing_keys)
    app = App()
    server = Server(app.handle)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server
    server.stop()
    thread.join(TIMEOUT)
    assert not thread.is_alive()


def port_of(server: Server, service: str, region: str | None = None) -> int:
    for listener in server.listeners:
        if (listener.service, listener.region) == (service, region):
            port: int = listener.port
            return port
    raise LookupError(service)


def connect(server: Server, service: str = "iam") -> http.client.HTTPConnection:
    return http.client.HTTPConnection(
        "127.0.0.1", port_of(server, service), timeout=TIMEOUT
    )


def raw(server: Server, sent: bytes) -> bytes:
    """What comes back for these bytes until the server closes."""
    address = ("127.0.0.1", port_of(server, "iam"))
    with socket.create_connection(address, timeout=TIMEOUT) as sock:
        sock.sendall(sent)
        received = b""
        while data := sock.recv(65536):
            received += data
    return received


def inject(server: Server, **rule: object) -> None:
    connection = connect(server, "control")
    connection.request("POST", "/faults", json.dumps(rule))
    assert connection.getresponse().status == 201
    connection.close()


class TestHttp:
    def test_one_connection_many_requests(self, served: Server) -> None:
        connection = connect(served)
        connection.connect()
        first = connection.sock
        for _turn in range(3):
            connection.request("GET", "/identity/keys")
            answer = connection.getresponse()
            assert (answer.status, bool(json.loads(answer.read()))) == (200, True)
            assert connection.sock is first
        connection.close()

    def test_head_has_a_length_and_no_body(self, served: Server) -> None:
        connection = connect(served)
        connection.request("HEAD", "/identity/token")
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (405, b"")
        assert int(answer.headers["Content-Length"]) > 0
        connection.request("GET", "/identity/keys")
        assert connection.getresponse().status == 200
        connection.close()

    def test_chunked_body(self, served: Server) -> None:
        connection = connect(served)
        body = iter([b"grant_type=", b"magic"])
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request(
            "POST", "/identity/token", body, headers, encode_chunked=True
        )
        answer = json.loads(connection.getresponse().read())
        assert answer["errorCode"] == "BXNIM0106E"
        connection.close()

    def test_expect_continue(self, served: Server) -> None:
        received = raw(
            served,
            b"POST /identity/token HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
            b"Connection: close\r\nContent-Length: 1\r\n\r\nx",
        )
        assert received.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 ")

    @pytest.mark.parametrize(
        ("sent", "status"),
        [
            pytest.param(b"\x16\x03\x01\x02\x00\x01", 400, id="tls-greeting"),
            pytest.param(b"hello\r\n\r\n", 400, id="no-http"),
            pytest.param(b"BREW / HTTP/1.1\r\n\r\n", 501, id="method"),
            pytest.param(b"GET x HTTP/1.1\r\n\r\n", 400, id="target"),
            pytest.param(b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400, id="header"),
            pytest.param(b"GET / HTTP/1.1\r\nx: " + b"a" * 40000, 431, id="long-head"),
            pytest.param(
                b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
                413,
                id="large",
            ),
            pytest.param(
                b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400, id="length"
            ),
            pytest.param(
                b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                400,
                id="chunk",
            ),
            pytest.param(
                b"POST / HTTP/1.1\r\nContent-Length: 1\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n",
                400,
                id="two-lengths",
            ),
        ],
    )
    def test_what_is_not_http_is_refused_at_once(
        self, served: Server, sent: bytes, status: int
    ) -> None:
        assert raw(served, sent).startswith(f"HTTP/1.1 {status} ".encode())

    def test_http_1_0_closes(self, served: Server) -> None:
        received = raw(served, b"GET /identity/keys HTTP/1.0\r\n\r\n")
        assert b"\r\nConnection: close\r\n" in received

    def test_reset(self, served: Server) -> None:
        inject(served, kind="reset")
        connection = connect(served)
        connection.request("GET", "/identity/keys")
        with pytest.raises(ConnectionResetError):
            connection.getresponse()
        connection.close()

    def test_truncated(self, served: Server) -> None:
        inject(served, kind="truncate")
        connection = connect(served)
        connection.request("GET", "/identity/keys")
        answer = connection.getresponse()
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
        connection.close()

    def test_torn(self, served: Server) -> None:
        inject(served, kind="tear")
        connection = connect(served)
        connection.request("GET", "/identity/keys")
        with pytest.raises(ConnectionResetError):
            # the reset may be faster than what was sent before it
            connection.getresponse().read()
            connection.sock.recv(1)
        connection.close()

    def test_closed_after_the_answer(self, served: Server) -> None:
        inject(served, kind="close")
        connection = connect(served)
        connection.request("GET", "/identity/keys")
        answer = connection.getresponse()
        assert answer.getheader("Connection") == "close"
        assert json.loads(answer.read()) and answer.isclosed()
        connection.close()

    def test_every_region_has_a_port_of_its_own(self, served: Server) -> None:
        ports = {listener.port for listener in served.listeners}
        assert len(ports) == len(served.listeners) == 15


class TestProcess:
    def run(self, package: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "icr_sandbox", *arguments],
            cwd=package,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )

    def test_foreground_with_tls(self, package: Path, tmp_path: Path) -> None:
        path, folder = tmp_path / "endpoints.json", tmp_path / "tls"
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "icr_sandbox", "--endpoints-file", str(path)),
                *("--tls-dir", str(folder)),
            ],
            cwd=package,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert path.stat().st_mode & 0o777 == 0o600
            assert (folder / "server.key").stat().st_mode & 0o777 == 0o600
            cloud = json.loads(path.read_text())
            assert cloud["pid"] == process.pid
            assert cloud["api_key"] not in line and str(path) in line
            assert Path(cloud["token"]["certificate"]).read_text().startswith("-----")
            self.check_certificate(cloud)
        finally:
            process.send_signal(signal.SIGTERM)
            rest = process.communicate(timeout=TIMEOUT)[0]
        assert (process.returncode, rest) == (0, "")
        assert [item for item in tmp_path.rglob("*") if item.is_file()] == []

    def check_certificate(self, cloud: dict[str, object]) -> None:
        """Trusted by the CA in the file, under the real names as under loopback."""
        context = ssl.create_default_context(cafile=str(cloud["ca_path"]))
        endpoints = cloud["endpoints"]
        assert isinstance(endpoints, dict)
        address = endpoints["registry"]["us-south"].rpartition("/")[2].split(":")
        for name in ("us.icr.io", "private.us.icr.io", "localhost", "127.0.0.1"):
            with (
                socket.create_connection((address[0], int(address[1]))) as plain,
                context.wrap_socket(plain, server_hostname=name) as secure,
            ):
                secure.sendall(b"GET /v2/ HTTP/1.0\r\nHost: us.icr.io\r\n\r\n")
                received = secure.recv(65536)
            assert b'realm="https://us.icr.io/oauth/token"' in received

    def test_signal_is_heard_where_no_handler_has_run_yet(self) -> None:
        server = Server(lambda _request: Response(200))
        previous = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
        serving = threading.Thread(target=server.run, daemon=True)
        try:
            end_on_signals(server)
            serving.start()
            # What the interpreter does at once when a signal comes, ahead of any handler.
            os.write(signal.set_wakeup_fd(-1), b"\x0f")
        finally:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGTERM, previous[0])
            signal.signal(signal.SIGINT, previous[1])
        serving.join(TIMEOUT)
        assert not serving.is_alive()

    def test_background(self, package: Path, tmp_path: Path) -> None:
        path = tmp_path / "endpoints.json"
        options = ("--endpoints-file", str(path))
        assert self.run(package, *options, "--status").stdout == "stopped\n"
        try:
            first = self.run(package, *options, "--detach", "--tokens", "historical")
            assert first.stdout.startswith("icr_sandbox ready: "), first.stderr
            again = self.run(package, *options, "--detach")
            assert again.stdout == "icr_sandbox already running\n"
            second = self.run(package, *options)
            assert (second.returncode, second.stderr.count("\n")) == (1, 1)
            assert self.run(package, *options, "--status").stdout == "running\n"
        finally:
            stopped = self.run(package, *options, "--stop")
        assert stopped.stdout == "icr_sandbox stopped\n"
        assert list(tmp_path.iterdir()) == []
        assert self.run(package, *options, "--stop").stdout == (
            "icr_sandbox not running\n"
        )

    def test_file_of_a_process_that_died_is_no_running_one(
        self, package: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "endpoints.json"
        # The process of this very test: it must survive.
        stale = {"control": "http://127.0.0.1:1", "pid": os.getpid()}
        path.write_text(json.dumps(stale))
        options = ("--endpoints-file", str(path))
        assert self.run(package, *options, "--status").stdout == "stopped\n"
        assert self.run(package, *options, "--stop").returncode == 0
        assert not path.exists()

    @pytest.mark.parametrize("how", [(), ("--detach",)])
    def test_taken_port_is_one_line(
        self, package: Path, tmp_path: Path, how: tuple[str, ...]
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            path = tmp_path / "endpoints.json"
            done = self.run(
                package, "--endpoints-file", str(path), "--port-base", port, *how
            )
        assert done.returncode == 1
        assert done.stderr.startswith("icr_sandbox: ")
        assert done.stderr.count("\n") == 1
        assert not path.exists()

    def test_same_seed_same_cloud(
        self, monkeypatch: pytest.MonkeyPatch, signing_keys: Callable[[], SigningKey]
    ) -> None:
        monkeypatch.setattr(app_module, "SigningKey", signing_keys)
        founders = [App(seed=seed).state.founder for seed in (7, 7, 8)]
        assert founders[0] == founders[1] != founders[2]
