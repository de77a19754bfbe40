# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Which logins a host holds, and whether they work."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    TransportError,
)
from ansible_collections.icr.access.plugins.module_utils._registry_login import (
    RegistryLogin,
)
from ansible_collections.icr.access.plugins.module_utils._verdict import (
    Job,
    Verdict,
)
from ansible_collections.icr.access.plugins.modules import cr_login_info
from ansible_collections.icr.access.tests.unit.plugins.conftest import RunModule
from ansible_collections.icr.access.tests.unit.plugins.modules.login_files import write

SECRET = "canary-4f1b0f6c2d"


def auth(username: str, secret: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{username}:{secret}".encode()).decode()}


def jwt(claims: dict[str, Any]) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
    return f"e30.{payload.rstrip('=')}.sig"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path / "config.json"


class Registries:
    """Stands in for the network: what each host answers, and which logins it was asked about."""

    def __init__(self) -> None:
        self.answers: dict[str, Verdict | AccessError] = {}
        self.asked: list[tuple[str, str]] = []

    def verify_all(self, jobs: Sequence[Job]) -> list[Verdict | AccessError]:
        self.asked += [(job.urls[0], job.credential.username) for job in jobs]
        return [self.answers.get(job.urls[0], Verdict(True)) for job in jobs]


@pytest.fixture
def registries(monkeypatch: pytest.MonkeyPatch) -> Registries:
    stand_in = Registries()
    monkeypatch.setattr(
        RegistryLogin, "verify_all", lambda _self, jobs: stand_in.verify_all(jobs)
    )
    return stand_in


class TestMain:
    def test_without_a_file_there_is_nothing_to_list(
        self, config: Path, registries: Registries, run_module: RunModule
    ) -> None:
        result = run_module(cr_login_info.main, {})
        assert (result["changed"], result["logins"]) == (False, [])
        assert registries.asked == []
        assert not config.exists()

    def test_everything_stored_is_listed_and_only_ibm_is_asked(
        self, config: Path, registries: Registries, run_module: RunModule
    ) -> None:
        config.write_text(
            json.dumps(
                {
                    "auths": {
                        "https://us.icr.io": auth("iamapikey", SECRET),
                        "ghcr.io": auth("me", SECRET),
                        "registry.ng.bluemix.net": auth("token", SECRET),
                        "de.icr.io/team-a": auth("me", SECRET),
                    }
                }
            )
        )
        config.chmod(0o640)
        result = run_module(cr_login_info.main, {}, diff=True)
        rows = {row["registry"]: row for row in result["logins"]}
        assert list(rows) == [
            "us.icr.io",
            "ghcr.io",
            "registry.ng.bluemix.net",
            "de.icr.io/team-a",
        ]
        assert rows["us.icr.io"] == {
            "registry": "us.icr.io",
            "region": "us-south",
            "legacy": False,
            "stored": True,
            "username": "iamapikey",
            "user": rows["us.icr.io"]["user"],
            "config_path": str(config),
            "mode": "0640",
            "store": "file",
            "valid": True,
            "reason": None,
            "expires_at": None,
            "shadowed_by": None,
            "problem": None,
        }
        assert rows["registry.ng.bluemix.net"]["legacy"] is True
        assert rows["ghcr.io"]["valid"] is None
        assert registries.asked == [("https://us.icr.io", "iamapikey")]
        assert SECRET not in json.dumps(result)
        assert oct(config.stat().st_mode & 0o777) == "0o640"

    def test_a_named_registry_has_a_row_although_nothing_is_stored(
        self, config: Path, registries: Registries, run_module: RunModule
    ) -> None:
        config.write_text(json.dumps({"auths": {"us.icr.io": auth("u", SECRET)}}))
        options = {"region": ["eu-de"], "registry": ["ghcr.io"]}
        result = run_module(cr_login_info.main, options)
        assert [
            (row["registry"], row["stored"], row["valid"], row["reason"])
            for row in result["logins"]
        ] == [
            ("de.icr.io", False, None, "no login is stored"),
            ("ghcr.io", False, None, "no login is stored"),
        ]

    def test_a_registry_that_is_named_is_asked_whoever_runs_it(
        self, config: Path, registries: Registries, run_module: RunModule
    ) -> None:
        config.write_text(json.dumps({"auths": {"ghcr.io": auth("me", SECRET)}}))
        run_module(cr_login_info.main, {"registry": ["ghcr.io"]})
        assert registries.asked == [("https://ghcr.io", "me")]

    def test_the_registries_of_endpoints_are_asked_and_named_by_region(
        self, config: Path, registries: Registries, run_module: RunModule
    ) -> None:
        config.write_text(json.dumps({"auths": {"127.0.0.1:5": auth("u", SECRET)}}))
        endpoints = {"registry": {"eu-de": "http://127.0.0.1:5"}}
        result = run_module(cr_login_info.main, {"endpoints": endpoints})
        assert result["logins"][0]["region"] == "eu-de"
        assert registries.asked == [("http://127.0.0.1:5", "u")]

    @pytest.mark.parametrize(
        "endpoints", [{}, {"registry": {"eu-de": "http://[::1]:5"}}]
    )
    @pytest.mark.parametrize(
        ("options", "asked"),
        [
            pytest.param({}, [], id="not-named"),
            pytest.param(
                {"registry": ["us.icr.io"]},
                [("https://us.icr.io", "u")],
                id="named",
            ),
        ],
    )
    def test_endpoints_replace_ibms_hosts_unless_one_is_named(
        self,
        config: Path,
        registries: Registries,
        run_module: RunModule,
        options: dict[str, Any],
        asked: list[tuple[str, str]],
        endpoints: dict[str, Any],
    ) -> None:
        config.write_text(json.dumps({"auths": {"us.icr.io": auth("u", SECRET)}}))
        (row,) = run_module(cr_login_info.main, {"endpoints": endpoints, **options})[
            "logins"
        ]
        assert registries.asked == asked
        assert row["region"] == "us-south"
        assert row["valid"] is (True if asked else None)

    @pytest.mark.parametrize(
        ("answer", "valid", "reason"),
        [
            pytest.param(Verdict(True), True, None, id="accepted"),
            pytest.param(Verdict(False, "wrong key"), False, "wrong key", id="refused"),
            pytest.param(Verdict(None, "open"), None, "open", id="open-registry"),
            pytest.param(TransportError("down"), None, "down", id="unreachable"),
        ],
    )
    def test_the_answer_of_the_registry_is_told_and_is_no_failure(
        self,
        answer: Verdict | AccessError,
        valid: bool | None,
        reason: str | None,
        config: Path,
        registries: Registries,
        run_module: RunModule,
    ) -> None:
        config.write_text(json.dumps({"auths": {"us.icr.io": auth("u", SECRET)}}))
        registries.answers["https://us.icr.io"] = answer
        row = run_module(cr_login_info.main, {})["logins"][0]
        assert (row["valid"], row["reason"]) == (valid, reason)

    def test_nobody_is_asked_when_that_is_not_wanted(
        self, config: Path, registries: Registries, run_module: RunModule
    ) -> None:
        config.write_text(json.dumps({"auths": {"us.icr.io": auth("u", SECRET)}}))
        row = run_module(cr_login_info.main, {"verify": False})["logins"][0]
        assert (row["valid"], row["reason"]) == (
            None,
            "not asked, because verify is false",
        )
        assert registries.asked == []

    def test_an_access_token_tells_when_it_ends(
        self, config: Path, registries: Registries, run_module: RunModule
    ) -> None:
        token = jwt({"exp": 1795204800, "iam_id": "IBMid-1"})
        config.write_text(
            json.dumps({"auths": {"us.icr.io": auth("iambearer", token)}})
        )
        row = run_module(cr_login_info.main, {})["logins"][0]
        assert row["expires_at"] == "2026-11-20T20:00:00Z"

    def test_a_file_that_is_no_auth_file_is_one_clear_error(
        self, config: Path, registries: Registries, run_module: RunModule
    ) -> None:
        config.write_text('{"auths": ')
        result = run_module(cr_login_info.main, {})
        assert result["failed"] is True
        assert result["msg"].startswith(f"{config} is not valid JSON")
        assert config.read_text() == '{"auths": '


class TestWhatCannotBeRead:
    """One problem is told where it is, and hides nothing else."""

    def told(self, result: dict[str, Any]) -> list[tuple[str | None, bool | None, str]]:
        return [
            (row["registry"], row["stored"], row["problem"] or "")
            for row in result["logins"]
        ]

    def test_helper_of_one_registry(
        self, config: Path, registries: Registries, run_module: RunModule
    ) -> None:
        document = {
            "credHelpers": {"gcr.io": "gone"},
            "auths": {"us.icr.io": auth("u", SECRET)},
        }
        write(config, document)
        result = run_module(cr_login_info.main, {})
        (us, gcr) = self.told(result)
        assert us == ("us.icr.io", True, "")
        assert gcr[:2] == ("gcr.io", None)
        assert "docker-credential-gone is not installed" in gcr[2]
        row = result["logins"][1]
        assert (row["valid"], row["reason"], row["store"], row["mode"]) == (
            None,
            "what is stored could not be read",
            None,
            "0600",
        )
        assert registries.asked == [("https://us.icr.io", "u")]

    def test_store_that_may_hold_more(
        self, config: Path, registries: Registries, run_module: RunModule
    ) -> None:
        write(config, {"credsStore": "gone"})
        result = run_module(cr_login_info.main, {})
        ((registry, stored, problem),) = self.told(result)
        assert (registry, stored) == (None, None)
        assert "docker-credential-gone is not installed" in problem
        assert "Not looked at" in json.dumps(result["warnings"])

    def test_store_is_told_of_once(
        self, config: Path, registries: Registries, run_module: RunModule
    ) -> None:
        write(config, {"credsStore": "gone", "auths": {"us.icr.io": {}}})
        (row,) = self.told(run_module(cr_login_info.main, {}))
        assert row[:2] == ("us.icr.io", None)

    @pytest.mark.parametrize(
        ("options", "hosts"),
        [
            pytest.param({}, [None], id="everything"),
            pytest.param(
                {"region": ["us-south", "eu-de"]},
                ["us.icr.io", "de.icr.io"],
                id="named",
            ),
        ],
    )
    def test_file_of_one_user_hides_not_the_other(
        self,
        users: dict[str, Path],
        registries: Registries,
        run_module: RunModule,
        options: dict[str, Any],
        hosts: list[str | None],
    ) -> None:
        write(users["alice"] / ".docker" / "config.json", {"auths": []})
        document = {"auths": {"us.icr.io": auth("u", SECRET)}}
        write(users["bob"] / ".docker" / "config.json", document)
        options = {"users": ["alice", "bob"], **options}
        result = run_module(cr_login_info.main, options)
        assert not result.get("failed")
        rows = [row for row in result["logins"] if row["user"] == "alice"]
        assert [(row["registry"], row["stored"]) for row in rows] == [
            (host, None) for host in hosts
        ]
        assert 'has an "auths" that is not an object' in rows[0]["problem"]
        assert [
            (row["registry"], row["valid"])
            for row in result["logins"]
            if row["user"] == "bob" and row["stored"]
        ] == [("us.icr.io", True)]

    @pytest.mark.parametrize("names", [["alice"], ["alice", "bob"]])
    def test_when_no_file_can_be_read_the_task_fails_and_has_its_rows(
        self,
        users: dict[str, Path],
        registries: Registries,
        run_module: RunModule,
        names: list[str],
    ) -> None:
        for name in names:
            write(users[name] / ".docker" / "config.json", {"auths": 1})
        result = run_module(cr_login_info.main, {"users": names})
        assert result["failed"] is True
        for name in names:
            assert str(users[name]) in result["msg"]
        assert [(row["user"], row["stored"]) for row in result["logins"]] == [
            (name, None) for name in names
        ]


class TestPodmansSession:
    """The file that `podman login` writes, and in which its clients look first."""

    @pytest.fixture
    def stored(self, home: Path) -> Path:
        return home / ".config" / "containers" / "auth.json"

    @pytest.fixture
    def session(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "run"))
        return home / "run" / "containers" / "auth.json"

    OURS: ClassVar = {"auths": {"us.icr.io": auth("ours", SECRET)}}
    THEIRS: ClassVar = {"auths": {"us.icr.io": auth("theirs", SECRET)}}

    @pytest.mark.parametrize("options", [{}, {"region": ["us-south"]}])
    def test_login_that_is_only_there_is_the_login(
        self,
        session: Path,
        registries: Registries,
        run_module: RunModule,
        options: dict[str, Any],
    ) -> None:
        write(session, self.THEIRS, 0o640)
        options = {"client": "podman", **options}
        (row,) = run_module(cr_login_info.main, options)["logins"]
        assert (row["stored"], row["username"], row["valid"]) == (True, "theirs", True)
        assert (row["config_path"], row["mode"]) == (str(session), "0640")
        assert (row["store"], row["shadowed_by"]) == ("file", None)
        assert registries.asked == [("https://us.icr.io", "theirs")]

    def test_login_that_wins_is_the_one_told_of(
        self,
        stored: Path,
        session: Path,
        registries: Registries,
        run_module: RunModule,
    ) -> None:
        write(stored, self.OURS)
        write(session, self.THEIRS)
        (row,) = run_module(cr_login_info.main, {"client": "podman"})["logins"]
        assert (row["username"], row["shadowed_by"]) == ("theirs", str(session))
        assert (row["config_path"], row["mode"]) == (str(stored), "0600")
        assert registries.asked == [("https://us.icr.io", "theirs")]

    def test_entry_without_a_login_wins_nothing(
        self,
        stored: Path,
        session: Path,
        registries: Registries,
        run_module: RunModule,
    ) -> None:
        write(stored, self.OURS)
        write(session, {"auths": {"us.icr.io": {}}})
        (row,) = run_module(cr_login_info.main, {"client": "podman"})["logins"]
        assert (row["username"], row["shadowed_by"]) == ("ours", None)

    def test_login_for_a_namespace_has_its_own_element(
        self, stored: Path, registries: Registries, run_module: RunModule
    ) -> None:
        part = {"us.icr.io/team-a": auth("theirs", SECRET)}
        write(stored, {"auths": {**self.OURS["auths"], **part}})
        rows = run_module(cr_login_info.main, {"client": "podman"})["logins"]
        assert [
            (row["registry"], row["username"], row["shadowed_by"]) for row in rows
        ] == [
            ("us.icr.io", "ours", str(stored)),
            ("us.icr.io/team-a", "theirs", None),
        ]

    def test_file_that_tells_nothing_is_told_of_and_hides_nothing(
        self,
        stored: Path,
        session: Path,
        registries: Registries,
        run_module: RunModule,
    ) -> None:
        write(stored, self.OURS)
        session.parent.mkdir(parents=True)
        session.write_text("{")
        result = run_module(cr_login_info.main, {"client": "podman"})
        ours, problem = result["logins"]
        assert (ours["username"], ours["valid"]) == ("ours", True)
        assert problem["registry"] is None
        assert problem["problem"].startswith(str(session))
