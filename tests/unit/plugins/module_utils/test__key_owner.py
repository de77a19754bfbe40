# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.icr.access.plugins.module_utils._caller import Caller
from ansible_collections.icr.access.plugins.module_utils._clients import Clients
from ansible_collections.icr.access.plugins.module_utils._cloud import CloudSession
from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._key_owner import (
    find_owner,
    is_there,
    missing_service_id,
)
from ansible_collections.icr.access.plugins.module_utils._verdict import Settings
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud

UUID = "0b7b5b6e-1b0a-4c0f-9b3f-2a6a3f0d5c11"


def clients_of(cloud: LocalCloud, **credential: str) -> Clients:
    caller = Caller(CloudSession(Settings()), cloud.iam_url, **credential)
    return Clients(caller, cloud.iam_url, cloud.endpoints, None)


@pytest.fixture
def clients(local_cloud: LocalCloud) -> Iterator[Clients]:
    clients = clients_of(local_cloud, api_key=local_cloud.api_key)
    clients.caller.iam_id()
    local_cloud.requests()
    yield clients


class TestCaller:
    def test_user_is_its_own_owner(
        self, clients: Clients, local_cloud: LocalCloud
    ) -> None:
        owner = find_owner(clients, None)
        assert owner is not None
        assert (owner.iam_id, owner.is_service_id) == (local_cloud.owner_iam_id, False)
        assert local_cloud.requests() == []

    def test_service_id_is_its_own_owner(self, local_cloud: LocalCloud) -> None:
        made = local_cloud.service_id()
        owner = find_owner(clients_of(local_cloud, api_key=made["api_key"]), None)
        assert owner is not None
        assert (owner.iam_id, owner.is_service_id) == (made["iam_id"], True)

    def test_trusted_profile_has_no_keys(
        self, local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clients = clients_of(local_cloud, api_key=local_cloud.api_key)
        monkeypatch.setattr(Caller, "iam_id", lambda _self: f"iam-Profile-{UUID}")
        with pytest.raises(InputError, match="trusted profile, which has no API keys"):
            find_owner(clients, None)


class TestServiceId:
    @pytest.mark.parametrize("prefix", ["ServiceId-", "iam-ServiceId-"])
    def test_id_is_believed(
        self, clients: Clients, local_cloud: LocalCloud, prefix: str
    ) -> None:
        owner = find_owner(clients, f" {prefix}{UUID} ")
        assert owner is not None
        assert (owner.iam_id, owner.service_id, owner.is_proven) == (
            f"iam-ServiceId-{UUID}",
            f"ServiceId-{UUID}",
            False,
        )
        assert local_cloud.requests() == []
        assert not is_there(clients, owner)

    def test_name_is_looked_up(self, clients: Clients, local_cloud: LocalCloud) -> None:
        made = local_cloud.service_id("ci")
        owner = find_owner(clients, "ci")
        assert owner is not None
        assert (owner.iam_id, owner.label) == (made["iam_id"], "service ID ci")
        assert local_cloud.requests() == ["GET /v1/serviceids/"]
        assert is_there(clients, owner)
        assert local_cloud.requests() == []

    def test_id_that_exists_is_there(
        self, clients: Clients, local_cloud: LocalCloud
    ) -> None:
        owner = find_owner(clients, local_cloud.service_id()["id"])
        assert owner is not None
        assert is_there(clients, owner)

    def test_unknown_name_is_none(self, clients: Clients) -> None:
        assert find_owner(clients, "nobody") is None

    def test_two_of_a_name_are_listed(
        self, clients: Clients, local_cloud: LocalCloud
    ) -> None:
        ids = sorted(local_cloud.service_id("ci")["id"] for _turn in range(2))
        with pytest.raises(InputError, match="2 service IDs are named 'ci'") as caught:
            find_owner(clients, "ci")
        assert ", ".join(ids) in str(caught.value)

    @pytest.mark.parametrize("text", ["IBMid-1234567890", f"iam-Profile-{UUID}"])
    def test_other_identities_are_refused(self, clients: Clients, text: str) -> None:
        with pytest.raises(InputError, match="only be made by that user"):
            find_owner(clients, text)

    @pytest.mark.parametrize("text", ["", "  "])
    def test_empty_one_is_refused(self, clients: Clients, text: str) -> None:
        with pytest.raises(InputError, match="service_id is empty"):
            find_owner(clients, text)


def test_missing_service_id_names_the_account(
    clients: Clients, local_cloud: LocalCloud
) -> None:
    error = missing_service_id(clients, "ci")
    assert f"no service ID 'ci' in account {local_cloud.account_id}" in str(error)
