# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""HTTP/1.1 on one connection: bytes into Request values, Response values into bytes.

Lean on purpose: the standard library's server parses headers with the email package, which
alone costs more than an answer of the token endpoint may.
"""

from __future__ import annotations

import socket
import struct
import time
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

from icr_sandbox.messages import Request, Response

_MOST_HEAD = 32 * 1024
_MOST_BODY = 32 * 1024 * 1024
_CHUNK = 64 * 1024
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class BadRequestError(Exception):
    """What came is not HTTP, or more than the sandbox takes; `status` says which."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class Connection:
    """One client's connection, for any number of requests one after the other."""

    def __init__(
        self, sock: socket.socket, service: str, region: str | None, secure: bool
    ) -> None:
        self._sock = sock
        self._service = service
        self._region = region
        self._secure = secure
        self._buffer = bytearray()

    # --- reading ---

    def read(self) -> tuple[Request, bool] | None:
        """The next request, and whether the connection stays open after its answer; None
        when the client is done. Raises BadRequestError, OSError."""
        head = self._read_head()
        if head is None:
            return None
        lines = head.split("\r\n")
        pieces = lines[0].split(" ")
        if len(pieces) != 3 or not pieces[2].startswith("HTTP/1."):
            raise BadRequestError(400)
        method, target, version = pieces
        if method not in _METHODS:
            raise BadRequestError(501)
        headers = _headers(lines[1:])
        body = self._read_body(headers)
        path, _mark, query = target.partition("?")
        if not path.startswith("/"):
            raise BadRequestError(400)
        wish = headers.get("connection", "").lower()
        stays = wish != "close" if version == "HTTP/1.1" else wish == "keep-alive"
        request = Request(
            service=self._service,
            method=method,
            path=unquote(path),
            query=tuple(parse_qsl(query, keep_blank_values=True)) if query else (),
            headers=headers,
            body=body,
            region=self._region,
            secure=self._secure,
        )
        return request, stays

    def _read_head(self) -> str | None:
        while True:
            end = self._buffer.find(b"\r\n\r\n")
            if end >= 0:
                head = self._buffer[:end].decode("latin-1")
                del self._buffer[: end + 4]
                return head
            # A client that speaks TLS to a plain port would wait for us as we for it.
            if self._buffer and not self._buffer[:1].isalpha():
                raise BadRequestError(400)
            if len(self._buffer) > _MOST_HEAD:
                raise BadRequestError(431)
            if not self._fill():
                return None

    def _fill(self) -> bool:
        data = self._sock.recv(_CHUNK)
        self._buffer += data
        return bool(data)

    def _read_body(self, headers: dict[str, str]) -> bytes:
        chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        length = headers.get("content-length")
        if chunked and length is not None:
            raise BadRequestError(400)
        if headers.get("expect", "").lower() == "100-continue":
            self._sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if chunked:
            return self._read_chunks()
        if length is None:
            return b""
        if not length.isdecimal():
            raise BadRequestError(400)
        if int(length) > _MOST_BODY:
            raise BadRequestError(413)
        return self._take(int(length))

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while True:
            line = self._take_line().partition(b";")[0].strip()
            try:
                size = int(line, 16)
            except ValueError:
                raise BadRequestError(400) from None
            if size < 0 or len(body) + size > _MOST_BODY:
                raise BadRequestError(413)
            if size == 0:
                while self._take_line():
                    pass
                return bytes(body)
            body += self._take(size)
            if self._take_line():
                raise BadRequestError(400)

    def _take_line(self) -> bytes:
        while True:
            end = self._buffer.find(b"\r\n")
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 2]
                return line
            if len(self._buffer) > _MOST_HEAD or not self._fill():
                raise BadRequestError(400)

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            if not self._fill():
                raise BadRequestError(400)
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    # --- writing ---

    def write(self, response: Response, *, method: str, stays: bool) -> bool:
        """Send the answer, spoilt as it says. False when the connection is over."""
        if response.delay:
            time.sleep(response.delay)
        if response.reset:
            # Lingering for no time at all makes close() send a reset.
            linger = struct.pack("ii", 1, 0)
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            if response.cut_after is None:
                return False
        body = response.body
        lines = [f"HTTP/1.1 {response.status} {_REASONS.get(response.status, '')}"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        if response.status != HTTPStatus.NO_CONTENT:
            lines.append(f"Content-Length: {len(body)}")
        if not stays:
            lines.append("Connection: close")
        if method == "HEAD" or response.status == HTTPStatus.NO_CONTENT:
            body = b""
        cut = response.cut_after
        head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
        self._sock.sendall(head + (body if cut is None else body[:cut]))
        return stays and cut is None


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadRequestError(400)
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
