# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml

from ansible_collections.icr.access.plugins.module_utils._module import CLOUD_OPTIONS
from ansible_collections.icr.access.plugins.modules import (
    cr_service_id,
    cr_service_id_info,
)
from ansible_collections.icr.access.tests.unit.plugins.conftest import Result, RunModule
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud

Run = Callable[..., Result]
EXCHANGE = "POST /identity/token"
LIST = "GET /v1/serviceids/"
POLICIES = "GET /v2/policies"
ENTRY = {"roles": ["Reader"], "region": "us-south", "namespaces": ["team-a"]}


@pytest.fixture
def run(
    local_cloud: LocalCloud, run_module: RunModule, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Runs the module on the local cloud."""
    for name in ("IC_API_KEY", "IBMCLOUD_API_KEY", "ICR_ENDPOINTS"):
        monkeypatch.delenv(name, raising=False)

    def start(**options: object) -> Result:
        given = {"api_key": local_cloud.api_key, "endpoints": local_cloud.endpoints}
        local_cloud.requests()
        return run_module(cr_service_id_info.main, {**given, "retries": 0, **options})

    return start


def seed_three(cloud: LocalCloud) -> list[str]:
    reader = {"roles": ["Reader"], "namespace": "team-a", "region": "us-south"}
    entries = [
        {"name": "b", "policies": [reader]},
        {"name": "a"},
        {"name": "a", "policies": [{"roles": ["Manager"]}]},
    ]
    made = cloud.seed(
        namespaces=[{"name": "team-a", "region": "us-south"}], service_ids=entries
    )
    return [each["id"] for each in made["service_ids"]]


class TestListing:
    def test_all_by_name_and_id_with_their_access(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        first, second, third = seed_three(local_cloud)
        found = run()["service_ids"]
        assert [each["id"] for each in found] == [*sorted([second, third]), first]
        access = {each["id"]: each["access"] for each in found}
        everything = {"roles": ["Manager"], "region": None, "namespaces": None}
        assert access == {first: [ENTRY], second: [], third: [everything]}
        assert local_cloud.requests() == [EXCHANGE, LIST, POLICIES]

    def test_one_by_name_as_the_module_that_makes_it_shows_it(
        self, run: Run, run_module: RunModule, local_cloud: LocalCloud
    ) -> None:
        seed_three(local_cloud)
        (found,) = run(name="b")["service_ids"]
        options = {"api_key": local_cloud.api_key, "endpoints": local_cloud.endpoints}
        made = run_module(
            cr_service_id.main, {**options, "name": "b", "access": found["access"]}
        )
        assert (made["changed"], made["service_id"]) == (False, found)

    @pytest.mark.parametrize("prefix", ["", "iam-"])
    def test_one_by_id(self, run: Run, local_cloud: LocalCloud, prefix: str) -> None:
        first, *_rest = seed_three(local_cloud)
        (found,) = run(id=prefix + first)["service_ids"]
        assert (found["id"], found["access"]) == (first, [ENTRY])
        assert local_cloud.requests() == [
            EXCHANGE,
            f"GET /v1/serviceids/{first}",
            POLICIES,
        ]
        assert run(id=first, name="a")["service_ids"] == []

    def test_two_of_one_name_are_both_there(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        seed_three(local_cloud)
        assert len(run(name="a")["service_ids"]) == 2

    @pytest.mark.parametrize("options", [{"name": "nobody"}, {"id": "ServiceId-0"}, {}])
    def test_nothing_is_an_empty_list(
        self, run: Run, local_cloud: LocalCloud, options: dict[str, str]
    ) -> None:
        result = run(**options)
        assert (result["service_ids"], result["changed"]) == ([], False)
        assert POLICIES not in local_cloud.requests()

    def test_slips_are_told(self, run: Run, local_cloud: LocalCloud) -> None:
        assert "a name goes into name" in run(id="ci")["msg"]
        assert "give it in id" in run(name="ServiceId-0")["msg"]
        assert local_cloud.requests() == []


def test_documentation_and_options_agree() -> None:
    documented = yaml.safe_load(cr_service_id_info.DOCUMENTATION)["options"]
    assert {*documented, *CLOUD_OPTIONS} == set(cr_service_id_info.OPTIONS)


def test_both_modules_return_the_same() -> None:
    (one,) = (yaml.safe_load(cr_service_id.RETURN)["service_id"]["contains"],)
    listed = yaml.safe_load(cr_service_id_info.RETURN)["service_ids"]["contains"]
    assert one == listed
