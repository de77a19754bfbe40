# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The lookup iam_token: which key, which file, and who makes the token."""

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
import yaml
from ansible import constants
from ansible.errors import AnsibleLookupError

from ansible_collections.icr.access.plugins.lookup import iam_token
from ansible_collections.icr.access.plugins.lookup.iam_token import (
    FAILURE_LIFE,
    LookupModule,
    failure_file_of,
    file_of,
    find_api_key,
    find_token,
    is_fresh,
    shared,
)
from ansible_collections.icr.access.plugins.module_utils import _requests_errors
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    AuthFileError,
    InputError,
)
from ansible_collections.icr.access.plugins.module_utils._verdict import Settings
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import (
    LocalCloud,
)

EXCHANGE = "POST /identity/token"
HOUR = 3600

DEFAULTS: dict[str, Any] = {
    name: option.get("default")
    for name, option in yaml.safe_load(iam_token.DOCUMENTATION)["options"].items()
}
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


class TestFindApiKey:
    @pytest.mark.parametrize(
        ("terms", "option", "environ", "expected"),
        [
            pytest.param(["a"], None, {}, "a", id="term"),
            pytest.param([], "a", {}, "a", id="option"),
            pytest.param([], None, {"IC_API_KEY": "a"}, "a", id="IC_API_KEY"),
            pytest.param(
                [], None, {"IBMCLOUD_API_KEY": "a"}, "a", id="IBMCLOUD_API_KEY"
            ),
            pytest.param(
                [],
                None,
                {"IBMCLOUD_API_KEY": "b", "IC_API_KEY": "a"},
                "a",
                id="IC_API_KEY counts first",
            ),
            pytest.param(
                [],
                None,
                {"IC_API_KEY": "", "IBMCLOUD_API_KEY": "b"},
                "b",
                id="an empty variable is none",
            ),
            pytest.param([], "a", {"IC_API_KEY": "b"}, "a", id="option beats variable"),
            pytest.param(
                ["a"], None, {"IC_API_KEY": "b"}, "a", id="term beats variable"
            ),
        ],
    )
    def test_finds(
        self,
        terms: list[str],
        option: str | None,
        environ: dict[str, str],
        expected: str,
    ) -> None:
        assert find_api_key(terms, option, environ) == expected

    @pytest.mark.parametrize(
        ("terms", "option", "environ", "said"),
        [
            pytest.param([], None, {}, "needs an API key", id="none"),
            pytest.param(
                [], None, {"IC_IAM_TOKEN": "t"}, "needs an API key", id="only a token"
            ),
            pytest.param(["canary", "b"], None, {}, "one API key", id="two terms"),
            pytest.param(["canary"], "b", {}, "one API key", id="term and option"),
            pytest.param([["canary"]], None, {}, "one API key", id="a list in a term"),
            pytest.param(
                [], "", {"IC_API_KEY": "canary"}, "is empty", id="empty option"
            ),
            pytest.param([], "canary\n", {}, "white space", id="end of line"),
        ],
    )
    def test_nonsense_is_told_without_the_key(
        self, terms: list[Any], option: str | None, environ: dict[str, str], said: str
    ) -> None:
        with pytest.raises(InputError, match=said) as caught:
            find_api_key(terms, option, environ)
        assert "canary" not in str(caught.value)


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
        with iam_token.locked(f"{path}.lock"):
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


Look = Callable[..., str]


