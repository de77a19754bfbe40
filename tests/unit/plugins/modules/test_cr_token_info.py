# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""cr_token_info from its options to its result, on the local IBM Cloud."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._registry_tokens import (
    RegistryToken,
)
from ansible_collections.icr.access.plugins.modules.cr_token_info import main, told
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import (
    LocalCloud,
)

EXCHANGE = "POST /identity/token"
LIST = "GET /api/v1/tokens"

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def cloud(local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> LocalCloud:
    for name in ("IC_API_KEY", "IBMCLOUD_API_KEY", "IC_IAM_TOKEN", "ICR_ENDPOINTS"):
        monkeypatch.delenv(name, raising=False)
    local_cloud.switch(tokens="historical")
    return local_cloud


@pytest.fixture
def run(cloud: LocalCloud, run_module: Run) -> Run:
    def run_here(**options: Any) -> dict[str, Any]:
        shared = {
            "backend": "registry",
            "region": "us-south",
            "endpoints": cloud.endpoints,
            "api_key": cloud.api_key,
            "retries": 0,
        }
        return run_module(main, {**shared, **options}, check_mode=True)

    return run_here


@pytest.fixture
def seeded(cloud: LocalCloud) -> list[dict[str, Any]]:
    """Three tokens, the first two in us-south."""
    entries: list[dict[str, object]] = [
        {"region": "us-south", "description": "b", "readonly": False},
        {"region": "us-south", "description": "a", "expires_at": 4_000_000_000},
        {"region": "eu-de", "description": "a"},
    ]
    made: list[dict[str, Any]] = cloud.seed(legacy_tokens=entries)["legacy_tokens"]
    return made


def ids(result: dict[str, Any]) -> list[str]:
    return [token["token_id"] for token in result["tokens"]]


def test_nothing_is_an_empty_list(cloud: LocalCloud, run: Run) -> None:
    result = run()
    assert (result["changed"], result["tokens"]) == (False, [])
    assert result["registry"] == cloud.endpoints["registry"]["us-south"].split("//")[1]
    assert cloud.requests() == [EXCHANGE, LIST]


def test_all_of_the_region_without_their_values(
    cloud: LocalCloud, run: Run, seeded: list[dict[str, Any]]
) -> None:
    result = run()
    second, first, _elsewhere = seeded
    assert result["tokens"] == [
        {
            "token_id": first["id"],
            "description": "a",
            "readwrite": False,
            "namespaces": None,
            "non_expiring": False,
            "expires_at": "2096-10-02T07:06:40Z",
            "expired": False,
            "revoked": False,
        },
        {
            "token_id": second["id"],
            "description": "b",
            "readwrite": True,
            "namespaces": None,
            "non_expiring": True,
            "expires_at": None,
            "expired": False,
            "revoked": False,
        },
    ]
    assert first["value"] not in str(result)
    assert cloud.requests() == [EXCHANGE, LIST]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({"description": "a"}, [1], id="description"),
        pytest.param({"description": "A"}, [], id="case counts"),
        pytest.param({"token_id": 0}, [0], id="id"),
        pytest.param({"token_id": 0, "description": "b"}, [0], id="both"),
        pytest.param(
            {"token_id": 0, "description": "a"}, [], id="both, but disagreeing"
        ),
        pytest.param({"token_id": 2}, [], id="of another region"),
    ],
)
def test_filters(
    run: Run,
    seeded: list[dict[str, Any]],
    options: dict[str, Any],
    expected: list[int],
) -> None:
    if "token_id" in options:
        options = {**options, "token_id": seeded[options["token_id"]]["id"]}
    assert ids(run(**options)) == [seeded[index]["id"] for index in expected]


def test_reveals_what_is_asked_for_and_nothing_else(
    cloud: LocalCloud, run: Run, seeded: list[dict[str, Any]]
) -> None:
    result = run(description="a", reveal=True)
    (token,) = result["tokens"]
    assert token["token"] == seeded[1]["value"]
    assert seeded[0]["value"] not in str(result)
    assert cloud.requests() == [EXCHANGE, LIST, f"GET /api/v1/tokens/{seeded[1]['id']}"]


def test_vanished_while_it_is_read(
    cloud: LocalCloud, run: Run, seeded: list[dict[str, Any]]
) -> None:
    cloud.fault(kind="text", path=f"/api/v1/tokens/{seeded[1]['id']}", status=404)
    assert ids(run(reveal=True)) == [seeded[0]["id"]]


