# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""IBM's own Python SDK on the local IBM Cloud, beside the modules of this collection."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ibm_cloud_sdk_core.authenticators import IAMAuthenticator
from ibm_platform_services import IamIdentityV1

# The collection becomes importable here as it does for the unit tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
importlib.import_module("tests.unit.conftest")

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


@pytest.fixture
def sdk(local_cloud: LocalCloud) -> Iterator[Any]:
    """IBM's client, as the account's owner."""
    authenticator = IAMAuthenticator(local_cloud.api_key, url=local_cloud.iam_url)
    client = IamIdentityV1(authenticator=authenticator)
    client.set_service_url(local_cloud.iam_url)
    yield client
    client.http_client.close()


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
