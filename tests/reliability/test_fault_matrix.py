# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Every module under every fault at every request that it makes."""

from __future__ import annotations

import importlib
import itertools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible import constants

from ansible_collections.icr.access.plugins.lookup import iam_token
from ansible_collections.icr.access.plugins.module_utils import (
    _api_key_change,
    _cloud,
    _service_id_change,
    _waiting,
)
from ansible_collections.icr.access.plugins.module_utils._errors import AccessError
from ansible_collections.icr.access.plugins.module_utils._verdict import Settings
from ansible_collections.icr.access.tests.reliability.fault_matrix.complaints import (
    Result,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.refusals import (
    Refusals,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.scenarios import (
    LOOKUP,
    SCENARIOS,
    Scenario,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.selection import (
    pairs,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.table import record
from ansible_collections.icr.access.tests.reliability.fault_matrix.trial import (
    Run,
    Trials,
)
from ansible_collections.icr.access.tests.reliability.tally import Tally
from ansible_collections.icr.access.tests.unit.plugins.conftest import RunModule
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud
from icr_sandbox.state import State

_PLUGINS = "ansible_collections.icr.access.plugins"
# They wait for what IBM Cloud shows late; five minutes are many requests that fail.
_WAITING = ("cr_apikey", "cr_service_id", "cr_token")
_LOOKUP_DEFAULTS: dict[str, Any] = {
    name: option.get("default")
    for name, option in yaml.safe_load(iam_token.DOCUMENTATION)["options"].items()
}


@pytest.fixture(autouse=True)
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits, but whoever measures a pause finds it over. No test here is about
    certificates, or a machine that loses power."""
    waited = 0.0

    def wait(seconds: float) -> None:
        nonlocal waited
        waited += seconds

    monkeypatch.setitem(Settings._field_defaults, "sleep", wait)
    for module in (_waiting, _api_key_change, _service_id_change):
        monkeypatch.setattr(module, "sleep", wait)
    monkeypatch.setattr(_waiting, "monotonic", lambda: waited)
    monkeypatch.setattr(_cloud, "store_to_verify_with", lambda settings: True)
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The values of all keys that there ever were."""
    found: set[str] = set()
    add = State.add_key

    def add_key(state: State, key: Any) -> None:
        found.add(key.value)
        add(state, key)

    monkeypatch.setattr(State, "add_key", add_key)
    return found


@pytest.fixture
def run(
    local_cloud: LocalCloud,
    run_module: RunModule,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """`run(module, options)`: its result, with `crash` in it where it did not end as it should."""
    for name in ("IC_API_KEY", "IBMCLOUD_API_KEY", "IC_IAM_TOKEN", "ICR_ENDPOINTS"):
        monkeypatch.delenv(name, raising=False)
    folders = (tmp_path / f"run-{number}" for number in itertools.count())

    def look_up(options: Mapping[str, Any]) -> Result:
        folder = next(folders)
        folder.mkdir()
        monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(folder))
        try:
            token = iam_token.find_token([], {**_LOOKUP_DEFAULTS, **options}, {})
        except AccessError as error:
            return {"failed": True, "msg": str(error)}
        return {"token": token, "changed": False}

    def start(module: str, options: Mapping[str, Any]) -> Result:
        given = {"endpoints": local_cloud.endpoints, **options}
        if not module.startswith("cr_login"):
            given = {"api_key": local_cloud.api_key, **given}
        if module in _WAITING:
            given = {"wait_timeout": "20s", **given}
        try:
            if module == LOOKUP:
                return look_up(given)
            main = importlib.import_module(f"{_PLUGINS}.modules.{module}").main
            return run_module(main, {k: v for k, v in given.items() if v is not None})
        except Exception as error:
            return {"failed": True, "msg": "", "crash": repr(error)}

    return start


@pytest.fixture
def trials(
    local_cloud: LocalCloud,
    tmp_path: Path,
    run: Run,
    secrets: set[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Trials:
    refusals = Refusals(monkeypatch)
    return Trials(local_cloud, tmp_path / "host", run, refusals, secrets)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_is_survived(
    scenario: Scenario,
    trials: Trials,
    soak: bool,
    tally: Tally,
    request: pytest.FixtureRequest,
) -> None:
    rehearsal = trials.rehearse(scenario)
    of_module = [each for each in SCENARIOS if each.module == scenario.module]
    turn = of_module.index(scenario)
    found = []
    for target, fault in pairs(
        rehearsal.targets, turn, len(of_module), everything=soak
    ):
        complaints = trials.complaints(rehearsal, target, fault)
        if complaints is None:
            continue
        is_survived = not complaints
        record(request.node, str(scenario), fault.column, survived=is_survived)
        tally.count("faults", survived=int(is_survived))
        found += [f"{target} / {fault}: {each}" for each in complaints]
    tally.count("canary searches", trials.searches, leaks=trials.leaks)
    assert found == [], "\n".join(["", *found])
