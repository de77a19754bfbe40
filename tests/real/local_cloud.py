# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The sandbox as it comes with the package, and what the tests put into it."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from .processes import Background, running

REGION = "us-south"


@dataclass(frozen=True)
class Key:
    """An API key; `value` is the secret."""

    id: str
    value: str = field(repr=False)


@dataclass(frozen=True)
class Sandbox:
    """`document` is what the endpoints file held."""

    document: dict[str, Any] = field(repr=False)
    program: Background = field(repr=False)

    @property
    def endpoints(self) -> dict[str, Any]:
        endpoints: dict[str, Any] = self.document["endpoints"]
        return endpoints

    @property
    def realm(self) -> str:
        """The token service, for registries that trust it."""
        return f"{self.endpoints['registry'][REGION]}/oauth/token"

    def host(self, region: str) -> str:
        """`host:port` of the sandbox's own registry of that region."""
        return str(urlsplit(self.endpoints["registry"][region]).netloc)

    def seed(self, **wanted: Any) -> dict[str, Any]:
        """What the control port made of it."""
        made: dict[str, Any] = json.loads(
            _send("POST", f"{self.document['control']}/seed", json.dumps(wanted))
        )
        return made

    def add_namespace(self) -> str:
        """A new registry namespace that nobody else uses."""
        name = f"team-{secrets.token_hex(4)}"
        self.seed(namespaces=[{"region": REGION, "name": name}])
        return name

    def add_key(self, *namespaces: str, roles: tuple[str, ...]) -> Key:
        """The key of a new service ID that has the roles in these namespaces only."""
        policies = [
            {"roles": list(roles), "region": REGION, "namespace": namespace}
            for namespace in namespaces
        ]
        name = f"builder-{secrets.token_hex(4)}"
        made = self.seed(service_ids=[{"name": name, "policies": policies}])
        (service_id,) = made["service_ids"]
        return Key(service_id["api_key_id"], service_id["api_key"])

    def delete_key(self, key: Key) -> None:
        """As its account's owner would, through IAM."""
        iam = self.endpoints["iam"]
        form = urlencode(
            {
                "grant_type": "urn:ibm:params:oauth:grant-type:apikey",
                "apikey": self.document["api_key"],
            }
        )
        kind = "application/x-www-form-urlencoded"
        answer = _send(
            "POST", f"{iam}/identity/token", form, {"Content-Type": kind}, 200
        )
        token = json.loads(answer)["access_token"]
        _send(
            "DELETE",
            f"{iam}/v1/apikeys/{key.id}",
            "",
            {"Authorization": f"Bearer {token}"},
            204,
        )


@contextmanager
def sandbox(collections: Path, folder: Path, *, tls: bool = False) -> Iterator[Sandbox]:
    """A sandbox from the installed package; everything that it writes is in `folder`."""
    role = collections / "ansible_collections" / "icr" / "access" / "roles" / "sandbox"
    endpoints_file = folder / "endpoints.json"
    command = [sys.executable, "-m", "icr_sandbox"]
    command += ["--endpoints-file", str(endpoints_file)]
    if tls:
        command += ["--tls-dir", str(folder / "tls")]
    settings = {"PYTHONPATH": str(role / "files"), "LC_ALL": "C.UTF-8"}
    with running(command, ready="ready:", settings=settings) as (program, _match):
        yield Sandbox(json.loads(endpoints_file.read_text()), program)


def _send(
    method: str,
    url: str,
    body: str,
    headers: dict[str, str] | None = None,
    expected: int = 201,
) -> bytes:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request(method, parts.path, body, headers or {})
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    assert answer.status == expected, (
        f"{method} {parts.path}: {answer.status} {content!r}"
    )
    return content
