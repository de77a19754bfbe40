# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""IBM's own Python SDKs on the local IBM Cloud, beside the modules of this collection."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from ibm_cloud_sdk_core.authenticators import IAMAuthenticator
from ibm_container_registry.container_registry_v1 import ContainerRegistryV1
from ibm_platform_services import IamIdentityV1, IamPolicyManagementV1

# The collection becomes importable here as it does for the unit tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
importlib.import_module("tests.unit.conftest")

# Found because of what was imported above.
from ansible_collections.icr.access.plugins.modules import (  # noqa: E402
    cr_apikey,
    cr_apikey_info,
)
from ansible_collections.icr.access.tests.unit.plugins import (  # noqa: E402
    conftest as unit,
)
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import (  # noqa: E402
    LocalCloud,
)

Run = Callable[..., unit.Result]

run_module = unit.run_module
running_cloud = unit.running_cloud
local_cloud = unit.local_cloud


@contextmanager
def connected(client: Any, url: str) -> Iterator[Any]:
    """A client of theirs that speaks to that address, for the time of a block."""
    client.set_service_url(url)
    try:
        yield client
    finally:
        client.http_client.close()


def authenticator_of(cloud: LocalCloud, api_key: str | None = None) -> IAMAuthenticator:
    """Of the account's owner, or the holder of the key."""
    return IAMAuthenticator(api_key or cloud.api_key, url=cloud.iam_url)


@pytest.fixture
def sdk(local_cloud: LocalCloud) -> Iterator[Any]:
    """IBM's client of the identity API, as the account's owner."""
    client = IamIdentityV1(authenticator=authenticator_of(local_cloud))
    with connected(client, local_cloud.iam_url) as each:
        yield each


@pytest.fixture
def policies(local_cloud: LocalCloud) -> Iterator[Any]:
    """IBM's client of the policy API, as the account's owner."""
    client = IamPolicyManagementV1(authenticator=authenticator_of(local_cloud))
    with connected(client, local_cloud.iam_url) as each:
        yield each


@pytest.fixture
def registry_of(local_cloud: LocalCloud) -> Iterator[Callable[..., Any]]:
    """Makes IBM's clients of the registry API: `registry_of(region="us-south",
    api_key=None)`, as the account's owner without a key."""
    with ExitStack() as open_clients:

        def make(region: str = "us-south", api_key: str | None = None) -> Any:
            client = ContainerRegistryV1(
                account=local_cloud.account_id,
                authenticator=authenticator_of(local_cloud, api_key),
            )
            url = local_cloud.endpoints["registry"][region]
            return open_clients.enter_context(connected(client, url))

        yield make


@pytest.fixture
def registry(registry_of: Callable[..., Any]) -> Any:
    """IBM's client of the registry API in one region, as the account's owner."""
    return registry_of()


@pytest.fixture
def ours(local_cloud: LocalCloud, run_module: unit.RunModule) -> Run:
    """Runs `cr_apikey`, which must not fail."""

    def run(**options: object) -> unit.Result:
        shared = {"api_key": local_cloud.api_key, "endpoints": local_cloud.endpoints}
        result = run_module(cr_apikey.main, {**shared, **options})
        assert not result.get("failed"), result["msg"]
        return result

    return run


@pytest.fixture
def info(local_cloud: LocalCloud, run_module: unit.RunModule) -> Run:
    """Runs `cr_apikey_info`, which must not fail."""

    def run(**options: object) -> unit.Result:
        shared = {"api_key": local_cloud.api_key, "endpoints": local_cloud.endpoints}
        result = run_module(cr_apikey_info.main, {**shared, **options})
        assert not result.get("failed"), result["msg"]
        return result

    return run