class TestLookup:
    @pytest.fixture
    def cloud(
        self,
        local_cloud: LocalCloud,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> LocalCloud:
        for name in ("IC_API_KEY", "IBMCLOUD_API_KEY", "ICR_ENDPOINTS"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
        return local_cloud

    @pytest.fixture
    def look(self, cloud: LocalCloud) -> Look:
        def look_here(*terms: str, **options: object) -> str:
            given = {"endpoints": cloud.endpoints, "retries": 0, **options}
            return find_token(list(terms), {**DEFAULTS, **given}, {})

        return look_here

    def test_one_exchange_for_all_who_ask(self, cloud: LocalCloud, look: Look) -> None:
        token = look(api_key=cloud.api_key)
        assert look(cloud.api_key) == token
        assert cloud.requests() == [EXCHANGE]

    def test_another_key_has_another_token(self, cloud: LocalCloud, look: Look) -> None:
        other = cloud.service_id()["api_key"]
        assert look(api_key=other) != look(api_key=cloud.api_key)
        assert cloud.requests() == [EXCHANGE, EXCHANGE]

    def test_refused_key_is_one_line_without_it(
        self, cloud: LocalCloud, look: Look
    ) -> None:
        with pytest.raises(AccessError, match="BXNIM0415E") as caught:
            look(api_key="canary-that-is-no-key")
        assert "canary" not in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_answer_that_gives_the_key_back_is_not_repeated(
        self, cloud: LocalCloud, look: Look
    ) -> None:
        cloud.fault(
            kind="text", path="*", service="iam", status=500, body=f"no {cloud.api_key}"
        )
        with pytest.raises(AccessError, match="500") as caught:
            look(api_key=cloud.api_key)
        assert cloud.api_key not in str(caught.value)

    @pytest.mark.parametrize("status", [400, 429, 500])
    def test_failure_is_found_out_once(
        self, cloud: LocalCloud, look: Look, status: int
    ) -> None:
        body = f"no {cloud.api_key}"
        cloud.fault(kind="text", path="*", service="iam", status=status, body=body)
        for _host in range(3):
            with pytest.raises(AccessError, match=str(status)) as caught:
                look(api_key=cloud.api_key)
            assert cloud.api_key not in str(caught.value)
        assert cloud.requests() == [EXCHANGE]

    def test_other_settings_and_other_keys_are_tried(
        self, cloud: LocalCloud, look: Look
    ) -> None:
        cloud.fault(kind="text", path="*", service="iam", status=500)
        with pytest.raises(AccessError):
            look(api_key=cloud.api_key)
        assert look(api_key=cloud.service_id()["api_key"])
        assert look(api_key=cloud.api_key, timeout=9)

    def test_vaulted_key(self, cloud: LocalCloud, look: Look) -> None:
        class Vaulted:
            """As ansible-core 2.18 hands over a vaulted variable."""

            __ENCRYPTED__ = True

            def __str__(self) -> str:
                return cloud.api_key

        vaulted: Any = Vaulted()
        assert look(vaulted) == look(api_key=vaulted)

    def test_endpoints_of_the_environment(
        self, cloud: LocalCloud, tmp_path: Path
    ) -> None:
        file = tmp_path / "endpoints.json"
        file.write_text(json.dumps({"endpoints": cloud.endpoints}))
        environ = {"ICR_ENDPOINTS": str(file), "IC_API_KEY": cloud.api_key}
        find_token([], DEFAULTS, environ)
        assert cloud.requests() == [EXCHANGE]


class TestLookupModule:
    @pytest.fixture(autouse=True)
    def _options(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What Ansible reads from the documentation of a plugin that it has loaded."""
        monkeypatch.setattr(LookupModule, "set_options", lambda *_given, **_named: None)
        monkeypatch.setattr(
            LookupModule, "get_option", lambda _plugin, name: DEFAULTS[name]
        )

    def test_gives_a_list(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(iam_token, "find_token", lambda *_: FOR_AN_HOUR)
        assert LookupModule().run(["key"]) == [FOR_AN_HOUR]

    def test_tells_errors_in_ansible_s_way(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("IC_API_KEY", raising=False)
        monkeypatch.delenv("IBMCLOUD_API_KEY", raising=False)
        with pytest.raises(AnsibleLookupError, match="needs an API key"):
            LookupModule().run([])

    def test_says_what_is_missing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
        monkeypatch.setattr(_requests_errors, "HAS_REQUESTS", False)
        with pytest.raises(AnsibleLookupError, match="requests"):
            LookupModule().run(["key"])
        assert not list(tmp_path.glob("*.failure"))  # of this host, not of IAM
