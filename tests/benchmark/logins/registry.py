# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Debian's registry, with one user and a password, over http or TLS."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .cloud import PACKAGE

PROGRAM = "docker-registry"
USERNAME = "bench"
PASSWORD = "bench-password"
# Asked of anybody but crypt(3), in which Debian has the algorithm that the registry wants.
HASH = "import crypt, sys; print(crypt.crypt(sys.argv[1], '$2b$04$abcdefghijklmnopqrstuv'))"
PATIENCE = 10.0  # seconds


class Registry(NamedTuple):
    """`host` is `host:port`; `ca` is None over http."""

    host: str
    ca: Path | None

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"{'https' if self.ca else 'http'}://{self.host}"


def missing() -> str | None:
    """What a registry would need and this machine has not; None for nothing."""
    if shutil.which(PROGRAM) is None:
        return f"{PROGRAM} (Debian's package of that name)"
    if shutil.which("htpasswd") is None and not _hash_by_crypt():
        return "htpasswd (Debian's package apache2-utils)"
    return None


@contextlib.contextmanager
def registry(folder: Path, *, tls: bool) -> Iterator[Registry]:
    """A running registry with its files below the folder. Raises `RuntimeError`, with its log,
    if it does not start."""
    place = folder / ("tls" if tls else "plain")
    place.mkdir()
    ca = _make_certificates(place) if tls else None
    (place / "htpasswd").write_text(_password_line())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = Registry(f"127.0.0.1:{free.getsockname()[1]}", ca)
    config = place / "config.yml"
    config.write_text(_config(place, found))
    with (place / "log").open("wb") as log:
        running = subprocess.Popen(
            [PROGRAM, "serve", str(config)], stdout=log, stderr=log
        )
    try:
        _await(found, running, place / "log")
        yield found
    finally:
        running.terminate()
        running.wait()


def _config(place: Path, found: Registry) -> str:
    tls = f"  tls: {{certificate: {place}/server.pem, key: {place}/server.key}}\n"
    return (
        "version: 0.1\n"
        "log: {level: error, accesslog: {disabled: true}}\n"
        f"storage: {{filesystem: {{rootdirectory: {place}/storage}}}}\n"
        f"auth: {{htpasswd: {{realm: bench, path: {place}/htpasswd}}}}\n"
        f"http:\n  addr: {found.host}\n{tls if found.ca else ''}"
    )


def _make_certificates(place: Path) -> Path:
    # The sandbox can; its package is not on our path.
    making = "import pathlib, sys; from icr_sandbox.tls import write_certificates; "
    making += "write_certificates(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", making, str(place)], cwd=PACKAGE, check=True)
    return place / "ca.pem"


def _password_line() -> str:
    if shutil.which("htpasswd") is None:
        return f"{USERNAME}:{_hash_by_crypt()}\n"
    asked = ["htpasswd", "-Bbn", "-C", "4", USERNAME, PASSWORD]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout


def _hash_by_crypt() -> str:
    """The password as the registry wants it, empty where Python has no `crypt` any more."""
    asked = [sys.executable, "-W", "ignore", "-c", HASH, PASSWORD]
    found = subprocess.run(asked, check=False, capture_output=True, text=True).stdout
    return found.strip() if found.startswith("$2") else ""


def _await(found: Registry, running: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and running.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(_address(found), 1):
            return
        os.sched_yield()
    raise RuntimeError(f"{PROGRAM} does not start:\n{log.read_text()}")


def _address(found: Registry) -> tuple[str, int]:
    host, _colon, port = found.host.rpartition(":")
    return host, int(port)