@pytest.mark.parametrize("gone_status", [404, 410])
def test_gone_api(cloud: LocalCloud, run: Run, gone_status: int) -> None:
    cloud.switch(tokens="modern", gone_status=gone_status)
    result = run()
    assert result["failed"] is True
    assert "2021-08-19" in result["msg"]
    assert result["error"]["status"] == gone_status


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        pytest.param(RegistryToken("a", expires_at=99), (True, False), id="ended"),
        pytest.param(RegistryToken("a", expires_at=101), (False, False), id="alive"),
        pytest.param(RegistryToken("a", is_revoked=True), (False, True), id="revoked"),
    ],
)
def test_tells_whether_it_can_be_used(
    token: RegistryToken, expected: tuple[bool, bool]
) -> None:
    row = told(token, now=100)
    assert (row["expired"], row["revoked"]) == expected


def test_token_in_place_of_its_id_is_not_repeated(cloud: LocalCloud, run: Run) -> None:
    result = run(token_id="eyJhbGciOiJub25lIn0.e30.canary")
    assert result["failed"] is True
    assert "the id of the token, not the token" in result["msg"]
    assert "canary" not in str(result)
    assert cloud.requests() == []


class TestBackendIam:
    @pytest.fixture
    def made(self, cloud: LocalCloud) -> dict[str, Any]:
        """Keys by name: two tokens, an expired and a disabled one, and what is none."""
        mark = "icr.access.cr_token us-south"
        in_team = {"roles": ["Reader", "Writer"], "region": "us-south"}
        entries = [
            {
                "name": "b",
                "description": mark,
                "policies": [{**in_team, "namespace": "team-a"}],
                "api_keys": [{"name": "b", "store_value": True}, {"name": "hand"}],
            },
            {
                "name": "a",
                "description": mark,
                "api_keys": [
                    {"name": "a", "store_value": True, "expires_at": 4_000_000_000},
                    {"name": "a", "expires_at": 1_000_000_000},
                    {"name": "a", "disabled": True},
                ],
            },
            {"name": "c", "description": "icr.access.cr_token eu-de"},
            {"name": "d", "description": "by hand"},
            {"name": "e", "description": mark, "api_keys": []},
        ]
        seeded = cloud.seed(service_ids=entries)["service_ids"]
        return {each["name"]: each["api_keys"] for each in seeded}

    def test_nothing_is_an_empty_list(self, cloud: LocalCloud, run: Run) -> None:
        result = run(backend="iam")
        assert (result["changed"], result["tokens"]) == (False, [])
        assert cloud.requests() == [EXCHANGE, "GET /v1/serviceids/"]

    def test_tokens_and_no_other_keys(
        self, cloud: LocalCloud, run: Run, made: dict[str, Any]
    ) -> None:
        result = run(backend="iam")
        rows = {row["token_id"]: row for row in result["tokens"]}
        assert rows.keys() == {made["b"][0]["id"], *(key["id"] for key in made["a"])}
        assert rows[made["b"][0]["id"]] == {
            "token_id": made["b"][0]["id"],
            "description": "b",
            "readwrite": True,
            "namespaces": ["team-a"],
            "non_expiring": True,
            "expires_at": None,
            "expired": False,
            "revoked": False,
        }
        alive, ended, disabled = (rows[key["id"]] for key in made["a"])
        assert [row["expired"] for row in (alive, ended, disabled)] == [
            False,
            True,
            False,
        ]
        assert [row["revoked"] for row in (alive, ended, disabled)] == [
            False,
            False,
            True,
        ]
        assert alive["namespaces"] == []
        assert not any("token" in row for row in result["tokens"])
        assert cloud.writes() == []

    def test_reveals_what_is_stored(self, run: Run, made: dict[str, Any]) -> None:
        rows = {
            row["token_id"]: row["token"]
            for row in run(backend="iam", reveal=True)["tokens"]
        }
        assert rows[made["b"][0]["id"]] == made["b"][0]["value"]
        assert rows[made["a"][1]["id"]] is None

    @pytest.mark.parametrize("by", ["description", "token_id"])
    def test_filters(self, run: Run, made: dict[str, Any], by: str) -> None:
        value = "b" if by == "description" else made["b"][0]["id"]
        assert ids(run(backend="iam", **{by: value})) == [made["b"][0]["id"]]

    def test_vanished_while_it_is_read(
        self, cloud: LocalCloud, run: Run, made: dict[str, Any]
    ) -> None:
        key_id = made["b"][0]["id"]
        body = '{"errors": [{"code": "not_found"}]}'
        cloud.fault(kind="text", path=f"/v1/apikeys/{key_id}", status=404, body=body)
        rows = run(backend="iam", description="b", reveal=True)
        assert rows["tokens"] == []

    def test_value_in_place_of_the_id_is_not_repeated(self, run: Run) -> None:
        result = run(backend="iam", token_id="canary")
        assert result["failed"] is True
        assert "canary" not in str(result)
