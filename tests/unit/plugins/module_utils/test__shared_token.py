# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A token that processes share: which file, how long, and who makes it."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    AuthFileError,
    InputError,
)
from ansible_collections.icr.access.plugins.module_utils._shared_token import (
    FAILURE_LIFE,
    failure_file_of,
    file_of,
    is_fresh,
    locked,
    shared,
)
from ansible_collections.icr.access.plugins.module_utils._verdict import Settings

HOUR = 3600
HOLD_LOCK = """
import fcntl, os, sys
fcntl.flock(os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600), fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.read()
"""


def token_of(**claims: object) -> str:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJSUzI1NiJ9.{middle}.c2lnbmF0dXJl"


FOR_AN_HOUR = token_of(iat=1000, exp=1000 + HOUR)


class TestIsFresh:
    @pytest.mark.parametrize(
        ("token", "age", "expected"),
        [
            pytest.param(FOR_AN_HOUR, 0, True, id="new"),
            pytest.param(FOR_AN_HOUR, HOUR / 2 - 1, True, id="more than half is left"),
            pytest.param(FOR_AN_HOUR, HOUR / 2, False, id="half is left"),
            pytest.param(FOR_AN_HOUR, -1, False, id="from the future"),
            pytest.param(token_of(iat=1000, exp=1600), 299, True, id="short life"),
            pytest.param(
                token_of(iat=1000, exp=1600), 300, False, id="short life, half"
            ),
            pytest.param(token_of(exp=5), HOUR / 2 - 1, True, id="unknown life"),
            pytest.param("no token", 0, False, id="something else"),
            pytest.param("", 0, False, id="nothing"),
        ],
    )
    def test_fresh(self, token: str, age: float, expected: bool) -> None:
        assert is_fresh(token, age) is expected


class TestFileOf:
    def test_differs_by_key_and_by_endpoint_and_tells_neither(self) -> None:
        names = {
            file_of("/f", key, url) for key in ("key", "yek") for url in ("u", "w")
        }
        assert len(names) == 4
        assert not any("key" in name or "yek" in name for name in names)

    def test_key_and_endpoint_cannot_be_mistaken_for_each_other(self) -> None:
        assert file_of("/f", "bc", "a") != file_of("/f", "c", "ab")


def failure_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.failure")


def share(path: Path, make: Callable[[], str]) -> str:
    return shared(str(path), make, str(failure_of(path)))


class TestFailureFileOf:
    @pytest.mark.parametrize(
        "changes",
        [{"timeout": 9}, {"retries": 9}, {"ca_path": "/a"}, {"validate_certs": False}],
    )
    def test_differs_by_what_may_make_the_difference(
        self, changes: dict[str, Any]
    ) -> None:
        usual = failure_file_of("/f/token", Settings())
        assert failure_file_of("/f/token", Settings(**changes)) != usual
        assert failure_file_of("/f/nekot", Settings()) != usual

    def test_is_the_same_in_every_process(self) -> None:
        other = Settings(random=lambda: 0.5)
        assert failure_file_of("/f", other) == failure_file_of("/f", Settings())


class TestShared:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "token"

    def test_made_once_and_kept_for_this_user_only(self, path: Path) -> None:
        made = [FOR_AN_HOUR]
        assert share(path, made.pop) == FOR_AN_HOUR
        assert share(path, made.pop) == FOR_AN_HOUR
        assert path.read_text() == FOR_AN_HOUR
        assert {
            stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()
        } == {0o600}

    def test_made_again_when_half_of_its_life_is_over(self, path: Path) -> None:
        share(path, lambda: FOR_AN_HOUR)
        earlier = path.stat().st_mtime - HOUR / 2
        os.utime(path, (earlier, earlier))
        another = token_of(iat=2000, exp=2000 + HOUR)
        assert share(path, lambda: another) == another
        assert path.read_text() == another

    @pytest.mark.parametrize("content", ["", "half a tok", "\xff"])
    def test_made_again_when_the_file_holds_something_else(
        self, path: Path, content: str
    ) -> None:
        path.write_text(content, encoding="latin-1")
        assert share(path, lambda: FOR_AN_HOUR) == FOR_AN_HOUR

    def test_failure_is_told_to_the_others_and_forgotten_in_time(
        self, path: Path
    ) -> None:
        tries: list[str] = []

        def fail() -> str:
            tries.append("once")
            raise InputError("no")

        with pytest.raises(InputError, match=r"^no$"):
            share(path, fail)
        with pytest.raises(AccessError, match=r"^no .*once for all hosts"):
            share(path, fail)
        assert len(tries) == 1
        assert not path.exists()
        failure = failure_of(path)
        assert stat.S_IMODE(failure.stat().st_mode) == 0o600
        earlier = failure.stat().st_mtime - FAILURE_LIFE
        os.utime(failure, (earlier, earlier))
        assert share(path, lambda: FOR_AN_HOUR) == FOR_AN_HOUR

    def test_failure_that_cannot_be_kept_is_told_all_the_same(self, path: Path) -> None:
        def fail() -> str:
            failure_of(path).mkdir()
            raise InputError("no")

        with pytest.raises(InputError, match=r"^no$"):
            share(path, fail)

    def test_folder_is_gone(self, path: Path) -> None:
        with pytest.raises(AuthFileError, match="cannot be locked"):
            share(path / "deeper", lambda: FOR_AN_HOUR)

    def test_many_at_once_make_one(self, path: Path) -> None:
        made: list[str] = []
        start = threading.Barrier(8)
        found: list[str] = []

        def make() -> str:
            made.append(FOR_AN_HOUR)
            return FOR_AN_HOUR

        def ask() -> None:
            start.wait()
            found.append(share(path, make))

        threads = [threading.Thread(target=ask) for _turn in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [FOR_AN_HOUR] * 8
        assert len(made) == 1

    def test_whoever_waited_takes_what_was_made_meanwhile(self, path: Path) -> None:
        def make() -> str:
            raise AssertionError("made although there is one")

        waiting = threading.Thread(target=lambda: found.append(share(path, make)))
        found: list[str] = []
        with locked(f"{path}.lock"):
            waiting.start()
            path.write_text(FOR_AN_HOUR)
        waiting.join()
        assert found == [FOR_AN_HOUR]

    def test_lock_of_a_killed_process_is_free(self, path: Path) -> None:
        command = [sys.executable, "-c", HOLD_LOCK, f"{path}.lock"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"locked\n"
            holder.kill()
        assert share(path, lambda: FOR_AN_HOUR) == FOR_AN_HOUR
