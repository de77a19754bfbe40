# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""cr_login when it says no: nothing is written, and one line says why."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils import _login_change
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AnswerTimeoutError,
    AuthFileError,
    TlsError,
    TransportError,
)
from ansible_collections.icr.access.plugins.module_utils._login_change import change
from ansible_collections.icr.access.plugins.module_utils._login_place import Place
from ansible_collections.icr.access.plugins.module_utils._verdict import Verdict
from ansible_collections.icr.access.tests.unit.plugins.modules.login_files import (
    DE,
    KEY,
    NEW,
    OLD,
    US,
    Login,
    entry,
    mode_of,
    write,
)
from ansible_collections.icr.access.tests.unit.plugins.modules.stand_in_registries import (
    Registries,
)


class TestRefusedOptions:
    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ({**KEY, "region": "mars"}, "no registry region 'mars'. Known regions: gl"),
            ({**KEY}, "Name the registries: set region"),
            ({**KEY, "region": [], "registry": []}, "Name the registries: set region"),
            ({"region": "us-south"}, "A login needs a credential: set one of api_key"),
            (
                {"region": "us-south", **KEY, "iam_token": OLD},
                "Set one credential, not 2: api_key and iam_token",
            ),
            ({"region": "us-south", "username": "u"}, "password is missing"),
            ({"region": "us-south", "api_key": f"{NEW}\n"}, "use the trim filter"),
            (
                {**KEY, "registry": "http://us.icr.io"},
                "plain http:// is for this machine",
            ),
            (
                {
                    **KEY,
                    "region": "eu-de",
                    "endpoints": {"registry": {"us-south": "http://x"}},
                },
                "plain http:// is for this machine",
            ),
            (
                {
                    **KEY,
                    "region": ["us-south", "eu-de"],
                    "endpoints": {"registry": {"us-south": "https://x"}},
                },
                "endpoints.registry has no URL for region eu-de; it has us-south",
            ),
            (
                {**KEY, "registry": "registry.ng.bluemix.net"},
                "use us.icr.io (region us",
            ),
            ({**KEY, "registry": "docker.io"}, "use community.docker.docker_login"),
            ({**KEY, "registry": "us.icr.io/ns"}, "write host[:port]"),
            (
                {**KEY, "region": "us-south", "users": ["alice"], "config_path": "/x"},
                "Set users or config_path, not both",
            ),
            ({**KEY, "region": "us-south", "users": []}, "users is empty"),
            (
                {**KEY, "region": "us-south", "renew_before": "soon"},
                "renew_before must be",
            ),
            ({**KEY, "region": "us-south", "timeout": 0}, "timeout must be"),
            (
                {**KEY, "region": "us-south", "pull": "uk.icr.io/a/b"},
                "pull names uk.icr.io",
            ),
            ({**KEY, "region": "us-south", "push": "a/b:tag"}, "without tag or digest"),
            ({**KEY, "registry": "us-south"}, "is a region"),
            (
                {**KEY, "region": "us-south", "push": "https://us.icr.io/a/b"},
                "repositories without https://",
            ),
            (
                {**KEY, "region": "us-south", "pull": "us.icr.io"},
                "a registry; add the repository",
            ),
        ],
        ids=lambda value: value[:40] if isinstance(value, str) else "",
    )
    def test_one_line_that_says_what_to_do(
        self,
        login: Login,
        registries: Registries,
        home: Path,
        users: dict[str, Path],
        options: dict[str, Any],
        told: str,
    ) -> None:
        result = login(**options)
        assert result["failed"]
        assert told in result["msg"]
        assert "\n" not in result["msg"]
        assert "error" not in result
        assert registries.asked == []
        assert files_under(home) == {}

    def test_users_and_path_are_refused_together_before_the_path_is_touched(
        self, login: Login, registries: Registries, home: Path, users: dict[str, Path]
    ) -> None:
        path = home / "auth.json"
        raw = write(path, {"auths": {US: entry(OLD)}})
        options = {"state": "absent", "region": "us-south"}
        assert login(**options, users=["alice"], config_path=str(path))["failed"]
        assert path.read_bytes() == raw


