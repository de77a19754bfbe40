# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils import _clients
from ansible_collections.icr.access.plugins.module_utils._clients import (
    Clients,
    Credential,
    connected,
    find_credential,
    find_endpoints,
    iam_url,
)
from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._settings import (
    settings_of,
)
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud

KEY, TOKEN = "k" * 44, "eyJ.eyJ.x"


class FailedError(Exception):
    """The module has ended."""


class FakeModule:
    """As much of AnsibleModule as is used."""

    def __init__(self, **params: object) -> None:
        self.params: dict[str, Any] = {
            "api_key": None,
            "iam_token": None,
            "account_id": None,
            "visibility": "public",
            "endpoints": None,
            "ca_path": None,
            "validate_certs": True,
            "timeout": 10.0,
            "retries": 0,
            **params,
        }
        self.no_log_values: set[str] = set()

    def fail_json(self, **result: object) -> None:
        raise FailedError(result["msg"])


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "IAM_TOKEN"):
        monkeypatch.delenv(f"IC_{name}", raising=False)
        monkeypatch.delenv(f"IBMCLOUD_{name}", raising=False)
    monkeypatch.delenv("ICR_ENDPOINTS", raising=False)


class TestFindCredential:
    @pytest.mark.parametrize(
        ("params", "environ", "source"),
        [
            ({"api_key": KEY}, {}, "api_key"),
            ({"iam_token": TOKEN}, {}, "iam_token"),
            ({}, {"IC_API_KEY": KEY}, "api_key of IC_API_KEY"),
            ({}, {"IBMCLOUD_API_KEY": KEY}, "api_key of IBMCLOUD_API_KEY"),
            (
                {},
                {"IC_API_KEY": KEY, "IBMCLOUD_API_KEY": "other"},
                "api_key of IC_API_KEY",
            ),
            ({}, {"IC_IAM_TOKEN": TOKEN}, "iam_token of IC_IAM_TOKEN"),
            ({}, {"IBMCLOUD_IAM_TOKEN": TOKEN}, "iam_token of IBMCLOUD_IAM_TOKEN"),
            (
                {},
                {"IC_IAM_TOKEN": TOKEN, "IBMCLOUD_API_KEY": KEY},
                "api_key of IBMCLOUD_API_KEY",
            ),
            ({"iam_token": TOKEN}, {"IC_API_KEY": "other"}, "iam_token"),
            ({"api_key": KEY}, {"IC_IAM_TOKEN": "other"}, "api_key"),
            ({"api_key": KEY}, {"IC_API_KEY": "other"}, "api_key"),
            (
                {},
                {"IC_API_KEY": "", "IBMCLOUD_API_KEY": KEY},
                "api_key of IBMCLOUD_API_KEY",
            ),
        ],
    )
    def test_explicit_beats_environment_and_key_beats_token(
        self, params: dict[str, str], environ: dict[str, str], source: str
    ) -> None:
        given = {"api_key": None, "iam_token": None, **params}
        expected = (
            Credential(source, api_key=KEY)
            if source.startswith("api_key")
            else Credential(source, iam_token=TOKEN)
        )
        assert find_credential(given, environ) == expected

    def test_token_may_come_with_its_kind(self) -> None:
        given = {"api_key": None, "iam_token": f"Bearer {TOKEN}"}
        assert find_credential(given, {}).iam_token == TOKEN

    def test_none_is_told(self) -> None:
        with pytest.raises(InputError, match="IC_API_KEY or IC_IAM_TOKEN"):
            find_credential({"api_key": None, "iam_token": None}, {})

    @pytest.mark.parametrize("secret", ["", "  "])
    def test_empty_one_is_told(self, secret: str) -> None:
        with pytest.raises(InputError, match="api_key is empty"):
            find_credential({"api_key": secret, "iam_token": None}, {"IC_API_KEY": KEY})

    @pytest.mark.parametrize("end", ["\n", " x", "\x00"])
    def test_white_space_is_told_without_the_secret(self, end: str) -> None:
        with pytest.raises(InputError, match="of IC_API_KEY has white space") as caught:
            find_credential(
                {"api_key": None, "iam_token": None}, {"IC_API_KEY": KEY + end}
            )
        assert KEY not in str(caught.value)

    def test_secret_is_not_shown(self) -> None:
        assert KEY not in repr(Credential("x", api_key=KEY, iam_token=KEY))


ENDPOINTS = {
    "iam": "http://localhost:1",
    "registry": {"us-south": "http://localhost:2"},
}


