# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The local IBM Cloud on ports of this machine, for tests of what calls it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import Cloud
from icr_sandbox.app import App
from icr_sandbox.server import Server


class RunningCloud(Cloud):
    """A `Cloud` that others reach at `endpoints`, and whose journal can be told in short."""

    def __init__(self, app: App, server: Server) -> None:
        super().__init__(app)
        urls = {
            (listener.service, listener.region): f"http://127.0.0.1:{listener.port}"
            for listener in server.listeners
        }
        self.endpoints: dict[str, Any] = {
            "iam": urls["iam", None],
            "registry": {
                region: url for (_service, region), url in urls.items() if region
            },
        }

    def host(self, region: str) -> str:
        """What the registry of a region is called here."""
        url: str = self.endpoints["registry"][region]
        return url.split("//")[1]

    def asked(self) -> list[str]:
        """What has been asked since the last time, as C(METHOD path)."""
        entries = [f"{entry['method']} {entry['path']}" for entry in self.journal()]
        assert self.control("DELETE", "/journal").status == 204
        return entries

    def spoil(self, **fault: object) -> None:
        """Have the next call fail in the way that the sandbox calls by these words."""
        assert self.control("POST", "/faults", {"calls": 1, **fault}).status == 201


@contextmanager
def running() -> Iterator[RunningCloud]:
    """A cloud that answers until the end of the block."""
    app = App(seed=1)
    server = Server(app.handle)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield RunningCloud(app, server)
    finally:
        server.stop()
        thread.join()
