# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.icr.access.plugins.doc_fragments import cloud as cloud_fragment
from ansible_collections.icr.access.plugins.module_utils import (
    _api_key_change,
    _secret_file,
)
from ansible_collections.icr.access.plugins.module_utils._errors import AuthFileError
from ansible_collections.icr.access.plugins.module_utils._excerpt import forms_of
from ansible_collections.icr.access.plugins.module_utils._iam import Iam
from ansible_collections.icr.access.plugins.module_utils._identities import ApiKey
from ansible_collections.icr.access.plugins.module_utils._module import (
    CLOUD_OPTIONS,
    CONNECTION_OPTIONS,
)
from ansible_collections.icr.access.plugins.modules import cr_apikey
from ansible_collections.icr.access.tests.unit.plugins.conftest import Result, RunModule
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud

Run = Callable[..., Result]
EXCHANGE, LIST = "POST /identity/token", "GET /v1/apikeys"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "IC_API_KEY",
        "IBMCLOUD_API_KEY",
        "IC_IAM_TOKEN",
        "IBMCLOUD_IAM_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("ICR_ENDPOINTS", raising=False)


@pytest.fixture
def run(local_cloud: LocalCloud, run_module: RunModule) -> Run:
    """Runs the module on the local cloud; `check_mode` and `diff` as of the runner."""

    def start(
        check_mode: bool = False, diff: bool = False, **options: object
    ) -> Result:
        given = {
            "api_key": local_cloud.api_key,
            "endpoints": local_cloud.endpoints,
            "retries": 0,
            **options,
        }
        local_cloud.requests()
        return run_module(
            cr_apikey.main,
            {name: value for name, value in given.items() if value is not None},
            check_mode=check_mode,
            diff=diff,
        )

    return start


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "key"


def record(cloud: LocalCloud, result: Result) -> Any:
    """What the sandbox knows of the key in a result."""
    key = result["api_key"]
    return cloud.keys_of(key["iam_id"])[key["id"]]


def names(cloud: LocalCloud) -> list[str]:
    """What the keys of the calling user are called."""
    keys = cloud.keys_of(cloud.owner_iam_id).values()
    return sorted(key.name for key in keys)


