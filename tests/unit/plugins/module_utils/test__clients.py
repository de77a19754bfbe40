# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils import _requests_errors
from ansible_collections.icr.access.plugins.module_utils._clients import (
    Clients,
    connected,
)
from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._settings import (
    settings_of,
)
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud

KEY, TOKEN = "k" * 44, "eyJ.eyJ.x"

pytestmark = pytest.mark.usefixtures("empty_environment")


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
        monkeypatch.setattr(_requests_errors, "HAS_REQUESTS", False)
        with pytest.raises(
            FailedError, match=r"Failed to import.*requests"
        ), self.clients(local_cloud):
            pass
