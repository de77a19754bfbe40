# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Acting as other users.

To become somebody else takes root. Here the child process is real, and what it would become is
put aside or recorded.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.icr.access.plugins.module_utils import _user_process, _users
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AuthFileError,
    InputError,
)
from ansible_collections.icr.access.plugins.module_utils._users import (
    User,
    current_user,
    run_as,
)

OURSELVES = User("me", os.getuid(), os.getgid(), "/home/me", {}, True)


class TestCurrentUser:
    def test_home_and_settings_of_the_environment(
        self, monkeypatch: pytest.MonkeyPatch, known_users: None
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 7001)
        monkeypatch.setattr(os, "getegid", lambda: 7002)
        monkeypatch.setenv("HOME", "/elsewhere")
        monkeypatch.setenv("DOCKER_CONFIG", "/docker")
        monkeypatch.setenv("XDG_CONFIG_HOME", "")
        monkeypatch.setenv("XDG_RUNTIME_DIR", "/runtime")
        settings = {"DOCKER_CONFIG": "/docker", "XDG_RUNTIME_DIR": "/runtime"}
        expected = User("builder", 7001, 7002, "/elsewhere", settings, True)
        assert current_user() == expected

    def test_id_without_passwd_entry_is_its_own_name(
        self, monkeypatch: pytest.MonkeyPatch, known_users: None
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 4242)
        assert current_user().name == "4242"


class TestRunAsOurselves:
    def test_task_runs_in_this_process(self) -> None:
        assert run_as(OURSELVES, os.getpid) == os.getpid()

    def test_error_is_raised_as_it_is(self) -> None:
        def fail() -> None:
            raise InputError("No.")

        with pytest.raises(InputError, match=r"^No\.$"):
            run_as(OURSELVES, fail)


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> User:
    """Another user, whom the child need not become."""
    monkeypatch.setattr(_user_process, "_become", lambda user: None)
    return User("builder", 7001, 7002, "/home/builder", {}, False)


