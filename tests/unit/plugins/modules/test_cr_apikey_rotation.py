# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""One key follows another on the local cloud: undisturbed, killed anywhere, refused, late."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils import (
    _secret_file,
    _waiting,
)
from ansible_collections.icr.access.plugins.module_utils._cloud import CloudSession
from ansible_collections.icr.access.plugins.module_utils._sole_run import sole_run
from ansible_collections.icr.access.plugins.modules import cr_apikey
from ansible_collections.icr.access.tests.unit.plugins.conftest import Result, RunModule
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud

Run = Callable[..., Result]
EXCHANGE, LIST = "POST /identity/token", "GET /v1/apikeys"
DETAILS, MAKE = "GET /v1/apikeys/details", "POST /v1/apikeys"
YEAR = 365 * 86400


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IC_API_KEY", "IBMCLOUD_API_KEY", "IC_IAM_TOKEN", "ICR_ENDPOINTS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here is about a machine that loses power."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture
def run(local_cloud: LocalCloud, run_module: RunModule) -> Run:
    """Runs the module on the local cloud for the key `n`, rotating always."""

    def start(
        check_mode: bool = False, diff: bool = False, **options: object
    ) -> Result:
        given = {
            "api_key": local_cloud.api_key,
            "endpoints": local_cloud.endpoints,
            "retries": 0,
            "name": "n",
            "rotate": "always",
            **options,
        }
        local_cloud.requests()
        return run_module(cr_apikey.main, given, check_mode=check_mode, diff=diff)

    return start


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "key"


