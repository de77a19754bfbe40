# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The sandbox on this machine, served from a thread of the test process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import Cloud
from icr_sandbox.app import App
from icr_sandbox.server import Server

READS = ("GET", "HEAD")


@dataclass
class LocalCloud(Cloud):
    """`endpoints` is the option of that name. Seeds and faults need no socket."""

    endpoints: dict[str, Any]

    @property
    def iam_url(self) -> str:
        return str(self.endpoints["iam"])

    def fault(self, kind: str, path: str, **more: object) -> None:
        """The next call on that path goes wrong in that way."""
        answer = self.control("POST", "/faults", {"kind": kind, "path": path, **more})
        assert answer.status == 201, answer.body

    def requests(self) -> list[str]:
        """What was asked since the last time, as `METHOD /path`."""
        entries = [f"{each['method']} {each['path']}" for each in self.journal()]
        assert self.control("DELETE", "/journal").status == 204
        return entries

    def writes(self) -> list[str]:
        """The same without what only reads, and without the exchange of keys for tokens."""
        return [
            line
            for line in self.requests()
            if line.split()[0] not in READS and line != "POST /identity/token"
        ]

    def keys_of(self, iam_id: str) -> dict[str, Any]:
        """The sandbox's own records of an identity's API keys, by id."""
        return {key.id: key for key in self.app.state.keys_of(iam_id)}

    @property
    def owner_iam_id(self) -> str:
        return self.app.state.founder.iam_id


@contextmanager
def serving_cloud() -> Iterator[LocalCloud]:
    """A sandbox for the time of a block."""
    app = App(seed=1)
    server = Server(app.handle)
    thread = threading.Thread(target=server.run)
    thread.start()
    urls = {
        (listener.service, listener.region): f"http://127.0.0.1:{listener.port}"
        for listener in server.listeners
    }
    registry = {
        region: url
        for (service, region), url in urls.items()
        if service == "registry" and region is not None
    }
    try:
        yield LocalCloud(app, {"iam": urls["iam", None], "registry": registry})
    finally:
        server.stop()
        thread.join()