class TestRunAsSomebodyElse:
    def test_task_runs_in_a_child_that_is_gone_afterwards(self, other: User) -> None:
        child = run_as(other, os.getpid)
        assert isinstance(child, int)
        assert child != os.getpid()
        with pytest.raises(ChildProcessError):
            os.waitpid(child, os.WNOHANG)

    @pytest.mark.parametrize(
        "value",
        [None, True, 0o600, "é\ud83d", [1, {"a": None}], "x" * 300_000],
        ids=lambda value: ascii(value)[:20],
    )
    def test_value_comes_back(self, other: User, value: object) -> None:
        assert run_as(other, lambda: value) == value

    def test_child_need_not_read_what_ansible_sent(
        self, other: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        package = _users.__name__.rpartition(".")[0]
        names = ("_credential_helper", "_helper_login", "_podman_files")
        for name in names:
            monkeypatch.delitem(sys.modules, f"{package}.{name}", raising=False)
            monkeypatch.delattr(sys.modules[package], name, raising=False)
        assert run_as(
            other, lambda: all(f"{package}.{name}" in sys.modules for name in names)
        )

    def test_memory_of_this_process_stays_as_it_is(self, other: User) -> None:
        seen: list[int] = []
        run_as(other, lambda: seen.append(1))
        assert seen == []

    @pytest.mark.parametrize("error", [AuthFileError, InputError])
    def test_expected_error_comes_back_with_its_message(
        self, other: User, error: type[Exception]
    ) -> None:
        def fail() -> None:
            raise error("It cannot be read.")

        with pytest.raises(AuthFileError, match=r"^It cannot be read\.$"):
            run_as(other, fail)

    def test_slip_of_ours_is_told_without_its_text(self, other: User) -> None:
        def fail() -> None:
            raise KeyError("s3cret")

        with pytest.raises(
            AuthFileError, match=r"^KeyError while acting as builder\.$"
        ):
            run_as(other, fail)

    @pytest.mark.parametrize(
        "task",
        [
            pytest.param(lambda: os._exit(1), id="exits"),
            pytest.param(lambda: os.kill(os.getpid(), 9), id="is-killed"),
            pytest.param(object, id="answers-what-is-no-data"),
        ],
    )
    def test_child_that_dies_is_an_error(
        self, other: User, task: Callable[[], object]
    ) -> None:
        with pytest.raises(AuthFileError, match="acted as builder died"):
            run_as(other, task)

    def test_task_does_not_run_when_the_child_cannot_become_the_user(
        self, other: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(user: User) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(_user_process, "_become", refuse)
        with pytest.raises(
            AuthFileError,
            match=r"Acting as builder is not permitted: Operation not permitted\.",
        ):
            run_as(other, (tmp_path / "done").touch)
        assert not (tmp_path / "done").exists()

    def test_child_that_stops_for_ever_is_ended(
        self, other: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_user_process, "_LONGEST_TASK", 0.2)
        with pytest.raises(AuthFileError, match="gave no answer within 0 seconds"):
            run_as(other, lambda: os.kill(os.getpid(), signal.SIGSTOP))
        with pytest.raises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)

    def test_answer_without_end_is_cut_off(
        self, other: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_user_process, "_LONGEST_ANSWER", 1000)
        with pytest.raises(AuthFileError, match="acted as builder died"):
            run_as(other, lambda: "x" * 1_000_000)

    def test_child_never_returns_into_the_code_of_its_parent(
        self, other: User, tmp_path: Path
    ) -> None:
        log = tmp_path / "log"

        def leave() -> None:
            raise SystemExit(0)

        try:
            with pytest.raises(AuthFileError):
                run_as(other, leave)
        finally:
            with log.open("a") as stream:
                stream.write(f"{os.getpid()}\n")
        assert log.read_text() == f"{os.getpid()}\n"

    def test_nothing_stays_open(self, other: User) -> None:
        before = len(os.listdir("/proc/self/fd"))
        run_as(other, lambda: None)
        assert len(os.listdir("/proc/self/fd")) == before


class TestBecome:
    """What the child does to itself, in a child of this test."""

    @pytest.fixture
    def calls(self, monkeypatch: pytest.MonkeyPatch) -> list[list[object]]:
        """The calls that would need root."""
        made: list[list[object]] = []
        for name in ("initgroups", "setgid", "setuid"):
            monkeypatch.setattr(
                os, name, lambda *given, name=name: made.append([name, *given])
            )
        return made

    def test_groups_go_first_and_the_user_id_last(
        self, calls: list[list[object]], tmp_path: Path
    ) -> None:
        user = User("builder", 7001, 7002, str(tmp_path), {}, False)
        assert run_as(user, lambda: calls) == [
            ["initgroups", "builder", 7002],
            ["setgid", 7002],
            ["setuid", 7001],
        ]

    def test_environment_is_clean(
        self,
        calls: list[list[object]],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("IC_API_KEY", "s3cret")
        monkeypatch.setenv("DOCKER_CONFIG", "/srv/admin/docker")
        settings = {"XDG_RUNTIME_DIR": "/run/user/7001"}
        user = User("builder", 7001, 7002, str(tmp_path), settings, False)
        assert run_as(user, lambda: dict(os.environ)) == {
            "HOME": str(tmp_path),
            "USER": "builder",
            "LOGNAME": "builder",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "XDG_RUNTIME_DIR": "/run/user/7001",
        }
        assert os.environ["IC_API_KEY"] == "s3cret"

    def test_new_files_are_private_and_the_folder_is_the_home(
        self, calls: list[list[object]], tmp_path: Path
    ) -> None:
        user = User("builder", 7001, 7002, str(tmp_path), {}, False)
        assert run_as(user, lambda: [os.umask(0), os.getcwd()]) == [0o77, str(tmp_path)]

    def test_home_that_cannot_be_entered_leaves_the_root_folder(
        self, calls: list[list[object]], tmp_path: Path
    ) -> None:
        user = User("builder", 7001, 7002, str(tmp_path / "missing"), {}, False)
        assert run_as(user, os.getcwd) == "/"
