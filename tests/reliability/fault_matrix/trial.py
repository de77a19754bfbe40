# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Scenarios are played, undisturbed and under faults; what there is to complain of then."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.icr.access.tests.reliability.fault_matrix import complaints
from ansible_collections.icr.access.tests.reliability.fault_matrix.advice import (
    advice_of,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.census import (
    Census,
    census,
    has_working_credential,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.complaints import (
    Result,
    failure_of,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.faults import (
    ONCE,
    Fault,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.refusals import (
    Refusals,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.scenarios import (
    Scenario,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.stage import (
    Stage,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.targets import (
    Target,
    targets_of,
)
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud

# What a module gives back, when it is given its options.
Run = Callable[[str, Mapping[str, Any]], Result]


@dataclass(frozen=True)
class Rehearsal:
    """How a scenario goes when nothing goes wrong. `is_working`: before and after it somebody
    has a credential that works."""

    scenario: Scenario
    targets: list[Target]
    is_changed: bool
    claims: dict[str, object]
    before: Census
    after: Census
    is_working: bool


@dataclass(frozen=True)
class Trial:
    """How it went under a fault. `sent` is how often each request was that met it, `keys` are
    the values of the keys that there were before."""

    rehearsal: Rehearsal
    target: Target
    fault: Fault
    stage: Stage
    options: dict[str, Any]
    result: Result
    sent: list[int]
    keys: set[str]


class Trials:
    """Plays scenarios on a cloud, with a folder for the host. `secrets` are the values of all
    keys that there ever were; `searches` and `leaks` count the results searched for them."""

    def __init__(
        self,
        cloud: LocalCloud,
        folder: Path,
        run: Run,
        refusals: Refusals,
        secrets: set[str],
    ) -> None:
        self._cloud = cloud
        self._folder = folder
        self._run = run
        self._refusals = refusals
        self._secrets = secrets
        self.searches = self.leaks = 0

    def rehearse(self, scenario: Scenario) -> Rehearsal:
        """Fails when it does not succeed, or not in one run."""
        stage, options = self._begin(scenario)
        before = census(stage)
        works = has_working_credential(stage, self._keys())
        result = self._run(scenario.module, options)
        assert failure_of(result) is None, result
        targets = targets_of(self._cloud.journal())
        after = census(stage)
        works &= has_working_credential(stage, self._keys() | _told(result))
        again = self._run(scenario.module, options)
        assert (again.get("changed"), census(stage)) == (False, after), again
        claims = complaints.claims_of(result)
        return Rehearsal(
            scenario, targets, result["changed"], claims, before, after, works
        )

    def complaints(
        self, rehearsal: Rehearsal, target: Target, fault: Fault
    ) -> list[str] | None:
        """What is wrong, during the run with the fault and with those after it; None when that
        request is not made."""
        trial = self._play(rehearsal, target, fault)
        if not trial.sent:
            return None
        leaks = list(complaints.of_secrets(trial.result, self._secrets))
        self.searches += 1
        self.leaks += bool(leaks)
        return [
            *leaks,
            *of_result(trial),
            *of_state(trial, self._secrets),
            *self._of_next_runs(trial),
        ]

    def _begin(self, scenario: Scenario) -> tuple[Stage, dict[str, Any]]:
        assert self._cloud.control("POST", "/reset").status == 204
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        stage = Stage(self._cloud, self._folder)
        options = scenario.prepare(stage)
        self._cloud.requests()
        return stage, options

    def _play(self, rehearsal: Rehearsal, target: Target, fault: Fault) -> Trial:
        scenario = rehearsal.scenario
        stage, options = self._begin(scenario)
        keys = self._keys()
        if fault.refuses:
            self._refusals.begin(target.position, once=fault.reach == ONCE)
        answer = self._cloud.control("POST", "/faults", fault.rule_for(target))
        assert answer.status == 201, answer.body
        result = self._run(scenario.module, {**options, **fault.options})
        sent = complaints.times_sent(self._cloud.journal())
        if fault.refuses:
            sent = [self._refusals.count] * bool(self._refusals.count)
        self._mend(fault)
        return Trial(rehearsal, target, fault, stage, options, result, sent, keys)

    def _mend(self, fault: Fault) -> None:
        self._refusals.end()
        assert self._cloud.control("DELETE", "/faults").status == 204
        # whoever logs in with an access token would need another one
        self._cloud.advance(-fault.seconds_lost)

    def _keys(self) -> set[str]:
        return {key.value for key in self._cloud.app.state.api_keys.values()}

    def _run_as_advised(self, trial: Trial, text: str) -> str | None:
        """Another run, after what a message advises; what went wrong then."""
        for module, options in advice_of(text, trial.stage.region):
            self._run(module, options)
        return failure_of(self._run(trial.rehearsal.scenario.module, trial.options))

    def _of_next_runs(self, trial: Trial) -> Iterator[str]:
        """One that mends what is left to be done, and one that has nothing to do."""
        module = trial.rehearsal.scenario.module
        after = trial.rehearsal.after
        text = failure_of(trial.result)
        if text is not None:
            failure = self._run_as_advised(trial, text)
            # it may only show now what was left behind
            if failure is not None and any(advice_of(failure, trial.stage.region)):
                failure = self._run_as_advised(trial, failure)
            if failure is not None:
                yield f"fails when run again: {failure} (at first: {text})"
                return
            for each in differences(census(trial.stage), after):
                yield f"when run again, {each} (at first: {text})"
        last = self._run(module, trial.options)
        failure = failure_of(last)
        if failure is not None or last["changed"]:
            yield f"is never done: {failure or last}"
        for each in differences(census(trial.stage), after):
            yield f"in the end, {each}"


def of_result(trial: Trial) -> Iterator[str]:
    """What there is to complain of in what was told. Pure."""
    result, fault = trial.result, trial.fault
    if "crash" in result:
        yield f"crashes: {result['crash']}"
        return
    text = failure_of(result)
    if text is None:
        if result["changed"] != trial.rehearsal.is_changed:
            yield f"succeeds, but tells changed: {result['changed']}"
        claims = complaints.claims_of(result)
        # warnings may be more
        if {**claims, "warnings": 0} != {**trial.rehearsal.claims, "warnings": 0}:
            yield f"succeeds, but tells of {claims}, not {trial.rehearsal.claims}"
        return
    if fault.must_be_survived(trial.target):
        yield f"fails: {text}"
    sent = [min(each, fault.most_tries) for each in trial.sent]
    if not fault.is_transient:
        sent = [1]
    for complaint in complaints.of_text(text, fault.told, sent):
        yield f"{complaint}: {text}"


def of_state(trial: Trial, secrets: set[str]) -> Iterator[str]:
    """What there is to complain of in the cloud and on the host, before another run."""
    rehearsal, stage = trial.rehearsal, trial.stage
    found = census(stage)
    if failure_of(trial.result) is None:
        for each in differences(found, rehearsal.after):
            yield f"succeeds, but {each}"
    ways = [way["files"] for way in (rehearsal.before, rehearsal.after)]
    if stage.auth_file.exists() and found["files"] not in ways:
        yield f"leaves a file that is neither old nor new: {found['files']}"
    if stage.dest.exists() and stage.dest.read_text().strip() not in secrets:
        yield "leaves a file that holds no key"
    known = trial.keys | _told(trial.result)
    if rehearsal.is_working and not has_working_credential(stage, known):
        yield "leaves nobody a credential that works"


def differences(found: Census, expected: Census) -> Iterator[str]:
    """What is not as it should be, or is there twice, or should not be there. Pure."""
    for kind, elements in found.items():
        if elements != expected[kind]:
            yield f"the {kind} are {elements}, not {expected[kind]}"


def _told(result: Result) -> set[str]:
    value = (result.get("api_key") or {}).get("value")
    return {value} if value else set()
