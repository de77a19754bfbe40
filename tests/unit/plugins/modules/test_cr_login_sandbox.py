# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""cr_login against the sandbox, over the loopback."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.icr.access.tests.unit.plugins.modules.login_files import (
    Login,
    auths_of,
    entry,
    write,
)
from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import Cloud
from icr_sandbox.app import App
from icr_sandbox.server import Server

REGIONS = ["us-south", "eu-de"]
APP = "team-a/app"


@dataclass
class Sandbox:
    """The cloud, and where its registries listen."""

    cloud: Cloud
    hosts: dict[str, str]

    @property
    def endpoints(self) -> dict[str, Any]:
        return {"registry": {name: f"http://{at}" for name, at in self.hosts.items()}}

    def requests(self) -> list[tuple[str, str, int]]:
        """Region, method and status of what the registries were asked, in order."""
        journal: list[dict[str, Any]] = self.cloud.app.journal.as_list()
        return [
            (each["region"], each["method"], each["status"])
            for each in journal
            if each["service"] == "registry"
        ]

    def methods(self) -> list[str]:
        return [method for _region, method, _status in self.requests()]

    def key(self, *roles: str) -> str:
        """A key of a service ID with these roles in the namespace of every region."""
        made = self.cloud.service_id(
            policies=[{"roles": list(roles), "namespace": APP.partition("/")[0]}]
        )
        key: str = made["api_key"]
        return key


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    app = App()
    server = Server(app.handle)
    thread = threading.Thread(target=server.run)
    thread.start()
    hosts = {
        each.region: f"127.0.0.1:{each.port}"
        for each in server.listeners
        if each.region
    }
    yield Sandbox(Cloud(app), hosts)
    server.stop()
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def sandbox(served: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """As it is after its start, with one namespace in two regions."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    assert served.cloud.control("POST", "/reset").status < 300
    namespace = APP.partition("/")[0]
    served.cloud.seed(
        namespaces=[{"region": region, "name": namespace} for region in REGIONS],
    )
    return served


def test_log_in_repeat_and_log_out_in_two_regions(
    login: Login, sandbox: Sandbox, config: Path
) -> None:
    key = sandbox.key("Reader")
    options: dict[str, Any] = {"region": REGIONS, "endpoints": sandbox.endpoints}
    hosts = [sandbox.hosts[name] for name in REGIONS]
    predicted = login(**options, api_key=key, check_mode=True)
    assert not config.exists()
    result = login(**options, api_key=key)
    assert result == predicted
    assert result["changed"]
    assert [each["verified"] for each in result["registries"]] == [True, True]
    assert [each["region"] for each in result["registries"]] == REGIONS
    assert auths_of(config) == {host: entry(key) for host in hosts}
    assert not login(**options, api_key=key)["changed"]
    assert set(sandbox.methods()) == {"GET"}
    before = len(sandbox.requests())
    assert login(**options, state="absent")["changed"]
    assert not login(**options, state="absent")["changed"]
    assert auths_of(config) == {}
    assert len(sandbox.requests()) == before


def test_wrong_key_is_refused_with_the_likely_cause_and_nothing_is_written(
    login: Login, sandbox: Sandbox, config: Path
) -> None:
    raw = write(config, {"auths": {sandbox.hosts["us-south"]: entry("old")}})
    wrong = "wr0ng-key-that-nobody-made"
    result = login(region=REGIONS, endpoints=sandbox.endpoints, api_key=wrong)
    assert result["failed"]
    for name in REGIONS:
        assert (
            f"{sandbox.hosts[name]} refuses the credentials of iamapikey"
            in result["msg"]
        )
    assert "Likely: the API key is wrong" in result["msg"]
    assert result["error"]["status"] in (400, 401)
    assert wrong not in json.dumps(result)
    assert config.read_bytes() == raw


def test_unreachable_registry_is_not_a_refusal_and_stops_the_other_one(
    login: Login, sandbox: Sandbox, config: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = closed_soon.getsockname()[1]
    endpoints = sandbox.endpoints
    endpoints["registry"]["eu-de"] = f"http://127.0.0.1:{port}"
    key = sandbox.key("Reader")
    result = login(region=REGIONS, endpoints=endpoints, api_key=key, retries=0)
    assert result["failed"]
    assert f"{sandbox.hosts['us-south']}: The login is accepted." in result["msg"]
    assert f"127.0.0.1:{port} refuses connections" in result["msg"]
    assert "refuses the credentials" not in result["msg"]
    assert not config.exists()


@pytest.mark.parametrize("kind", ["status", "html", "truncate", "reset", "empty"])
def test_registry_out_of_order_is_not_a_refusal(
    login: Login, sandbox: Sandbox, config: Path, kind: str
) -> None:
    fault = {"kind": kind, "service": "registry", "path": "/oauth/token", "calls": 0}
    assert sandbox.cloud.control("POST", "/faults", fault).status < 300
    key = sandbox.key("Reader")
    options: dict[str, Any] = {"endpoints": sandbox.endpoints, "retries": 0}
    result = login(region="us-south", api_key=key, **options)
    assert result["failed"]
    assert "refuses the credentials" not in result["msg"]
    assert result["registries"][0]["verified"] is None
    assert not config.exists()


class TestPermissions:
    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    def test_reader_may_pull(
        self, login: Login, sandbox: Sandbox, config: Path, check_mode: bool
    ) -> None:
        result = login(
            region=REGIONS,
            endpoints=sandbox.endpoints,
            api_key=sandbox.key("Reader"),
            pull=[APP],
            check_mode=check_mode,
        )
        for each in result["registries"]:
            assert each["permissions"] == {"pull": {APP: True}, "push": {}}
        assert set(sandbox.methods()) == {"GET"}

    def test_reader_may_not_push(
        self, login: Login, sandbox: Sandbox, config: Path
    ) -> None:
        result = login(
            region="us-south",
            endpoints=sandbox.endpoints,
            api_key=sandbox.key("Reader"),
            pull=[APP],
            push=[APP],
        )
        assert result["failed"]
        assert f"it is not permitted to push {APP}." in result["msg"]
        (found,) = result["registries"]
        assert found["permissions"] == {"pull": {APP: True}, "push": {APP: False}}
        assert not config.exists()

    def test_writer_may_push_and_leaves_no_upload(
        self, login: Login, sandbox: Sandbox, config: Path
    ) -> None:
        options: dict[str, Any] = {
            "region": "us-south",
            "endpoints": sandbox.endpoints,
            "api_key": sandbox.key("Writer"),
            "push": [APP],
        }
        (predicted,) = login(**options, check_mode=True)["registries"]
        assert predicted["permissions"]["push"] == {APP: None}
        assert set(sandbox.methods()) == {"GET"}
        (found,) = login(**options)["registries"]
        assert found["permissions"]["push"] == {APP: True}
        assert [method for method in sandbox.methods() if method != "GET"] == [
            "POST",
            "DELETE",
        ]


class TestShortLived:
    def test_token_is_kept_until_its_registry_refuses_it(
        self, login: Login, sandbox: Sandbox, config: Path
    ) -> None:
        key = sandbox.key("Reader")
        options: dict[str, Any] = {"region": "us-south", "endpoints": sandbox.endpoints}
        host = sandbox.hosts["us-south"]
        first, second = (sandbox.cloud.token_of(key) for _call in range(2))
        assert first != second
        assert login(**options, iam_token=first)["changed"]
        assert not login(**options, iam_token=second)["changed"]
        assert auths_of(config) == {host: entry(first, "iambearer")}

    def test_token_of_another_identity_replaces_it(
        self, login: Login, sandbox: Sandbox, config: Path
    ) -> None:
        options: dict[str, Any] = {"region": "us-south", "endpoints": sandbox.endpoints}
        host = sandbox.hosts["us-south"]
        tokens = [
            sandbox.cloud.token_of(sandbox.key("Reader")),
            sandbox.cloud.token_of(sandbox.cloud.api_key),
        ]
        for token in tokens:
            assert login(**options, iam_token=token)["changed"]
            assert auths_of(config) == {host: entry(token, "iambearer")}
