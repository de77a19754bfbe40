# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The lookup iam_token: which key, which file, and who makes the token."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleLookupError

from ansible_collections.icr.access.plugins.lookup import iam_token
from ansible_collections.icr.access.plugins.lookup.iam_token import (
    LookupModule,
    find_api_key,
    find_token,
)
from ansible_collections.icr.access.plugins.module_utils import _requests_errors
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    InputError,
)
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import (
    LocalCloud,
)

EXCHANGE = "POST /identity/token"

DEFAULTS: dict[str, Any] = {
    name: option.get("default")
    for name, option in yaml.safe_load(iam_token.DOCUMENTATION)["options"].items()
}


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
        monkeypatch.setattr(iam_token, "find_token", lambda *_: "token")
        assert LookupModule().run(["key"]) == ["token"]

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
