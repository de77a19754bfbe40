# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A server on this machine that answers as a test scripts it, and notes what it was asked."""

from __future__ import annotations

import base64
import datetime
import hashlib
import io
import ipaddress
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

JSON = "application/json"
# Ten seconds: whoever waits for the end of it fails, and does not hang.
_LONGEST_DRIP = 500
_MOST_POURED = 256 * 1024 * 1024


@dataclass(frozen=True)
class Request:
    """What came in. `connection` numbers the connections of the server from 1."""

    method: str
    target: str
    headers: dict[str, str]
    connection: int
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.split("?")[0]

    @property
    def line(self) -> str:
        return f"{self.method} {self.target}"

    @property
    def authorization(self) -> str | None:
        return self.headers.get("authorization")


@dataclass(frozen=True)
class Reply:
    """What goes out: status, headers and body; or other bytes instead of all that.

    `then` is what follows: `keep` the connection, `close` it, `break` it by a reset, `drip` bytes
    for longer than any test is patient, or `pour` the bytes `more` until there were more of them
    than any client should take; or `reset`, which is a reset and nothing else. `length` is the
    Content-Length to state, None for the true one.
    """

    status: int = 200
    body: str | bytes | dict[str, object] = b""
    headers: tuple[tuple[str, str], ...] = ()
    instead: bytes | None = None
    then: str = "keep"
    length: int | None = None
    more: bytes = b""

    def content(self) -> bytes:
        """All of it as it goes over the wire."""
        if self.instead is not None:
            return self.instead
        body = json.dumps(self.body) if isinstance(self.body, dict) else self.body
        raw = body.encode() if isinstance(body, str) else body
        length = len(raw) if self.length is None else self.length
        lines = [f"HTTP/1.1 {self.status} Scripted", f"Content-Length: {length}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join([*lines, "", ""]).encode("utf-8") + raw


Script = Callable[[Request], Reply]


class Server:
    """Listens on 127.0.0.1 from its making to `stop`. `requests` grows with each request.

    With `is_proxy` each connection begins with a `CONNECT`, which the script answers too; what
    it is to be connected to is this server itself. A reply in place of a script goes out after
    the first bytes that come in, HTTP or not.
    """

    def __init__(
        self,
        script: Script | Reply,
        context: ssl.SSLContext | None = None,
        *,
        is_proxy: bool = False,
    ) -> None:
        self.script = script
        self._is_proxy = is_proxy
        self.requests: list[Request] = []
        self.connections = 0
        self._context = context
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self.scheme = "http" if context is None else "https"
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    @property
    def lines(self) -> list[str]:
        return [request.line for request in self.requests]

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}"

    def join_connections(self) -> None:
        """Wait until every connection so far is closed, by the script's `then`."""
        for thread in self._threads[1:]:
            thread.join()

    def stop(self) -> None:
        """End every connection and thread."""
        self._stopped.set()
        self._end(self._listener)
        self._threads[0].join()
        for end in self._open:
            self._end(end)
        for thread in self._threads:
            thread.join()

    @staticmethod
    def _end(end: socket.socket) -> None:
        # closing alone would leave accept() and recv() waiting
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()

    def wait_for_end_of(self, connection: int) -> None:
        """Until that connection, numbered from 1, is closed on this side."""
        self._threads[connection].join()

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                end, _address = self._listener.accept()
            except OSError:
                return
            self._open.append(end)
            self.connections += 1
            self._start(self._serve, end, self.connections)

    def _serve(self, end: socket.socket, number: int) -> None:
        try:
            if isinstance(self.script, Reply):
                end.recv(65536)
                self._send(end, self.script)
                return
            if self._is_proxy:
                # byte by byte: what follows is TLS and none of our business
                head = iter(lambda: end.recv(1), b"")
                lines = b"".join(iter(lambda: _line(head), b"\r\n"))
                if not self._serve_one(
                    end, iter([*lines.splitlines(True), b"\r\n"]), number
                ):
                    return
            if self._context is not None:
                end = self._context.wrap_socket(end, server_side=True)
                self._open.append(end)
            with end.makefile("rb") as incoming:
                while self._serve_one(end, incoming, number):
                    pass
        except (OSError, ValueError, StopIteration):
            pass
        finally:
            end.close()

    def _serve_one(
        self, end: socket.socket, incoming: Iterator[bytes], number: int
    ) -> bool:
        first = next(incoming, b"").decode("latin-1")
        if not first.strip():
            return False
        if "HTTP/" not in first:
            end.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            return False
        method, target, _version = first.split()
        headers = {}
        for line in incoming:
            if line == b"\r\n":
                break
            name, _colon, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        body = b""
        if length and isinstance(incoming, io.BufferedReader):
            body = incoming.read(length)
        request = Request(method, target, headers, number, body)
        self.requests.append(request)
        assert not isinstance(self.script, Reply)
        return self._send(end, self.script(request))

    def _send(self, end: socket.socket, reply: Reply) -> bool:
        if reply.then != "reset":
            end.sendall(reply.content())
        if reply.then in ("reset", "break"):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for _byte in range(_LONGEST_DRIP if reply.then == "drip" else 0):
            if self._stopped.wait(0.02):
                break
            end.sendall(b"x")
        if reply.then == "pour":
            for _time in range(_MOST_POURED // len(reply.more)):
                end.sendall(reply.more)
        return reply.then == "keep"


def _line(characters: Iterator[bytes]) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        line += next(characters)
    return line


@contextmanager
def serving(
    script: Script | Reply,
    context: ssl.SSLContext | None = None,
    *,
    is_proxy: bool = False,
) -> Iterator[Server]:
    """A server for the time of a block."""
    server = Server(script, context, is_proxy=is_proxy)
    try:
        yield server
    finally:
        server.stop()


def in_turn(*replies: Reply) -> Script:
    """The replies one after the other, the last of them from then on."""
    left = list(replies)
    return lambda _request: left.pop(0) if len(left) > 1 else left[0]


@dataclass
class Registry:
    """A script: a registry with token service (or Basic) that behaves, and whose single answers
    a test replaces in `odd`, keyed by `METHOD PATH`, by a reply or several in turn."""

    credential: tuple[str, str] = ("iamapikey", "correct-horse")
    may: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    challenge: str = 'Bearer realm="{url}/oauth/token",service="registry"'
    odd: dict[str, list[Reply]] = field(default_factory=dict)
    url: str = ""

    def __call__(self, request: Request) -> Reply:
        odd = self.odd.get(f"{request.method} {request.path}")
        if odd:
            return odd.pop(0) if len(odd) > 1 else odd[0]
        if request.path == "/oauth/token":
            return self._token(request)
        if request.method == "DELETE":
            return Reply(204)
        return self._resource(request)

    def _token(self, request: Request) -> Reply:
        if request.authorization != basic(*self.credential):
            return refusal(401, "UNAUTHORIZED", "The login credentials are not valid.")
        scope = request.target.partition("scope=")[2].split("&")[0]
        name, _colon, actions = (
            scope.replace("%3A", ":")
            .replace("%2C", ",")[len("repository:") :]
            .rpartition(":")
        )
        name = name.replace("%2F", "/")
        granted = [a for a in actions.split(",") if a in self.may.get(name, ())]
        return Reply(200, {"token": f"tok.{name}.{'.'.join(granted)}"})

    def _resource(self, request: Request) -> Reply:
        held = request.authorization or ""
        asked = self.challenge.format(url=self.url)
        if held == basic(*self.credential) and asked.startswith("Basic"):
            granted = {a for each in self.may.values() for a in each}
        elif held.startswith("Bearer tok."):
            granted = set(held.split(".")[2:])
        else:
            return refusal(401, "UNAUTHORIZED", "Authorization required.", asked)
        if request.path == "/v2/":
            return Reply(200, {})
        name = request.path[len("/v2/") :].rsplit("/", 2)[0]
        wanted = "push" if request.method == "POST" else "pull"
        if request.path.endswith("/blobs/uploads/"):
            name = request.path[len("/v2/") : -len("/blobs/uploads/")]
        if wanted not in granted or wanted not in self.may.get(name, ()):
            return refusal(403, "DENIED", "insufficient scope", asked)
        if name in self.unknown:
            return refusal(404, "NAME_UNKNOWN", "repository name not known")
        if request.method == "POST":
            return Reply(202, headers=(("Location", f"/upload/{name}"),))
        return Reply(200, {"name": name, "tags": ["1"]})


def refusal(
    status: int, code: str, message: str, challenge: str | None = None
) -> Reply:
    """An error as the Distribution specification has it."""
    headers = () if challenge is None else (("WWW-Authenticate", challenge),)
    return Reply(status, {"errors": [{"code": code, "message": message}]}, headers)


def basic(username: str, secret: str) -> str:
    """The value of an `Authorization` header."""
    return "Basic " + base64.b64encode(f"{username}:{secret}".encode()).decode()


class Authority:
    """A certificate authority; `bundle` is the file to trust it by."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._certificate = self._sign("Test CA", self._key, self._key, ca=True)
        self.bundle = folder / "ca.pem"
        self.bundle.write_bytes(_pem(self._certificate))

    def context(
        self, *names: str, expired: bool = False, self_signed: bool = False
    ) -> ssl.SSLContext:
        """What a server with a certificate for these names serves with."""
        key = ec.generate_private_key(ec.SECP256R1())
        by = key if self_signed else self._key
        certificate = self._sign(names[0], key, by, names=names, expired=expired)
        path = self._folder / f"{certificate.serial_number}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + _pem(certificate)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def subject_hash(self) -> str:
        """The name that OpenSSL looks the certificate up by in a folder, as eight hex digits."""
        # the hash of the canonical name: one RDN, its value in lower case as UTF8String
        value = b"test ca"
        string = b"\x0c" + bytes([len(value)]) + value
        attribute = b"\x06\x03\x55\x04\x03" + string
        pair = b"\x30" + bytes([len(attribute)]) + attribute
        rdn = b"\x31" + bytes([len(pair)]) + pair
        digest = hashlib.sha1(rdn, usedforsecurity=False).digest()
        return f"{int.from_bytes(digest[:4], 'little'):08x}"

    def _sign(
        self,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        by: ec.EllipticCurvePrivateKey,
        *,
        names: tuple[str, ...] = (),
        ca: bool = False,
        expired: bool = False,
    ) -> x509.Certificate:
        day = datetime.timedelta(days=1)
        now = datetime.datetime.now(datetime.timezone.utc)
        issuer = "Test CA" if by is not key else name
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name(issuer))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 3 * day)
            .not_valid_after(now - day if expired else now + day)
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()),
                False,
            )
        )
        if ca:
            builder = builder.add_extension(
                x509.KeyUsage(
                    digital_signature=True,
                    key_cert_sign=True,
                    crl_sign=True,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_general_name(each) for each in names]),
                False,
            )
        return builder.sign(by, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