@pytest.fixture
def pauses(local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited, on the clock of the local cloud only."""
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        local_cloud.advance(seconds)

    monkeypatch.setattr(_waiting, "sleep", pause)
    monkeypatch.setattr(_waiting, "monotonic", lambda: sum(waited))
    return waited


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """The module runs that much later."""
    clock = SimpleNamespace(time=lambda: time.time() + seconds)
    monkeypatch.setattr(cr_apikey, "time", clock)


@pytest.fixture
def minutes(
    local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """Lets two minutes go by: IBM Cloud tells the minute in which a key was made."""
    passed = 0

    def pass_by() -> None:
        nonlocal passed
        passed += 120
        local_cloud.advance(120)
        later(monkeypatch, passed)

    return pass_by


def names(cloud: LocalCloud, iam_id: str | None = None) -> list[str]:
    """What the keys are called, but for the one that calls."""
    keys = cloud.keys_of(iam_id or cloud.owner_iam_id).values()
    return sorted(key.name for key in keys if key.name not in ("owner", "key"))


def is_usable(cloud: LocalCloud, value: str) -> bool:
    key = cloud.app.state.key_by_value(value)
    return bool(
        key
        and not key.disabled
        and not cloud.app.state.is_expired(key)
        and key.usable_at <= cloud.app.state.clock.now()
    )


class TestUndisturbed:
    def test_new_key_takes_name_and_file(
        self, run: Run, local_cloud: LocalCloud, dest: Path
    ) -> None:
        first = run(
            dest=str(dest), rotate="never", description="d", action_when_leaked="none"
        )
        second = run(dest=str(dest))
        assert (second["changed"], second["rotated"]) == (True, True)
        assert second["api_key"]["id"] != first["api_key"]["id"]
        assert dest.read_text() == second["api_key"]["value"]
        assert is_usable(local_cloud, dest.read_text())
        assert names(local_cloud) == ["n"]
        assert second["previous"] == [
            {
                "id": first["api_key"]["id"],
                "disabled": False,
                "locked": False,
                "removed": True,
                "until": None,
            }
        ]
        for field in ("name", "description", "action_when_leaked", "expires_at"):
            assert second["api_key"][field] == first["api_key"][field]

    def test_requests(self, run: Run, local_cloud: LocalCloud, dest: Path) -> None:
        old = run(dest=str(dest))["api_key"]["id"]
        new = run(dest=str(dest))["api_key"]["id"]
        assert local_cloud.requests() == [
            EXCHANGE,
            LIST,
            DETAILS,
            MAKE,
            LIST,
            EXCHANGE,
            f"PUT /v1/apikeys/{old}",
            f"PUT /v1/apikeys/{new}",
            f"DELETE /v1/apikeys/{old}",
        ]

    def test_young_key_stays(
        self,
        run: Run,
        local_cloud: LocalCloud,
        dest: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        options = {"dest": str(dest), "rotate": "if_older", "max_age": "30d"}
        assert run(**options)["rotated"]
        again = run(**options)
        assert (again["changed"], again["rotated"], again["previous"]) == (
            False,
            False,
            [],
        )
        assert local_cloud.requests() == [EXCHANGE, LIST, DETAILS]
        later(monkeypatch, 31 * 86400)
        local_cloud.advance(31 * 86400)
        assert run(**options)["rotated"]
        assert names(local_cloud) == ["n"]

    def test_key_before_is_kept_as_long_as_asked_for(
        self,
        run: Run,
        local_cloud: LocalCloud,
        dest: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        options = {"dest": str(dest), "keep_previous": "1h"}
        run(**options)
        old = dest.read_text()
        kept = run(**options)["previous"]
        assert (names(local_cloud), kept[0]["removed"]) == (
            ["n", "n (previous)"],
            False,
        )
        assert kept[0]["until"]
        assert is_usable(local_cloud, old)
        assert not run(**options)["changed"]
        later(monkeypatch, 3700)
        gone = run(**options)
        assert (gone["changed"], gone["rotated"]) == (True, False)
        assert gone["previous"][0]["removed"]
        assert names(local_cloud) == ["n"]
        assert run(**options)["rotated"]

    def test_leaked_key_is_disabled_to_be_followed_by_another_at_once(
        self, run: Run, local_cloud: LocalCloud, dest: Path
    ) -> None:
        options = {"dest": str(dest), "keep_previous": "1h"}
        assert "warnings" not in run(**options)
        leaked = run(**options)["api_key"]["id"]
        told = run(**options)
        assert not told["rotated"]
        assert f"API key {leaked} (n) stays in force" in str(told["warnings"])
        assert f"id: {leaked}, disabled: true" in str(told["warnings"])
        run(name=None, id=leaked, rotate="never", disabled=True)
        last = run(**options)
        assert (last["rotated"], last.get("warnings")) == (True, None)
        assert is_usable(local_cloud, dest.read_text())

    def test_kept_for_ever_is_left_to_others(
        self, run: Run, local_cloud: LocalCloud, dest: Path
    ) -> None:
        options = {"dest": str(dest), "keep_previous": "forever"}
        run(**options)
        first = run(**options)
        assert not run(**options)["changed"]
        run(name=None, id=first["previous"][0]["id"], rotate="never", disabled=True)
        assert run(**options)["rotated"]
        assert names(local_cloud) == ["n", "n (previous)", "n (previous)"]

    def test_life_is_as_long_as_before(
        self,
        run: Run,
        local_cloud: LocalCloud,
        dest: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        run(dest=str(dest), expires_in="40d")
        later(monkeypatch, 30 * 86400)
        local_cloud.advance(30 * 86400)
        made = run(dest=str(dest))["api_key"]
        ends = time.time() + 70 * 86400
        told = next(
            key
            for key in local_cloud.keys_of(local_cloud.owner_iam_id).values()
            if key.id == made["id"]
        ).expires_at
        assert abs(told - ends) < 180

    def test_stored_value_is_stored_again_and_needs_no_file(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        owner = local_cloud.service_id("ci")["iam_id"]
        first = run(service_id="ci", store_value=True)
        second = run(service_id="ci")
        assert second["previous"][0]["removed"]
        assert names(local_cloud, owner) == ["n"]
        assert local_cloud.keys_of(owner)[second["api_key"]["id"]].store_value
        assert first["api_key"]["value"] != second["api_key"]["value"]

    def test_value_told_by_the_result_alone_keeps_the_key_before(
        self, run: Run, local_cloud: LocalCloud, minutes: Callable[[], None]
    ) -> None:
        values = []
        for _turn in range(4):
            values.append(run()["api_key"]["value"])
            minutes()
        usable = [is_usable(local_cloud, value) for value in values]
        assert usable == [False, True, True, True]
        assert names(local_cloud) == ["n", "n (previous)", "n (previous)"]

    @pytest.mark.parametrize("state", ["locked", "disabled"])
    def test_state_that_is_asked_for(
        self, run: Run, local_cloud: LocalCloud, dest: Path, state: str
    ) -> None:
        run(dest=str(dest), rotate="never", disabled=state == "disabled")
        result = run(dest=str(dest), **({"locked": True} if state == "locked" else {}))
        assert result["api_key"]["locked"] is (state == "locked")
        assert result["api_key"]["disabled"] is False
        assert names(local_cloud) == ["n"]

    def test_ended_key_is_due(
        self,
        run: Run,
        local_cloud: LocalCloud,
        dest: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        options = {"dest": str(dest), "rotate": "if_older", "max_age": "999d"}
        run(**options, expires_in="1h")
        later(monkeypatch, 7200)
        local_cloud.advance(7200)
        assert run(**options, keep_previous="forever")["rotated"]
        assert names(local_cloud) == ["n"]
        assert is_usable(local_cloud, dest.read_text())

    def test_lost_file_is_mended_by_another_key(
        self, run: Run, local_cloud: LocalCloud, dest: Path
    ) -> None:
        run(rotate="never")
        refused = run(dest=str(dest), rotate="if_older", max_age="1d")
        assert "rotate: always" in refused["msg"]
        assert run(dest=str(dest))["rotated"]
        assert is_usable(local_cloud, dest.read_text())
        assert names(local_cloud) == ["n"]


class TestAbsent:
    def test_takes_what_rotations_have_left(
        self, run: Run, local_cloud: LocalCloud, dest: Path
    ) -> None:
        options = {"dest": str(dest), "keep_previous": "forever"}
        run(**options)
        run(**options)
        local_cloud.seed(api_keys=[{"name": "n (next)"}])
        warned = run(state="absent", rotate="never", check_mode=True)
        assert "have left" in str(warned["warnings"])
        predicted = run(state="absent", check_mode=True, diff=True)
        assert names(local_cloud) == ["n", "n (next)", "n (previous)"]
        real = run(state="absent", diff=True)
        assert (predicted["changed"], predicted["diff"]) == (True, real["diff"])
        assert names(local_cloud) == []
        assert not run(state="absent")["changed"]

    def test_key_is_not_made_beside_an_unfinished_rotation(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        local_cloud.seed(api_keys=[{"name": "n (previous)"}])
        result = run(rotate="never")
        assert "of a rotation that was interrupted" in result["msg"]
        assert local_cloud.writes() == []


SITUATIONS: list[tuple[str, list[str], dict[str, Any]]] = [
    ("first", [], {}),
    ("always", ["n"], {}),
    ("kept", ["n"], {"keep_previous": "1h"}),
    ("young", ["n"], {"rotate": "if_older", "max_age": "1d"}),
    ("changed", ["n"], {"rotate": "if_older", "max_age": "1d", "description": "x"}),
    ("orphan", ["n", "n (next)"], {}),
    (
        "orphan of a young key",
        ["n", "n (next)"],
        {"rotate": "if_older", "max_age": "1d"},
    ),
    ("open", ["n", "n (previous)"], {"rotate": "if_older", "max_age": "1d"}),
    ("none in force", ["n (previous)"], {}),
]


class TestCheckMode:
    @pytest.mark.parametrize(
        ("before", "options"),
        [situation[1:] for situation in SITUATIONS],
        ids=[situation[0] for situation in SITUATIONS],
    )
    @pytest.mark.parametrize("with_file", [False, True])
    def test_predicts_what_then_happens_and_reads_only(
        self,
        run: Run,
        local_cloud: LocalCloud,
        dest: Path,
        before: list[str],
        options: dict[str, Any],
        with_file: bool,
    ) -> None:
        value = "v" * 44
        for name in before:
            given = {"value": value} if name == before[0] else {}
            local_cloud.seed(api_keys=[{"name": name, **given}])
        if with_file:
            options = {**options, "dest": str(dest)}
            if before:
                dest.write_text(value)
                dest.chmod(0o600)
        predicted = run(check_mode=True, diff=True, **options)
        assert local_cloud.writes() == []
        real = run(diff=True, **options)
        for part in ("changed", "diff", "rotated", "previous", "dest"):
            assert predicted[part] == real[part]
        assert bool(local_cloud.writes()) is real["changed"]
        for name, told in predicted["api_key"].items():
            if told is not None and name != "modified_at":
                assert real["api_key"][name] == told


class TestLate:
    """IBM Cloud accepts the new key some time after it has made it."""

    def test_file_changes_when_the_key_is_accepted(
        self, run: Run, local_cloud: LocalCloud, dest: Path, pauses: list[float]
    ) -> None:
        run(dest=str(dest))
        local_cloud.switch(api_key_visibility_seconds=20)
        start = local_cloud.app.clock.now()
        assert run(dest=str(dest))["rotated"]
        # that clock goes on by itself, too
        assert local_cloud.app.clock.now() - start >= 20
        assert sum(pauses) < 30
        assert is_usable(local_cloud, dest.read_text())

    def test_nothing_has_changed_when_time_is_over(
        self, run: Run, local_cloud: LocalCloud, dest: Path, pauses: list[float]
    ) -> None:
        run(dest=str(dest))
        value = dest.read_text()
        local_cloud.switch(api_key_visibility_seconds=900)
        result = run(dest=str(dest), wait_timeout="2m")
        assert sum(pauses) == 120
        assert "Waited 120 s for IAM to accept API key" in result["msg"]
        assert "IAM answers 400 (BXNIM0415E)." in result["msg"]
        assert "The present key stays in force" in result["msg"]
        assert result["msg"].endswith("was deleted again.")
        assert (dest.read_text(), names(local_cloud)) == (value, ["n"])

    def test_first_key_of_a_rotation_leaves_nothing_when_time_is_over(
        self, run: Run, local_cloud: LocalCloud, dest: Path, pauses: list[float]
    ) -> None:
        local_cloud.switch(api_key_visibility_seconds=900)
        result = run(dest=str(dest), wait_timeout="1m")
        assert "present key" not in result["msg"]
        assert result["msg"].endswith("was deleted again.")
        assert (dest.exists(), names(local_cloud)) == (False, [])

    def test_first_key_is_kept_when_time_is_over(
        self, run: Run, local_cloud: LocalCloud, pauses: list[float]
    ) -> None:
        local_cloud.switch(api_key_visibility_seconds=900)
        result = run(rotate="never", wait_timeout="1m")
        assert result["failed"]
        assert "The key exists and is kept" in result["msg"]
        assert result["error"]["code"] == "BXNIM0415E"
        local_cloud.advance(900)
        assert is_usable(local_cloud, result["api_key"]["value"])

    @pytest.mark.parametrize("options", [{"wait": False}, {"disabled": True}])
    def test_is_not_waited_for(
        self, run: Run, local_cloud: LocalCloud, options: dict[str, Any]
    ) -> None:
        local_cloud.switch(api_key_visibility_seconds=900)
        assert run(rotate="never", **options)["changed"]
        assert run(rotate="never", description="x")["changed"]


class TestRefused:
    @pytest.mark.parametrize("status", [409, 422])
    def test_limit_of_keys(
        self, run: Run, local_cloud: LocalCloud, dest: Path, status: int
    ) -> None:
        local_cloud.switch(key_limit_status=status)
        run(dest=str(dest))
        value = dest.read_text()
        local_cloud.seed(api_keys=[{"name": f"k{number}"} for number in range(18)])
        before = names(local_cloud)
        result = run(dest=str(dest))
        assert "has 20 API keys, and IBM Cloud allows 20" in result["msg"]
        assert result["error"]["status"] == status
        assert local_cloud.writes() == [MAKE]
        assert (dest.read_text(), names(local_cloud)) == (value, before)

    def test_limit_that_was_raised(
        self, run: Run, local_cloud: LocalCloud, dest: Path
    ) -> None:
        local_cloud.seed(
            limits={"api_keys_per_identity": 50},
            api_keys=[{"name": f"k{number}"} for number in range(30)],
        )
        run(dest=str(dest))
        assert run(dest=str(dest))["rotated"]

    def test_locked_key(self, run: Run, local_cloud: LocalCloud, dest: Path) -> None:
        run(dest=str(dest), locked=True)
        result = run(dest=str(dest))
        assert "is locked, so that it cannot be rotated" in result["msg"]
        assert local_cloud.writes() == []
        assert run(dest=str(dest), locked=False)["rotated"]
        assert names(local_cloud) == ["n"]

    def test_file_of_another_key(
        self, run: Run, local_cloud: LocalCloud, dest: Path
    ) -> None:
        dest.write_text(local_cloud.api_key)
        for options in ({}, {"rotate": "if_older", "max_age": "1d"}):
            run(rotate="never")
            assert run(dest=str(dest), **options)["failed"]
            assert local_cloud.writes() == []
        assert dest.read_text() == local_cloud.api_key

    def test_another_run_is_at_it(
        self, run: Run, local_cloud: LocalCloud, dest: Path
    ) -> None:
        with sole_run(str(dest), "rotating a key"):
            result = run(dest=str(dest))
            assert "Another run is rotating a key for" in result["msg"]
            assert "run_once: true" in result["msg"]
            assert local_cloud.requests() == []
            assert run(dest=str(dest), check_mode=True)["rotated"]
            assert run(dest=f"{dest}.other", name="m")["rotated"]
        # what a killed run leaves is no lock
        dest.with_name(".key.run").touch()
        assert run(dest=str(dest))["rotated"]
        assert sorted(path.name for path in dest.parent.iterdir()) == [
            "key",
            "key.other",
        ]

    def test_file_that_cannot_be_written(
        self,
        run: Run,
        local_cloud: LocalCloud,
        dest: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        run(dest=str(dest))

        def fail(*_details: object) -> None:
            raise OSError("the disk is gone.")

        monkeypatch.setattr(_secret_file, "replace", fail)
        assert "was deleted again" in run(dest=str(dest))["msg"]
        assert names(local_cloud) == ["n"]

    def test_draft_that_is_listed_after_its_end_is_no_twin(
        self, run: Run, local_cloud: LocalCloud, dest: Path
    ) -> None:
        run(dest=str(dest))
        local_cloud.seed(api_keys=[{"name": "n (next)"}])
        draft = next(
            key
            for key in local_cloud.keys_of(local_cloud.owner_iam_id).values()
            if key.name == "n (next)"
        )
        wire = {"id": draft.id, "name": draft.name, "iam_id": draft.iam_id}
        local_cloud.fault(
            "text",
            LIST.split()[1],
            method="GET",
            status=200,
            body=json.dumps({"apikeys": [wire]}),
            skip=1,
        )
        assert run(dest=str(dest))["rotated"]
        assert names(local_cloud) == ["n"]

    def test_trouble_after_the_value_is_told_hides_it_not(
        self, run: Run, local_cloud: LocalCloud, minutes: Callable[[], None]
    ) -> None:
        for _turn in range(3):
            run()
            minutes()
        local_cloud.fault("status", "/v1/apikeys/*", method="DELETE", calls=0)
        result = run()
        assert (result["failed"], result["changed"]) == (True, True)
        assert "Run this again to finish the rotation" in result["msg"]
        assert is_usable(local_cloud, result["api_key"]["value"])

    @pytest.mark.parametrize("status", [409, 412])
    def test_key_that_somebody_changed_meanwhile_is_read_again(
        self, run: Run, local_cloud: LocalCloud, dest: Path, status: int
    ) -> None:
        run(dest=str(dest))
        body = '{"errors": [{"code": "conflict", "message": "stale"}]}'
        local_cloud.fault(
            "text", "/v1/apikeys/*", method="PUT", status=status, body=body
        )
        local_cloud.fault(
            "text",
            "/v1/apikeys/*",
            method="PUT",
            status=status,
            body=body,
            after=True,
            skip=1,
        )
        assert run(dest=str(dest))["rotated"]
        assert names(local_cloud) == ["n"]


class Killed(BaseException):
    """The process is gone: nothing that it would do after this is done."""


class Killer:
    """Ends the run at its `at`-th request, before it is sent or when it was answered; and
    has `watch` look at the world around each request of every run."""

    def __init__(self, watch: Callable[[], None]) -> None:
        self._watch = watch
        self._send = CloudSession.send
        self.count = 0
        self.at: int | None = None
        self.is_after = False

    def aim(self, at: int | None, is_after: bool = False) -> None:
        self.count, self.at, self.is_after = 0, at, is_after

    def has_struck(self) -> bool:
        return self.at is not None and self.count >= self.at

    def send(self, session: CloudSession, *arguments: Any, **more: Any) -> Any:
        self._watch()
        if self.has_struck():
            raise Killed
        self.count += 1
        if self.has_struck() and not self.is_after:
            raise Killed
        answer = self._send(session, *arguments, **more)
        self._watch()
        if self.has_struck():
            raise Killed
        return answer


class TestKilled:
    """After every single request in turn, and before it, the run ends; then it runs again."""

    @pytest.fixture
    def killer(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Killer]:
        def watch() -> None:
            # What a test replaces after this.
            self.watch()

        def send(session: CloudSession, *given: Any, **more: Any) -> Any:
            return killer.send(session, *given, **more)

        killer = Killer(watch)
        monkeypatch.setattr(CloudSession, "send", send)
        yield killer

    def watch(self) -> None:
        """Replaced by each test."""

    def kill_everywhere(
        self, killer: Killer, begin: Callable[[], None], start: Callable[[], Result]
    ) -> Iterator[str]:
        """From the same beginning, once for each moment, and its name when all is over."""
        begin()
        killer.aim(None)
        start()
        for number in range(1, killer.count + 1):
            for is_after in (False, True):
                begin()
                killer.aim(number, is_after)
                with pytest.raises(BaseException) as caught:
                    start()
                # what the runner of modules makes of it
                assert killer.has_struck(), caught.value
                killer.aim(None)
                result = start()
                assert not result.get("failed"), (number, is_after, result["msg"])
                yield f"{'after' if is_after else 'before'} request {number}"

    @pytest.mark.parametrize(
        ("owner", "first", "options"),
        [
            pytest.param(None, {}, {}, id="user"),
            pytest.param(
                None, {}, {"rotate": "if_older", "max_age": "300d"}, id="by age"
            ),
            pytest.param(None, {"locked": True}, {"locked": False}, id="unlocked"),
            pytest.param(
                None,
                {},
                {"rotate": "if_older", "max_age": "300d", "locked": True},
                id="locked",
            ),
            pytest.param("ci", {}, {}, id="service ID"),
            pytest.param("ci", {"store_value": True}, {}, id="stored, too"),
        ],
    )
    def test_file_holds_a_key_that_works_at_every_moment(
        self,
        run: Run,
        local_cloud: LocalCloud,
        dest: Path,
        killer: Killer,
        monkeypatch: pytest.MonkeyPatch,
        owner: str | None,
        first: dict[str, Any],
        options: dict[str, Any],
    ) -> None:
        more = {"dest": str(dest), **({"service_id": owner} if owner else {})}
        iam_id, late = "", 0
        clock = SimpleNamespace(time=lambda: time.time() + late)
        monkeypatch.setattr(cr_apikey, "time", clock)

        def begin() -> None:
            nonlocal iam_id, late
            monkeypatch.setattr(self, "watch", lambda: None)
            killer.aim(None)
            local_cloud.control("POST", "/reset")
            dest.unlink(missing_ok=True)
            iam_id = local_cloud.owner_iam_id
            if owner:
                iam_id = local_cloud.service_id(owner)["iam_id"]
            late = 0
            made = run(**more, **{"rotate": "never", **first})
            assert made.get("changed"), made
            if "max_age" in options:
                late = YEAR
                local_cloud.advance(YEAR)
            monkeypatch.setattr(self, "watch", watch)

        def watch() -> None:
            assert is_usable(local_cloud, dest.read_text())

        moments = 0
        for moment in self.kill_everywhere(
            killer, begin, lambda: run(**more, **options)
        ):
            assert names(local_cloud, iam_id) == ["n"], moment
            (key,) = [k for k in local_cloud.keys_of(iam_id).values() if k.name == "n"]
            assert key.value == dest.read_text(), moment
            assert key.store_value is first.get("store_value", False), moment
            moments += 1
        assert moments >= 18

    def test_first_key_leaves_no_other_behind(
        self, run: Run, local_cloud: LocalCloud, dest: Path, killer: Killer
    ) -> None:
        def begin() -> None:
            killer.aim(None)
            local_cloud.control("POST", "/reset")
            dest.unlink(missing_ok=True)

        options = {"dest": str(dest), "rotate": "if_older", "max_age": "1d"}
        for moment in self.kill_everywhere(killer, begin, lambda: run(**options)):
            assert names(local_cloud) == ["n"], moment
            assert is_usable(local_cloud, dest.read_text()), moment

    def test_stored_value_can_be_read_at_every_moment(
        self,
        run: Run,
        local_cloud: LocalCloud,
        killer: Killer,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        options = {"service_id": "ci", "store_value": True}

        def usable() -> list[Any]:
            keys = local_cloud.keys_of(self.owner).values()
            return [
                key
                for key in keys
                if key.store_value and is_usable(local_cloud, key.value)
            ]

        def begin() -> None:
            monkeypatch.setattr(self, "watch", lambda: None)
            killer.aim(None)
            local_cloud.control("POST", "/reset")
            self.owner = local_cloud.service_id("ci")["iam_id"]
            run(**options)
            monkeypatch.setattr(self, "watch", watch)

        def watch() -> None:
            assert usable()

        for moment in self.kill_everywhere(killer, begin, lambda: run(**options)):
            assert names(local_cloud, self.owner) == ["n"], moment

    def test_result_has_told_a_value_that_works_at_every_moment(
        self,
        run: Run,
        local_cloud: LocalCloud,
        killer: Killer,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        told: list[str] = []

        def start() -> Result:
            result = run()
            told.append(result["api_key"]["value"])
            return result

        def begin() -> None:
            monkeypatch.setattr(self, "watch", lambda: None)
            killer.aim(None)
            local_cloud.control("POST", "/reset")
            told.clear()
            start()
            monkeypatch.setattr(self, "watch", watch)

        def watch() -> None:
            assert any(is_usable(local_cloud, value) for value in told)

        for moment in self.kill_everywhere(killer, begin, start):
            assert is_usable(local_cloud, told[-1]), moment
            assert set(names(local_cloud)) == {"n", "n (previous)"}, moment
            assert len(names(local_cloud)) <= 3, moment
