# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The sandbox of a benchmark, and what it was asked."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PACKAGE = Path(__file__).resolve().parents[3] / "roles" / "sandbox" / "files"


@contextlib.contextmanager
def sandbox(folder: Path, *, tls: bool = False) -> Iterator[dict[str, Any]]:
    """A running sandbox with its files below the folder; the content of its endpoints file."""
    endpoints = folder / "endpoints.json"
    program = [sys.executable, "-m", "icr_sandbox", "--endpoints-file", str(endpoints)]
    with_tls = ["--tls-dir", str(folder / "tls")] if tls else []
    subprocess.run([*program, *with_tls, "--detach"], cwd=PACKAGE, check=True)
    try:
        yield json.loads(endpoints.read_text())
    finally:
        subprocess.run([*program, "--stop"], cwd=PACKAGE, check=True)


def requests_since(cloud: dict[str, Any]) -> Counter[str]:
    """How often each `METHOD /path` was asked for since the last call."""
    asked = json.loads(_control(cloud, "GET", "/journal"))
    _control(cloud, "DELETE", "/journal")
    return Counter(f"{each['method']} {each['path']}" for each in asked["requests"])


def seed(cloud: dict[str, Any], things: dict[str, Any]) -> dict[str, Any]:
    """What the sandbox made of the things, which are those of its control port's `/seed`."""
    made: dict[str, Any] = json.loads(_control(cloud, "POST", "/seed", things))
    if "error" in made:
        raise RuntimeError(f"the sandbox takes no such seed: {made['error']}")
    return made


def _control(
    cloud: dict[str, Any], method: str, path: str, body: dict[str, Any] | None = None
) -> bytes:
    connection = http.client.HTTPConnection(urlsplit(cloud["control"]).netloc)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        return connection.getresponse().read()
    finally:
        connection.close()
