# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Servers on this machine, for the tests of what talks to registries."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from ansible_collections.icr.access.tests.unit.plugins.module_utils.scripted_registry import (
    Authority,
    Registry,
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
    """Start a server that lives as long as the test: C(serve(script, context=None))."""
    with ExitStack() as stack:

        def start(script: Script, context: ssl.SSLContext | None = None) -> Server:
            server = stack.enter_context(serving(script, context))
            if isinstance(script, Registry):
                script.url = script.url or server.url
            return server

        yield start


@pytest.fixture
def without_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy and no CA bundle that whoever runs the tests has in the environment."""
    for name in ("HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