class TestMaking:
    def test_value_is_returned_once(self, run: Run, local_cloud: LocalCloud) -> None:
        first = run(name="k", description="d", action_when_leaked="delete")
        second = run(name="k", description="d", action_when_leaked="delete")
        made = record(local_cloud, first)
        assert (first["changed"], second["changed"]) == (True, False)
        assert first["api_key"].pop("value") == made.value
        assert first["api_key"] == second["api_key"]
        assert second["api_key"] == {
            "id": made.id,
            "name": "k",
            "description": "d",
            "iam_id": local_cloud.owner_iam_id,
            "account_id": local_cloud.account_id,
            "crn": first["api_key"]["crn"],
            "created_at": first["api_key"]["created_at"],
            "created_by": local_cloud.owner_iam_id,
            "modified_at": first["api_key"]["modified_at"],
            "expires_at": None,
            "locked": False,
            "disabled": False,
            "action_when_leaked": "delete",
            "expired": False,
        }

    @pytest.mark.parametrize("by", ["name", "id", "iam_id"])
    def test_for_a_service_id(self, run: Run, local_cloud: LocalCloud, by: str) -> None:
        service_id = local_cloud.service_id("ci")
        result = run(name="k", service_id=service_id[by], store_value=True)
        assert result["api_key"]["iam_id"] == service_id["iam_id"]
        assert record(local_cloud, result).store_value

    def test_by_a_service_id_for_itself(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        service_id = local_cloud.service_id("ci")
        identity = {"roles": ["Editor"], "service_name": "iam-identity"}
        local_cloud.seed(policies=[{"service_id": "ci", **identity}])
        result = run(name="k", api_key=service_id["api_key"])
        assert result["api_key"]["iam_id"] == service_id["iam_id"]
        assert not run(name="k", api_key=service_id["api_key"])["changed"]

    def test_locked_and_disabled_from_the_beginning(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        result = run(name="k", locked=True, disabled=True)
        assert local_cloud.writes() == ["POST /v1/apikeys"]
        made = record(local_cloud, result)
        assert (made.locked, made.disabled) == (True, True)

    def test_life_counts_for_a_new_key_only(self, run: Run) -> None:
        first = run(name="k", expires_in="2h")
        second = run(name="k", expires_in="4h")
        assert not second["changed"]
        assert second["api_key"]["expires_at"] == first["api_key"]["expires_at"]


class TestRequests:
    def test_unchanged_key_of_the_caller_takes_two(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        run(name="k")
        run(name="k")
        assert local_cloud.requests() == [EXCHANGE, LIST]

    def test_unchanged_key_of_a_service_id_by_id_takes_two(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        service_id = local_cloud.service_id()
        run(name="k", service_id=service_id["id"])
        run(name="k", service_id=service_id["id"])
        assert local_cloud.requests() == [EXCHANGE, LIST]

    def test_unchanged_key_by_id_takes_two(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        key_id = run(name="k")["api_key"]["id"]
        run(id=key_id)
        assert local_cloud.requests() == [EXCHANGE, f"GET /v1/apikeys/{key_id}"]

    def test_drift_is_mended_by_one_put(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        key_id = run(name="k")["api_key"]["id"]
        run(id=key_id, name="l", description="e", expires_at="2040-01-01")
        assert local_cloud.writes() == [f"PUT /v1/apikeys/{key_id}"]

    def test_locked_key_is_unlocked_and_read_before_the_put(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        key_id = run(name="k", locked=True)["api_key"]["id"]
        run(name="k", locked=False, description="x", disabled=True)
        path = f"/v1/apikeys/{key_id}"
        assert local_cloud.requests() == [
            EXCHANGE,
            LIST,
            f"DELETE {path}/lock",
            f"GET {path}",
            f"PUT {path}",
            f"POST {path}/disable",
        ]

    def test_more_keys_than_one_page(self, run: Run, local_cloud: LocalCloud) -> None:
        local_cloud.seed(
            limits={"api_keys_per_identity": 500},
            api_keys=[{"name": f"k{number}"} for number in range(205)],
        )
        assert not run(name="k204")["changed"]
        assert local_cloud.requests() == [EXCHANGE, LIST, LIST, LIST]


SITUATIONS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("new", {}, {"name": "k", "expires_at": "2040-01-01", "locked": True}),
    ("same", {"name": "k"}, {"name": "k"}),
    ("description", {"name": "k"}, {"name": "k", "description": "x"}),
    ("cleared", {"name": "k", "description": "d"}, {"name": "k", "description": ""}),
    ("end", {"name": "k"}, {"name": "k", "expires_at": "2040-01-01T12:00+02:00"}),
    ("no end", {"name": "k", "expires_in": "1h"}, {"name": "k", "expires_at": ""}),
    ("locked", {"name": "k"}, {"name": "k", "locked": True, "description": "x"}),
    ("unlocked", {"name": "k", "locked": True}, {"name": "k", "locked": False}),
    (
        "unlocked and changed",
        {"name": "k", "locked": True},
        {"name": "k", "locked": False, "description": "x"},
    ),
    ("disabled", {"name": "k"}, {"name": "k", "disabled": True}),
    ("enabled", {"name": "k", "disabled": True}, {"name": "k", "disabled": False}),
    ("leak action", {"name": "k"}, {"name": "k", "action_when_leaked": "none"}),
    ("gone", {"name": "k"}, {"name": "k", "state": "absent"}),
    ("was gone", {}, {"name": "k", "state": "absent"}),
    (
        "unlocked and gone",
        {"name": "k", "locked": True},
        {"name": "k", "locked": False, "state": "absent"},
    ),
]


class TestCheckMode:
    @pytest.mark.parametrize(
        ("before", "options"),
        [situation[1:] for situation in SITUATIONS],
        ids=[situation[0] for situation in SITUATIONS],
    )
    def test_predicts_what_then_happens_and_reads_only(
        self,
        run: Run,
        local_cloud: LocalCloud,
        before: dict[str, Any],
        options: dict[str, Any],
    ) -> None:
        if before:
            run(**before)
        predicted = run(check_mode=True, diff=True, **options)
        assert local_cloud.writes() == []
        real = run(diff=True, **options)
        assert predicted["changed"] is real["changed"]
        assert predicted["diff"] == real["diff"]
        assert bool(local_cloud.writes()) is real["changed"]
        if real["api_key"] is None:
            assert predicted["api_key"] is None
        else:
            for name, value in predicted["api_key"].items():
                # a lock or a change moves it on, to the minute, as the service sees it
                if value is not None and name != "modified_at":
                    assert real["api_key"][name] == value
        again = run(**options)
        assert not again["changed"]
        assert local_cloud.writes() == []

    def test_with_a_file(self, run: Run, local_cloud: LocalCloud, dest: Path) -> None:
        predicted = run(check_mode=True, diff=True, name="k", dest=str(dest))
        assert (local_cloud.writes(), dest.exists()) == ([], False)
        real = run(diff=True, name="k", dest=str(dest))
        assert (predicted["changed"], predicted["diff"]) == (True, real["diff"])
        assert predicted["dest"] == real["dest"] == str(dest)
        dest.chmod(0o644)
        predicted = run(check_mode=True, diff=True, name="k", dest=str(dest))
        assert stat.S_IMODE(dest.stat().st_mode) == 0o644
        real = run(diff=True, name="k", dest=str(dest))
        assert (predicted["changed"], predicted["diff"]) == (True, real["diff"])


class TestStale:
    @pytest.mark.parametrize("status", [409, 412])
    def test_key_that_somebody_else_changed_is_read_again_once(
        self,
        run: Run,
        local_cloud: LocalCloud,
        monkeypatch: pytest.MonkeyPatch,
        status: int,
    ) -> None:
        local_cloud.switch(stale_etag_status=status)
        key_id = run(name="k")["api_key"]["id"]
        body = '{"errors": [{"code": "conflict", "message": "stale"}]}'
        local_cloud.fault(
            "text", f"/v1/apikeys/{key_id}", method="PUT", status=status, body=body
        )
        result = run(name="k", description="x")
        assert (result["changed"], result["api_key"]["description"]) == (True, "x")
        path = f"/v1/apikeys/{key_id}"
        assert local_cloud.requests() == [
            EXCHANGE,
            LIST,
            f"PUT {path}",
            f"GET {path}",
            f"PUT {path}",
        ]

    @pytest.mark.parametrize("status", [409, 412])
    def test_and_so_when_a_gateway_says_it_without_json(
        self, run: Run, local_cloud: LocalCloud, status: int
    ) -> None:
        run(name="k")
        local_cloud.fault("html", "/v1/apikeys/*", method="PUT", status=status)
        assert run(name="k", description="x")["api_key"]["description"] == "x"

    def test_twice_is_an_error(self, run: Run, local_cloud: LocalCloud) -> None:
        run(name="k")
        body = '{"errors": [{"code": "conflict", "message": "stale"}]}'
        local_cloud.fault(
            "text", "/v1/apikeys/*", method="PUT", status=412, body=body, calls=0
        )
        result = run(name="k", description="x")
        assert (result["failed"], result["error"]["status"]) == (True, 412)
        assert sum("PUT" in line for line in local_cloud.requests()) == 2

    def test_key_that_was_locked_in_between_is_told(
        self, run: Run, local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = record(local_cloud, run(name="k"))
        update = Iam.update_api_key

        def lock_first(*arguments: Any) -> Any:
            made.locked = True
            return update(*arguments)

        monkeypatch.setattr(Iam, "update_api_key", lock_first)
        result = run(name="k", description="x")
        assert "is locked, so that it cannot be changed" in result["msg"]


class TestFile:
    def test_receives_the_value_alone(
        self, run: Run, local_cloud: LocalCloud, dest: Path
    ) -> None:
        result = run(name="k", dest=str(dest))
        assert dest.read_text() == record(local_cloud, result).value
        assert stat.S_IMODE(dest.stat().st_mode) == 0o600
        assert result["dest"] == str(dest)
        assert not run(name="k", dest=str(dest))["changed"]
        assert local_cloud.requests() == [EXCHANGE, LIST, "GET /v1/apikeys/details"]

    def test_white_space_around_the_value_is_no_difference(
        self, run: Run, dest: Path
    ) -> None:
        run(name="k", dest=str(dest))
        dest.write_text(dest.read_text() + "\n")
        assert not run(name="k", dest=str(dest))["changed"]

    @pytest.mark.parametrize("content", [None, "", "x" * 44, "not a value", "x" * 9999])
    def test_stored_value_is_written_again(
        self, run: Run, local_cloud: LocalCloud, dest: Path, content: str | None
    ) -> None:
        local_cloud.service_id("ci")
        options = {"name": "k", "service_id": "ci", "store_value": True}
        value = run(**options)["api_key"]["value"]
        if content is not None:
            dest.write_text(content)
        result = run(**options, dest=str(dest))
        assert (result["changed"], dest.read_text()) == (True, value)
        assert "value" not in result["api_key"]
        assert value not in str(result)
        assert not run(**options, dest=str(dest))["changed"]

    @pytest.mark.parametrize(
        ("content", "state"),
        [(None, "is missing"), ("x" * 44, "does not hold its value")],
    )
    def test_value_that_is_lost_is_told(
        self,
        run: Run,
        local_cloud: LocalCloud,
        dest: Path,
        content: str | None,
        state: str,
    ) -> None:
        run(name="k")
        if content is not None:
            dest.write_text(content)
        result = run(name="k", description="x", dest=str(dest))
        assert result["failed"]
        assert (
            f"{dest} {state}, and IBM Cloud has not stored the value" in result["msg"]
        )
        assert "state: absent" in result["msg"]
        assert local_cloud.writes() == []
        assert (dest.read_text() if content else None) == content

    def test_value_of_another_key_is_another(
        self, run: Run, local_cloud: LocalCloud, dest: Path
    ) -> None:
        run(name="k")
        dest.write_text(local_cloud.api_key)
        assert "does not hold its value" in run(name="k", dest=str(dest))["msg"]
        assert dest.read_text() == local_cloud.api_key

    @pytest.mark.parametrize("check_mode", [False, True])
    def test_new_key_does_not_take_the_place_of_another_that_lives(
        self, run: Run, local_cloud: LocalCloud, dest: Path, check_mode: bool
    ) -> None:
        other = run(name="other", dest=str(dest))["api_key"]
        result = run(name="k", dest=str(dest), check_mode=check_mode)
        assert (
            f"{dest} holds the value of API key {other['id']} (other)" in result["msg"]
        )
        assert local_cloud.writes() == []
        assert dest.read_text() == other["value"]

    def test_but_of_one_that_is_gone(self, run: Run, dest: Path) -> None:
        run(name="k", dest=str(dest))
        run(name="k", state="absent")
        result = run(name="k", dest=str(dest))
        assert dest.read_text() == result["api_key"]["value"]

    def test_value_that_is_refused_with_401_is_an_unknown_one(
        self, run: Run, local_cloud: LocalCloud, dest: Path
    ) -> None:
        run(name="k", dest=str(dest))
        body = '{"errors": [{"code": "invalid_access_token", "message": "no"}]}'
        path = "/v1/apikeys/details"
        local_cloud.fault("text", path, status=401, body=body, calls=0)
        assert "does not hold its value" in run(name="k", dest=str(dest))["msg"]
        assert local_cloud.requests().count(EXCHANGE) == 2

    def test_folder_that_cannot_be_written_matters_only_for_writing(
        self, run: Run, local_cloud: LocalCloud, dest: Path, monkeypatch: Any
    ) -> None:
        run(name="k", dest=str(dest))
        monkeypatch.setattr(os, "access", lambda *_: False)
        assert not run(name="k", dest=str(dest))["changed"]
        other = dest.with_name("other")
        assert "not writable" in run(name="l", dest=str(other))["msg"]
        assert local_cloud.writes() == []

    def test_mode_is_mended(self, run: Run, dest: Path) -> None:
        run(name="k", dest=str(dest))
        dest.chmod(0o644)
        assert run(name="k", dest=str(dest))["changed"]
        assert stat.S_IMODE(dest.stat().st_mode) == 0o600
        assert run(name="k", dest=str(dest), mode="0640")["changed"]
        assert stat.S_IMODE(dest.stat().st_mode) == 0o640

    def test_file_stays_when_the_key_goes(self, run: Run, dest: Path) -> None:
        run(name="k", dest=str(dest))
        result = run(name="k", dest=str(dest), state="absent")
        assert (result["changed"], result["dest"], dest.exists()) == (True, None, True)

    def test_folder_that_is_missing_keeps_the_key_from_being_made(
        self, run: Run, local_cloud: LocalCloud, tmp_path: Path
    ) -> None:
        result = run(name="k", dest=str(tmp_path / "no" / "key"))
        assert "there is no folder" in result["msg"]
        assert local_cloud.writes() == []

    def test_disk_that_is_full_keeps_the_key_from_being_made(
        self,
        run: Run,
        local_cloud: LocalCloud,
        dest: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def full(_handle: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        assert "No space left" in run(name="k", dest=str(dest))["msg"]
        assert local_cloud.writes() == []

    @pytest.mark.parametrize("locked", [False, True])
    def test_key_whose_value_could_not_be_written_is_deleted_again(
        self,
        run: Run,
        local_cloud: LocalCloud,
        dest: Path,
        monkeypatch: pytest.MonkeyPatch,
        locked: bool,
    ) -> None:
        def fail(*_details: object) -> None:
            raise AuthFileError(f"{dest} cannot be written: the disk is gone.")

        monkeypatch.setattr(_secret_file, "replace", fail)
        result = run(name="k", dest=str(dest), locked=locked)
        assert "the disk is gone. The API key made before that" in result["msg"]
        assert result["msg"].endswith("was deleted again.")
        assert len(local_cloud.keys_of(local_cloud.owner_iam_id)) == 1
        assert not dest.exists()

    def test_and_named_when_that_fails_too(
        self,
        run: Run,
        local_cloud: LocalCloud,
        dest: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def fail(*_details: object) -> None:
            raise AuthFileError("the disk is gone.")

        monkeypatch.setattr(_secret_file, "replace", fail)
        local_cloud.fault("status", "/v1/apikeys/*", method="DELETE", calls=0)
        result = run(name="k", dest=str(dest))
        keys = local_cloud.keys_of(local_cloud.owner_iam_id)
        (left,) = [key.id for key in keys.values() if key.name == "k"]
        assert f"Delete it (state: absent, id: {left})" in result["msg"]


class TestInterrupted:
    @pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, ValueError])
    @pytest.mark.parametrize("locked", [False, True])
    def test_key_whose_value_is_not_safe_yet_is_deleted_again(
        self,
        run: Run,
        local_cloud: LocalCloud,
        dest: Path,
        monkeypatch: pytest.MonkeyPatch,
        kind: type[BaseException],
        locked: bool,
    ) -> None:
        def stop(*_details: object) -> None:
            raise kind("stop")

        monkeypatch.setattr(_secret_file, "replace", stop)
        with pytest.raises(BaseException, match=r"stop|Expecting"):
            run(name="k", dest=str(dest), locked=locked)
        assert names(local_cloud) == ["owner"]

    def test_key_without_a_value_is_deleted_again(
        self, run: Run, local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        create = Iam.create_api_key

        def forget(*arguments: Any, **more: Any) -> ApiKey:
            return replace(create(*arguments, **more), value=None)

        monkeypatch.setattr(Iam, "create_api_key", forget)
        result = run(name="k", locked=True)
        assert "without telling its value" in result["msg"]
        assert result["msg"].endswith("was deleted again.")
        assert names(local_cloud) == ["owner"]


class TestTwoRunsAtOnce:
    """Another run makes a key of the same name after this one has looked."""

    @pytest.fixture
    def meet(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[float]]:
        def start(twin_id: str, seen: int) -> list[float]:
            """The key of the other run is there for so many looks; gives the pauses."""
            pauses: list[float] = []
            looks: list[int] = []
            list_keys = Iam.list_api_keys

            def look(*arguments: Any) -> list[ApiKey]:
                keys = list_keys(*arguments)
                looks.extend(1 for key in keys if key.name == "k")
                twins = [replace(key, id=twin_id) for key in keys if key.name == "k"]
                return keys + (twins if len(looks) <= seen else [])

            monkeypatch.setattr(Iam, "list_api_keys", look)
            monkeypatch.setattr(_api_key_change, "sleep", pauses.append)
            return pauses

        return start

    def test_key_with_the_lower_id_stays(
        self, run: Run, local_cloud: LocalCloud, dest: Path, meet: Any
    ) -> None:
        pauses = meet("ApiKey-0", 1)
        result = run(name="k", dest=str(dest))
        assert result["failed"]
        assert "ApiKey-0 of the same name" in result["msg"]
        assert "run_once: true" in result["msg"]
        assert (names(local_cloud), dest.exists(), pauses) == (["owner"], False, [])

    def test_own_key_stays_once_the_other_has_gone(
        self, run: Run, local_cloud: LocalCloud, dest: Path, meet: Any
    ) -> None:
        pauses = meet("ApiKey-z", 2)
        result = run(name="k", dest=str(dest))
        assert dest.read_text() == record(local_cloud, result).value
        assert len(pauses) == 2

    def test_own_key_goes_when_the_other_run_was_over_before_it_came(
        self, run: Run, local_cloud: LocalCloud, meet: Any
    ) -> None:
        pauses = meet("ApiKey-z", 99)
        assert "ApiKey-z of the same name" in run(name="k")["msg"]
        assert (names(local_cloud), len(pauses)) == (["owner"], 3)

    def test_look_that_fails_keeps_the_key(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        local_cloud.fault("status", "/v1/apikeys", method="GET", skip=1, calls=0)
        assert run(name="k")["changed"]
        assert names(local_cloud) == ["k", "owner"]

    def test_is_one_more_request(self, run: Run, local_cloud: LocalCloud) -> None:
        run(name="k", wait=False)
        assert local_cloud.requests() == [EXCHANGE, LIST, "POST /v1/apikeys", LIST]


class TestLostAnswer:
    @pytest.mark.parametrize("status", [408, 500, 503])
    def test_server_error_with_a_reason_does_not_say_that_nothing_was_made(
        self, run: Run, local_cloud: LocalCloud, status: int
    ) -> None:
        body = '{"errors": [{"code": "oops", "message": "no"}]}'
        local_cloud.fault(
            "text", "/v1/apikeys", method="POST", status=status, body=body, after=True
        )
        result = run(name="k")
        keys = local_cloud.keys_of(local_cloud.owner_iam_id)
        (made,) = [key.id for key in keys.values() if key.name == "k"]
        assert f"there is {made} of that name, probably" in result["msg"]
        assert result["error"]["status"] == status

    def test_refusal_is_final(self, run: Run, local_cloud: LocalCloud) -> None:
        body = '{"errors": [{"code": "oops", "message": "no"}]}'
        local_cloud.fault("text", "/v1/apikeys", method="POST", status=400, body=body)
        run(name="k")
        assert local_cloud.requests() == [EXCHANGE, LIST, "POST /v1/apikeys"]

    def test_stored_value_is_had_by_another_run(
        self, run: Run, local_cloud: LocalCloud, dest: Path
    ) -> None:
        local_cloud.service_id("ci")
        options = {"name": "k", "service_id": "ci", "store_value": True}
        local_cloud.fault("empty", "/v1/apikeys", method="POST", status=201, after=True)
        result = run(**options, dest=str(dest))
        assert "its value is stored: run this again" in result["msg"]
        assert run(**options, dest=str(dest))["changed"]
        assert dest.read_text()

    @pytest.mark.parametrize("kind", ["truncate", "empty", "html"])
    def test_key_that_was_made_all_the_same_is_named(
        self, run: Run, local_cloud: LocalCloud, kind: str
    ) -> None:
        local_cloud.fault(kind, "/v1/apikeys", method="POST", status=201, after=True)
        result = run(name="k")
        keys = local_cloud.keys_of(local_cloud.owner_iam_id)
        (made,) = [key for key in keys.values() if key.name == "k"]
        assert f"there is {made.id} of that name" in result["msg"]
        assert made.value not in str(result)

    def test_key_that_was_not_made_is_told(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        local_cloud.fault("reset", "/v1/apikeys", method="POST")
        assert "the key was not made" in run(name="k")["msg"]

    def test_what_cannot_be_known_is_told(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        local_cloud.fault("reset", "/v1/apikeys", method="POST")
        local_cloud.fault("reset", "/v1/apikeys", method="GET", skip=1, calls=0)
        assert "unknown whether the key was made" in run(name="k")["msg"]


class TestFailures:
    def test_two_of_a_name(self, run: Run, local_cloud: LocalCloud) -> None:
        made = local_cloud.seed(api_keys=[{"name": "k"}, {"name": "k"}])["api_keys"]
        result = run(name="k")
        assert ", ".join(sorted(each["id"] for each in made)) in result["msg"]
        assert "error" not in result

    @pytest.mark.parametrize("missing", ["nobody", "ServiceId-0", "iam-ServiceId-0"])
    @pytest.mark.parametrize("check_mode", [False, True])
    def test_missing_service_id(
        self, run: Run, local_cloud: LocalCloud, missing: str, check_mode: bool
    ) -> None:
        result = run(check_mode=check_mode, name="k", service_id=missing)
        assert f"There is no service ID '{missing}' in account" in result["msg"]
        assert local_cloud.writes() == []

    @pytest.mark.parametrize("missing", ["nobody", "ServiceId-0"])
    def test_missing_service_id_has_no_key_to_be_removed(
        self, run: Run, missing: str
    ) -> None:
        assert not run(name="k", service_id=missing, state="absent")["changed"]

    def test_key_of_another_owner(self, run: Run, local_cloud: LocalCloud) -> None:
        one, other = local_cloud.service_id("one"), local_cloud.service_id("other")
        result = run(id=one["api_key_id"], service_id="other", description="x")
        assert (
            f"is not one of service ID other: it belongs to {one['iam_id']}"
            in result["msg"]
        )
        assert other["iam_id"] not in result["msg"]

    def test_key_of_another_account_than_the_one_that_is_given(
        self, run: Run, local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key_id = run(name="k")["api_key"]["id"]
        find_key = Iam.find_api_key

        def elsewhere(*arguments: Any) -> ApiKey | None:
            key = find_key(*arguments)
            return key and replace(key, account_id="b" * 32)

        monkeypatch.setattr(Iam, "find_api_key", elsewhere)
        account_id = local_cloud.account_id
        for options in ({"description": "x"}, {"state": "absent"}):
            result = run(id=key_id, account_id=account_id, **options)
            assert f"API key {key_id} is one of account bbb" in result["msg"]
            assert local_cloud.writes() == []
        assert run(id=key_id, state="absent")["changed"]

    @pytest.mark.parametrize("expires_in", ["999999999999", "999999999999w"])
    def test_end_that_is_too_far(self, run: Run, expires_in: str) -> None:
        assert "expires_in is too long" in run(name="k", expires_in=expires_in)["msg"]

    def test_another_user(self, run: Run) -> None:
        result = run(name="k", service_id="IBMid-0000000001")
        assert "can only be made by that user" in result["msg"]

    def test_missing_id(self, run: Run) -> None:
        assert "There is no API key ApiKey-0" in run(id="ApiKey-0")["msg"]
        assert not run(id="ApiKey-0", state="absent")["changed"]

    def test_wrong_account(self, run: Run) -> None:
        result = run(name="k", account_id="0" * 32)
        assert "but the credential that calls IBM Cloud is for account" in result["msg"]

    def test_unknown_calling_key(self, run: Run) -> None:
        result = run(name="k", api_key="x" * 44)
        assert "mistyped, deleted or expired" in result["msg"]
        assert result["error"]["code"] == "BXNIM0415E"
        assert result["error"]["trace_id"]

    def test_no_rights(self, run: Run, local_cloud: LocalCloud) -> None:
        service_id = local_cloud.service_id("ci")
        result = run(name="k", api_key=service_id["api_key"])
        assert "has no right to do this" in result["msg"]
        assert result["error"]["status"] == 403

    @pytest.mark.parametrize("status", [409, 422])
    def test_limit_of_keys(
        self, run: Run, local_cloud: LocalCloud, status: int
    ) -> None:
        local_cloud.switch(key_limit_status=status)
        local_cloud.seed(api_keys=[{"name": f"k{number}"} for number in range(19)])
        result = run(name="k")
        assert "has 20 API keys, and IBM Cloud allows 20" in result["msg"]
        assert result["error"]["status"] == status

    def test_stored_value_for_a_user(self, run: Run, local_cloud: LocalCloud) -> None:
        assert "keys of service IDs" in run(name="k", store_value=True)["msg"]
        assert local_cloud.writes() == []

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({}, "one of the following is required: name, id"),
            ({"name": "k", "expires_at": "2040-01-01", "expires_in": "1h"}, "mutually"),
            ({"name": "k", "iam_token": "eyJ"}, "mutually exclusive"),
            ({"name": "k", "owner": "root"}, "set dest"),
            ({"name": "k", "dest": "/tmp/k", "owner": "nobody-such"}, "no such user"),
            ({"name": "k", "dest": "/tmp/k", "mode": "u=rw"}, "an octal number"),
            ({"name": "k", "expires_at": "2020-01-01"}, "lies in the past"),
            ({"name": "k", "expires_in": "soon"}, "expires_in must be a span of time"),
            ({"name": "k", "timeout": 0}, "timeout must be a number of seconds"),
            ({"name": "k", "timeout": float("nan")}, "timeout must be a number"),
            ({"name": "k", "retries": -1}, "retries must be 0 or more"),
            ({"name": "k", "account_id": " "}, "account_id is empty"),
            (
                {"name": "k", "endpoints": {"iam": "http://iam.cloud.ibm.com"}},
                "would show the credentials",
            ),
            ({"name": "k", "api_key": None}, "IBM Cloud has to know who calls"),
        ],
    )
    def test_options(self, run: Run, options: dict[str, Any], said: str) -> None:
        assert said in run(**options)["msg"]

    def test_ended_key_is_a_warning(self, run: Run, local_cloud: LocalCloud) -> None:
        local_cloud.seed(
            api_keys=[{"name": "k", "expires_at": "2020-01-01T00:00+00:00"}]
        )
        result = run(name="k")
        assert not result["changed"]
        (warning,) = result["warnings"]
        assert "ended on 2020-01-01T00:00+0000: nobody can log in" in str(warning)


class TestSecrets:
    def test_nothing_but_the_documented_key_shows_a_value(
        self, run: Run, local_cloud: LocalCloud, dest: Path
    ) -> None:
        made = run(diff=True, name="k", dest=str(dest))
        value = made["api_key"].pop("value")
        results = [
            made,
            run(diff=True, name="k", dest=str(dest)),
            run(diff=True, name="k", dest=str(dest), mode="0640"),
            run(diff=True, name="k", description="x", locked=True),
            run(name="k", description="y"),
            run(diff=True, name="k", locked=False, state="absent"),
        ]
        for result in results:
            result.pop("invocation", None)
            assert value not in str(result)
            assert local_cloud.api_key not in str(result)

    @pytest.mark.parametrize("shape", ["No: {}", '{{"errorMessage": "{}"}}'])
    @pytest.mark.parametrize("status", [200, 400, 401, 500])
    @pytest.mark.parametrize("path", ["/identity/token", "/v1/apikeys"])
    def test_calling_key_that_comes_back_is_hidden(
        self, run: Run, local_cloud: LocalCloud, path: str, status: int, shape: str
    ) -> None:
        forms = forms_of(local_cloud.api_key)
        echo = shape.format(" ".join(forms))
        local_cloud.fault("text", path, status=status, body=echo, calls=0)
        result = run(name="k")
        assert result["failed"]
        result.pop("invocation", None)
        assert [form for form in forms if form in json.dumps(result)] == []


class TestOptions:
    def test_shared_ones_are_documented(self) -> None:
        documented = yaml.safe_load(cloud_fragment.ModuleDocFragment.DOCUMENTATION)
        options: dict[str, Any] = CLOUD_OPTIONS
        own = {name: options[name] for name in set(options) - set(CONNECTION_OPTIONS)}
        assert {name: each["type"] for name, each in own.items()} == {
            name: each["type"] for name, each in documented["options"].items()
        }

    def test_group_lists_the_module(self, checkout: Path) -> None:
        runtime = yaml.safe_load((checkout / "meta" / "runtime.yml").read_text())
        assert {"cr_apikey", "cr_apikey_info"} <= set(runtime["action_groups"]["icr"])


class TestStates:
    @pytest.mark.parametrize(
        ("seeded", "state", "said"),
        [
            ({"expires_at": "2020-01-01T00:00Z"}, "expired", "ended on 2020-01-01T00:"),
            ({"disabled": True}, "disabled", "found in public"),
            ({"locked": True}, "locked", None),
        ],
    )
    def test_is_told_with_what_helps(
        self,
        run: Run,
        local_cloud: LocalCloud,
        seeded: dict[str, Any],
        state: str,
        said: str | None,
    ) -> None:
        local_cloud.seed(api_keys=[{"name": "k", **seeded}])
        result = run(name="k")
        assert not result["changed"]
        assert [
            each
            for each in ("expired", "disabled", "locked")
            if result["api_key"][each]
        ] == [state]
        warnings = str(result.get("warnings", ""))
        assert ("rotate: always" in warnings) is bool(said)
        assert (said or "") in warnings

    def test_disabled_on_purpose_is_no_surprise(
        self, run: Run, local_cloud: LocalCloud
    ) -> None:
        local_cloud.seed(api_keys=[{"name": "k", "disabled": True}])
        assert "warnings" not in run(name="k", disabled=True)
