# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Servers and surroundings for the tests of what talks to registries."""

from __future__ import annotations

import pwd
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._access import Subject
from ansible_collections.icr.access.plugins.module_utils._caller import Caller
from ansible_collections.icr.access.plugins.module_utils._cloud import CloudSession
from ansible_collections.icr.access.plugins.module_utils._policies import Policies
from ansible_collections.icr.access.plugins.module_utils._verdict import Settings
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud
from ansible_collections.icr.access.tests.unit.plugins.module_utils.scripted_registry import (
    Authority,
    Registry,
    Reply,
    Script,
    Server,
    serving,
)

Serve = Callable[..., Server]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One certificate authority for all tests of a process."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(script, context=None, is_proxy=False)` starts a server that lives as long as the
    test."""
    with ExitStack() as stack:

        def start(
            script: Script | Reply,
            context: ssl.SSLContext | None = None,
            *,
            is_proxy: bool = False,
        ) -> Server:
            server = stack.enter_context(serving(script, context, is_proxy=is_proxy))
            if isinstance(script, Registry):
                script.url = script.url or server.url
            return server

        yield start


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port of 127.0.0.1 that refuses connections, and that nobody else can take."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS knows `*.test`, which is this machine, and nothing else but addresses and localhost."""
    look_up = socket.getaddrinfo

    def look_up_here(host: str, *details: Any, **more: Any) -> list[Any]:
        if host.endswith(".test"):
            return look_up("127.0.0.1", *details, **more)
        if host == "localhost" or re.fullmatch(r"[0-9.]+|.*:.*", host):
            return look_up(host, *details, **more)
        if host == "later.example":
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")
        host.encode("idna")  # as the real one does, which may raise UnicodeError
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up_here)


@pytest.fixture
def no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy and no CA bundle that whoever runs the tests has in the environment."""
    for name in ("HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def owner(local_cloud: LocalCloud) -> Caller:
    """The owner of the local IBM Cloud, who asks once only, and has exchanged the key."""
    settings = Settings(sleep=lambda _seconds: None, retries=0)
    who = Caller(
        CloudSession(settings), local_cloud.iam_url, api_key=local_cloud.api_key
    )
    who.iam_id()
    local_cloud.requests()
    return who


@pytest.fixture
def policies(local_cloud: LocalCloud, owner: Caller) -> Policies:
    """The policies there, for the owner."""
    return Policies(owner, local_cloud.iam_url)


@pytest.fixture
def subject(local_cloud: LocalCloud) -> Subject:
    """A service ID there, `ci`."""
    iam_id = local_cloud.service_id("ci")["iam_id"]
    return Subject(iam_id, local_cloud.account_id, "service ID ci")


def _entry(name: str, uid: int) -> pwd.struct_passwd:
    return pwd.struct_passwd((name, "x", uid, uid + 1, "", f"/home/{name}", "/bin/sh"))


@pytest.fixture
def known_users(monkeypatch: pytest.MonkeyPatch) -> None:
    """A passwd database with root, builder (7001) and deployer (7002)."""
    entries = [_entry("root", 0), _entry("builder", 7001), _entry("deployer", 7002)]
    by_name = {known.pw_name: known for known in entries}
    by_uid = {known.pw_uid: known for known in entries}
    monkeypatch.setattr(pwd, "getpwnam", by_name.__getitem__)
    monkeypatch.setattr(pwd, "getpwuid", by_uid.__getitem__)


@pytest.fixture
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in it says who calls IBM Cloud, or where."""
    for name in ("API_KEY", "IAM_TOKEN"):
        monkeypatch.delenv(f"IC_{name}", raising=False)
        monkeypatch.delenv(f"IBMCLOUD_{name}", raising=False)
    monkeypatch.delenv("ICR_ENDPOINTS", raising=False)
