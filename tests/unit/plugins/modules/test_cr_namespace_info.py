# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""cr_namespace_info from its options to its result, on the local IBM Cloud."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._regions import expand_regions
from ansible_collections.icr.access.plugins.modules.cr_namespace_info import main
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import (
    LocalCloud,
)

EXCHANGE = "POST /identity/token"
LIST = "GET /api/v1/namespaces/details"

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def cloud(local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> LocalCloud:
    for name in ("IC_API_KEY", "IBMCLOUD_API_KEY", "IC_IAM_TOKEN", "ICR_ENDPOINTS"):
        monkeypatch.delenv(name, raising=False)
    local_cloud.seed(
        namespaces=[
            {"region": "us-south", "name": "team-b"},
            {"region": "us-south", "name": "team-a"},
            {"region": "global", "name": "team-a", "without_resource_group": True},
        ]
    )
    return local_cloud


@pytest.fixture
def run(cloud: LocalCloud, run_module: Run) -> Run:
    def run_here(**options: Any) -> dict[str, Any]:
        shared = {
            "endpoints": cloud.endpoints,
            "api_key": cloud.api_key,
            "retries": 0,
        }
        return run_module(main, {**shared, **options}, check_mode=True)

    return run_here


def places(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["region"], each["name"]) for each in result["namespaces"]]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({"region": "eu-de"}, [], id="nothing there"),
        pytest.param(
            {"region": "us-south"},
            [("us-south", "team-a"), ("us-south", "team-b")],
            id="one region",
        ),
        pytest.param(
            {"region": ["global", "us-east"]},
            [("global", "team-a"), ("us-south", "team-a"), ("us-south", "team-b")],
            id="in the order of the regions",
        ),
        pytest.param(
            {"region": ["us-south", "global"], "name": "team-a"},
            [("us-south", "team-a"), ("global", "team-a")],
            id="of a name",
        ),
        pytest.param({"region": "all", "name": "team"}, [], id="not by a part"),
    ],
)
def test_what_is_found(
    run: Run, options: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    result = run(**options)
    assert result["changed"] is False
    assert places(result) == expected


def test_one_exchange_and_one_request_for_each_region(
    cloud: LocalCloud, run: Run
) -> None:
    run(region="all")
    assert cloud.requests() == [EXCHANGE] + [LIST] * len(expand_regions(["all"]))


def test_namespace_is_told_as_cr_namespace_tells_it(
    cloud: LocalCloud, run: Run
) -> None:
    (first, _second) = run(region="us-south")["namespaces"]
    assert first["account_id"] == cloud.account_id
    assert first["crn"].endswith("::namespace:team-a")
    assert first["resource_group"] == cloud.app.state.founder.resource_group
    assert run(region="global")["namespaces"][0]["resource_group"] is None


def test_caller_without_rights_is_told_of_none(cloud: LocalCloud, run: Run) -> None:
    key = cloud.service_id(policies=[{"roles": ["Writer"]}])["api_key"]
    assert places(run(region="us-south", api_key=key)) == []


@pytest.mark.parametrize(
    ("region", "said"),
    [([], "region is empty"), (["mars"], "no registry region 'mars'")],
)
def test_nonsense_is_told_before_anything_is_asked(
    cloud: LocalCloud, run: Run, region: list[str], said: str
) -> None:
    assert said in run(region=region)["msg"]
    assert cloud.requests() == []