class TestAllOrNothing:
    @pytest.mark.parametrize(
        ("said", "told", "error"),
        [
            (
                Verdict(False, "It refuses.", status=401, code="UNAUTHORIZED"),
                "de.icr.io: It refuses.",
                {"url": None, "status": 401, "code": "UNAUTHORIZED", "trace_id": None},
            ),
            (
                TransportError("It is unreachable.", url="https://de.icr.io/v2/"),
                "de.icr.io: It is unreachable.",
                {
                    "url": "https://de.icr.io/v2/",
                    "status": None,
                    "code": None,
                    "trace_id": None,
                },
            ),
            (TlsError("It is not trusted."), "de.icr.io: It is not trusted.", None),
            (AnswerTimeoutError("It is slow."), "de.icr.io: It is slow.", None),
            (
                Verdict(True, "", {"pull": {}, "push": {"ns/a": False}}),
                "de.icr.io: The login is accepted, but it is not permitted to push ns/a.",
                None,
            ),
        ],
        ids=["refused", "unreachable", "not-trusted", "too-slow", "not-permitted"],
    )
    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    def test_one_objection_and_no_file_of_any_user_changes(
        self,
        login: Login,
        registries: Registries,
        home: Path,
        users: dict[str, Path],
        said: Any,
        told: str,
        error: dict[str, Any] | None,
        check_mode: bool,
    ) -> None:
        write(
            users["alice"] / ".docker/config.json", {"auths": {US: entry(OLD)}}, 0o644
        )
        before = files_under(home.parent)
        registries.said[DE] = said
        result = login(
            region=["us-south", "eu-de"],
            api_key=NEW,
            users=["alice", "bob"],
            check_mode=check_mode,
        )
        assert result["failed"]
        assert result["msg"] == (
            f"Nothing was written. us.icr.io: The login is accepted. {told}"
        )
        assert result.get("error") == error
        assert [each["registry"] for each in result["registries"]] == [US, DE, US, DE]
        assert files_under(home.parent) == before
        assert mode_of(users["alice"] / ".docker/config.json") == 0o644

    def test_file_that_cannot_be_looked_at_keeps_the_others_as_they_are(
        self, login: Login, registries: Registries, users: dict[str, Path]
    ) -> None:
        (users["bob"] / ".docker").touch()
        result = login(region="us-south", api_key=NEW, users=["alice", "bob"])
        assert result["failed"]
        assert ".docker" in result["msg"]
        assert files_under(users["alice"]) == {}

    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    def test_file_that_cannot_be_written_keeps_the_others_as_they_are(
        self,
        login: Login,
        registries: Registries,
        users: dict[str, Path],
        check_mode: bool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        # root may write anywhere, so the system's answer is made up
        monkeypatch.setattr(os, "access", lambda path, mode: path != str(users["bob"]))
        options: dict[str, Any] = {
            "region": "us-south",
            **KEY,
            "users": ["alice", "bob"],
        }
        result = login(**options, check_mode=check_mode)
        assert result["failed"]
        assert f"{users['bob']} is not writable" in result["msg"]
        assert files_under(users["alice"]) == {}

    def test_what_fails_while_writing_keeps_nobody_else_from_a_login_and_is_told(
        self,
        login: Login,
        registries: Registries,
        users: dict[str, Path],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def full_for_alice(place: Place, wanted: Any) -> bool:
            if place.user.name == "alice":
                raise AuthFileError("The disk is full.")
            return change(place, wanted)

        monkeypatch.setattr(_login_change, "change", full_for_alice)
        result = login(**KEY, region="us-south", users=["alice", "bob"])
        written = users["bob"] / ".docker/config.json"
        assert result["failed"]
        assert result["changed"]
        assert result["msg"] == f"The disk is full. Written all the same: {written}."
        assert [row["user"] for row in result["registries"]] == ["alice", "bob"]
        assert written.exists()


def files_under(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
