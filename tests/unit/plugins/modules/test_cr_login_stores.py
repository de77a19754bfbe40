# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""cr_login and what it finds on a host: malformed files, credential helpers, Podman's files."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.icr.access.tests.unit.plugins.fake_credential_helper import (
    FakeCredentialHelper,
)
from ansible_collections.icr.access.tests.unit.plugins.modules.login_files import (
    ABSENT,
    DE,
    KEY,
    NEW,
    OLD,
    US,
    Login,
    auths_of,
    element,
    entry,
    write,
)
from ansible_collections.icr.access.tests.unit.plugins.modules.stand_in_registries import (
    Registries,
)


def shut(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Lets nobody into `folder`, root included."""

    def barred(call: Callable[..., Any]) -> Callable[..., Any]:
        def instead(path: Any, *args: Any, **options: Any) -> Any:
            if isinstance(path, str) and path.startswith(f"{folder}/"):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
            return call(path, *args, **options)

        return instead

    for name in ("open", "stat", "lstat"):
        monkeypatch.setattr(os, name, barred(getattr(os, name)))


class TestMalformedFile:
    @pytest.mark.parametrize("state", ["present", "absent"])
    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    @pytest.mark.parametrize(
        "content",
        [
            b"{",
            b"\xff\xfe",
            b"[1]",
            b'{"auths": []}',
            b'{"auths": {"us.icr.io": "x"}}',
            b'{"auths": {}, "auths": {}}',
            b'{"n": 1e999}',
        ],
        ids=ascii,
    )
    def test_it_is_an_error_and_stays_byte_for_byte(
        self,
        login: Login,
        registries: Registries,
        config: Path,
        content: bytes,
        check_mode: bool,
        state: str,
    ) -> None:
        config.parent.mkdir()
        config.write_bytes(content)
        options: dict[str, Any] = KEY if state == "present" else {}
        result = login(region="us-south", state=state, check_mode=check_mode, **options)
        assert result["failed"]
        assert str(config) in result["msg"]
        assert config.read_bytes() == content
        assert registries.asked == []

    @pytest.mark.parametrize("kind", ["directory", "pipe"])
    def test_what_is_no_file_is_an_error(
        self, login: Login, registries: Registries, config: Path, kind: str
    ) -> None:
        config.parent.mkdir()
        config.mkdir() if kind == "directory" else os.mkfifo(config)
        assert login(region="us-south", api_key=NEW)["failed"]
        assert login(region="us-south", state="absent")["failed"]

    @pytest.mark.parametrize("content", [b"", b"\n"])
    def test_empty_file_counts_as_an_empty_document(
        self, login: Login, registries: Registries, config: Path, content: bytes
    ) -> None:
        config.parent.mkdir()
        config.write_bytes(content)
        assert not login(region="us-south", state="absent")["changed"]
        assert config.read_bytes() == content
        assert login(region="us-south", api_key=NEW)["changed"]
        assert auths_of(config) == {US: entry()}


class TestHelper:
    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    def test_login_goes_where_docker_looks(
        self,
        login: Login,
        registries: Registries,
        config: Path,
        helper: FakeCredentialHelper,
        check_mode: bool,
    ) -> None:
        raw = write(config, {"credsStore": "fake"})
        options: dict[str, Any] = {"region": "us-south", **KEY}
        result = login(**options, check_mode=check_mode)
        expected = element(config, store="fake")
        assert result == {"changed": True, "registries": [expected]}
        assert helper.logins == ({} if check_mode else {US: ("iamapikey", NEW)})
        assert config.read_bytes() == raw
        assert login(**options)["changed"] is check_mode

    def test_secret_is_in_no_argument(
        self,
        login: Login,
        registries: Registries,
        config: Path,
        helper: FakeCredentialHelper,
    ) -> None:
        write(config, {"credsStore": "fake"})
        login(region="us-south", api_key=NEW)
        assert [
            arguments for arguments, _given in helper.calls if len(arguments) > 1
        ] == []
        assert NEW not in json.dumps([arguments for arguments, _given in helper.calls])
        assert NEW in {verb[0]: given for verb, given in helper.calls}["store"]

    def test_log_out_erases_it(
        self,
        login: Login,
        registries: Registries,
        config: Path,
        helper: FakeCredentialHelper,
    ) -> None:
        write(config, {"credHelpers": {US: "fake"}})
        helper.keep({US: ("iamapikey", OLD), DE: ("iamapikey", OLD)})
        options = {"region": "us-south", "state": "absent"}
        assert login(**options, check_mode=True)["changed"]
        assert set(helper.logins) == {US, DE}
        assert login(**options)["changed"]
        assert set(helper.logins) == {DE}
        assert not login(**options)["changed"]

    def test_file_that_was_asked_for_is_used_with_a_warning(
        self,
        login: Login,
        registries: Registries,
        config: Path,
        helper: FakeCredentialHelper,
    ) -> None:
        write(config, {"credsStore": "fake"})
        result = login(region="us-south", api_key=NEW, credential_store="file")
        assert auths_of(config) == {US: entry()}
        assert helper.calls == []
        assert "docker asks the credential helper fake" in json.dumps(
            result["warnings"]
        )

    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    def test_missing_helper_is_an_error(
        self, login: Login, registries: Registries, config: Path, check_mode: bool
    ) -> None:
        raw = write(config, {"credsStore": "missing"})
        result = login(region="us-south", api_key=NEW, check_mode=check_mode)
        assert "docker-credential-missing is not installed" in result["msg"]
        assert config.read_bytes() == raw

    @pytest.mark.parametrize(
        "mode", ["repeats what it is given and fails", "answers and fails"]
    )
    def test_helper_that_gives_secrets_away_is_not_repeated(
        self,
        login: Login,
        registries: Registries,
        config: Path,
        helper: FakeCredentialHelper,
        mode: str,
    ) -> None:
        write(config, {"credsStore": "fake"})
        helper.keep({US: ("iamapikey", OLD)})
        helper.be(mode)
        assert login(region="us-south", api_key=NEW)["failed"]


class TestPodman:
    @pytest.fixture
    def auth_file(self, home: Path) -> Path:
        return home / ".config" / "containers" / "auth.json"

    @pytest.fixture
    def runtime(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "run"))
        return home / "run" / "containers" / "auth.json"

    def test_file_is_the_one_that_outlives_a_reboot(
        self, login: Login, registries: Registries, auth_file: Path, runtime: Path
    ) -> None:
        result = login(region="us-south", api_key=NEW, client="podman")
        assert result["registries"] == [element(auth_file)]
        assert auths_of(auth_file) == {US: entry()}
        assert not runtime.exists()

    def test_docker_store_is_nothing_to_podman(
        self,
        login: Login,
        registries: Registries,
        auth_file: Path,
        helper: FakeCredentialHelper,
    ) -> None:
        write(auth_file, {"credsStore": "fake", "credHelpers": {DE: "fake"}})
        result = login(region=["us-south", "eu-de"], api_key=NEW, client="podman")
        assert [each["store"] for each in result["registries"]] == ["file", "fake"]
        assert auths_of(auth_file) == {US: entry()}
        assert set(helper.logins) == {DE}

    def test_entry_that_wins_is_reported_with_a_warning_and_stays(
        self, login: Login, registries: Registries, auth_file: Path, runtime: Path
    ) -> None:
        raw = write(runtime, {"auths": {US: entry(OLD)}})
        for changed in (True, False):
            result = login(region="us-south", api_key=NEW, client="podman")
            assert result["changed"] is changed
            assert result["registries"] == [
                element(auth_file, shadowed_by=str(runtime))
            ]
            assert "podman prefers" in json.dumps(result["warnings"])
        assert runtime.read_bytes() == raw

    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    def test_log_out_removes_it_there_too(
        self,
        login: Login,
        registries: Registries,
        auth_file: Path,
        runtime: Path,
        check_mode: bool,
    ) -> None:
        raw = write(runtime, {"auths": {US: entry(OLD), DE: entry(OLD)}})
        options = {"region": "us-south", "state": "absent", "client": "podman"}
        result = login(**options, check_mode=check_mode)
        assert result == {"changed": True, "registries": [element(auth_file, **ABSENT)]}
        if check_mode:
            assert runtime.read_bytes() == raw
        else:
            assert auths_of(runtime) == {DE: entry(OLD)}
            assert not login(**options)["changed"]

    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    def test_file_that_may_hold_a_login_is_no_unchanged_log_out(
        self,
        login: Login,
        registries: Registries,
        auth_file: Path,
        runtime: Path,
        check_mode: bool,
    ) -> None:
        runtime.parent.mkdir(parents=True)
        runtime.write_text("{")
        options = {"region": "us-south", "state": "absent", "client": "podman"}
        result = login(**options, check_mode=check_mode)
        assert result["failed"]
        assert str(runtime) in result["msg"]

    def test_file_that_tells_nothing_is_a_warning_at_log_in_and_an_error_at_log_out(
        self, login: Login, registries: Registries, auth_file: Path, runtime: Path
    ) -> None:
        runtime.parent.mkdir(parents=True)
        runtime.write_text("{")
        result = login(region="us-south", api_key=NEW, client="podman")
        assert result["changed"]
        assert "Not looked at" in json.dumps(result["warnings"])
        before = auth_file.read_bytes()
        assert login(region="us-south", state="absent", client="podman")["failed"]
        assert auth_file.read_bytes() == before

    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    def test_file_out_of_reach_is_a_warning_and_hinders_neither(
        self,
        login: Login,
        registries: Registries,
        auth_file: Path,
        runtime: Path,
        monkeypatch: pytest.MonkeyPatch,
        check_mode: bool,
    ) -> None:
        # As with root's Podman, which keeps /run/containers to itself; tests may be root.
        shut(monkeypatch, runtime.parent)
        write(auth_file, {"auths": {US: entry(OLD), DE: entry(OLD)}})
        for options in ({"state": "absent"}, {"api_key": NEW}):
            result = login(
                region="us-south", client="podman", check_mode=check_mode, **options
            )
            assert result["changed"]
            assert f"Not looked at: {runtime}" in json.dumps(result["warnings"])
        assert auths_of(auth_file)[DE] == entry(OLD)

    def test_login_for_a_namespace_is_reported_and_outlives_the_log_out(
        self, login: Login, registries: Registries, auth_file: Path, runtime: Path
    ) -> None:
        part = {f"{US}/team-a": entry(OLD)}
        write(auth_file, {"auths": part})
        result = login(region="us-south", api_key=NEW, client="podman")
        assert result["registries"] == [element(auth_file, shadowed_by=str(auth_file))]
        assert "preferred for what lies under us.icr.io/team-a" in json.dumps(
            result["warnings"]
        )
        result = login(region="us-south", state="absent", client="podman")
        assert auths_of(auth_file) == part
        assert f"{US}/team-a in {auth_file} stays" in json.dumps(result["warnings"])

    def test_entry_without_a_login_wins_nothing_and_goes_at_log_out(
        self, login: Login, registries: Registries, auth_file: Path, runtime: Path
    ) -> None:
        write(runtime, {"auths": {US: {}}})
        result = login(region="us-south", api_key=NEW, client="podman")
        assert result["registries"] == [element(auth_file)]
        assert "warnings" not in result
        assert login(region="us-south", state="absent", client="podman")["changed"]
        assert auths_of(runtime) == {}