class TestFindEndpoints:
    @pytest.mark.parametrize(
        "document", [ENDPOINTS, {"endpoints": ENDPOINTS, "api_key": KEY}]
    )
    def test_file_of_either_shape(self, tmp_path: Path, document: object) -> None:
        path = tmp_path / "endpoints.json"
        path.write_text(json.dumps(document))
        assert find_endpoints(None, {"ICR_ENDPOINTS": str(path)}) == ENDPOINTS

    def test_file_in_the_home(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        (tmp_path / "endpoints.json").write_text(json.dumps(ENDPOINTS))
        assert find_endpoints(None, {"ICR_ENDPOINTS": "~/endpoints.json"}) == ENDPOINTS

    def test_option_beats_the_file(self) -> None:
        environ = {"ICR_ENDPOINTS": "/does/not/exist"}
        assert find_endpoints(ENDPOINTS, environ) == ENDPOINTS

    @pytest.mark.parametrize("environ", [{}, {"ICR_ENDPOINTS": ""}])
    def test_none(self, environ: Mapping[str, str]) -> None:
        assert find_endpoints(None, environ) is None

    def test_missing_file_is_told(self) -> None:
        with pytest.raises(InputError, match="ICR_ENDPOINTS names /no, which cannot"):
            find_endpoints(None, {"ICR_ENDPOINTS": "/no"})

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", "7", '{"endpoints": []}', "[" * 9999]
    )
    def test_file_of_another_shape_is_told(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "endpoints.json"
        path.write_text(text)
        with pytest.raises(InputError, match="holds no JSON object"):
            find_endpoints(None, {"ICR_ENDPOINTS": str(path)})

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"iam": "http://iam.cloud.ibm.com"}, "plain http"),
            ({"registry": {"mars": "https://x"}}, "no registry region"),
            ({"what": 1}, "takes the keys iam and registry"),
        ],
    )
    def test_values_are_checked(self, given: dict[str, object], said: str) -> None:
        with pytest.raises(InputError, match=said):
            find_endpoints(given, {})


class TestIamUrl:
    @pytest.mark.parametrize(
        ("visibility", "endpoints", "expected"),
        [
            ("public", None, "https://iam.cloud.ibm.com"),
            ("private", None, "https://private.iam.cloud.ibm.com"),
            ("private", {"iam": " https://gate.example/ "}, "https://gate.example"),
        ],
    )
    def test_table(
        self, visibility: str, endpoints: dict[str, object] | None, expected: str
    ) -> None:
        assert iam_url(visibility, endpoints) == expected

    def test_endpoints_without_it_never_fall_back(self) -> None:
        with pytest.raises(InputError, match="endpoints has no URL for iam"):
            iam_url("public", {"registry": {}})


class TestSettingsOf:
    def test_options_are_taken(self) -> None:
        settings = settings_of(FakeModule(timeout=2.5, retries=7, ca_path="/ca").params)
        assert (settings.timeout, settings.retries, settings.ca_path) == (2.5, 7, "/ca")

    @pytest.mark.parametrize(
        ("option", "value"),
        [
            *(("timeout", each) for each in (0, -1, 3601, float("nan"), float("inf"))),
            ("retries", -1),
        ],
    )
    def test_impossible_value_is_an_error(self, option: str, value: float) -> None:
        with pytest.raises(InputError, match=f"^{option} must be"):
            settings_of(FakeModule(**{option: value}).params)


class TestConnected:
    def clients(self, cloud: LocalCloud, **params: object) -> Any:
        given = {"api_key": cloud.api_key, "endpoints": cloud.endpoints, **params}
        return connected(FakeModule(**given))

    def test_account_is_that_of_the_credential(self, local_cloud: LocalCloud) -> None:
        with self.clients(local_cloud) as clients:
            assert clients.account_id() == local_cloud.account_id

    def test_account_that_is_given_may_be_the_same(
        self, local_cloud: LocalCloud
    ) -> None:
        account_id = local_cloud.account_id
        for given in (account_id, f" {account_id.upper()}\n"):
            with self.clients(local_cloud, account_id=given) as clients:
                assert clients.account_id() == account_id

    @pytest.mark.parametrize("account_id", ["", " "])
    def test_blank_account_is_told(
        self, local_cloud: LocalCloud, account_id: str
    ) -> None:
        with pytest.raises(InputError, match="account_id is empty"), self.clients(
            local_cloud, account_id=account_id
        ):
            pass

    def test_wrong_account_is_told(self, local_cloud: LocalCloud) -> None:
        with self.clients(local_cloud, account_id="0" * 32) as clients, pytest.raises(
            InputError, match=r"account_id is 0+, but the credential"
        ):
            clients.account_id()

    @pytest.mark.parametrize("given", [None, "a" * 32])
    def test_token_that_names_no_account_needs_one(
        self, local_cloud: LocalCloud, given: str | None
    ) -> None:
        token = "eyJhIjoxfQ.eyJhIjoxfQ.x"
        options = {"api_key": None, "iam_token": token, "account_id": given}
        with self.clients(local_cloud, **options) as clients:
            if given:
                assert clients.account_id() == given
            else:
                with pytest.raises(InputError, match="set account_id"):
                    clients.account_id()

    def test_nothing_is_sent_before_it_is_needed(self, local_cloud: LocalCloud) -> None:
        with self.clients(local_cloud) as clients:
            assert isinstance(clients, Clients)
        assert local_cloud.requests() == []

    def test_secret_from_the_environment_is_hidden_by_ansible(
        self, local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("IC_API_KEY", local_cloud.api_key)
        module = FakeModule(endpoints=local_cloud.endpoints)
        with connected(module):
            assert module.no_log_values == {local_cloud.api_key}

    def test_missing_library_is_told(
        self, local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_clients, "HAS_REQUESTS", False)
        with pytest.raises(
            FailedError, match=r"Failed to import.*requests"
        ), self.clients(local_cloud):
            pass
