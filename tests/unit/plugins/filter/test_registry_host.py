# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""From the name of a region to the host of its registry, in a template."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.icr.access.plugins.filter.registry_host import (
    FilterModule,
    registry_host,
)

ENDPOINTS = {"registry": {"eu-central": "http://127.0.0.1:4001"}}


@pytest.mark.parametrize(
    ("arguments", "host"),
    [
        pytest.param(["us-south"], "us.icr.io", id="name"),
        pytest.param(["uk-south"], "uk.icr.io", id="former-name"),
        pytest.param(["eu-de-2"], "de.icr.io", id="zone"),
        pytest.param(["us-east"], "us.icr.io", id="served-by-another"),
        pytest.param(["global"], "icr.io", id="global"),
        pytest.param(["jp-osa", "private"], "private.jp2.icr.io", id="private"),
        pytest.param(["eu-de", "public", ENDPOINTS], "127.0.0.1:4001", id="endpoints"),
        pytest.param(
            ["eu-de", "private", ENDPOINTS], "127.0.0.1:4001", id="endpoints-win"
        ),
    ],
)
def test_a_region_gives_the_host_of_its_registry(
    arguments: list[Any], host: str
) -> None:
    assert registry_host(*arguments) == host


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["mars"], "There is no registry region 'mars'", id="unknown"),
        pytest.param(["all"], "one region", id="all"),
        pytest.param([["us-south"]], "the name of a region", id="list"),
        pytest.param([None], "the name of a region", id="none"),
        pytest.param(["us-south", "secret"], "public or private", id="visibility"),
        pytest.param(
            ["us-south", "public", ENDPOINTS],
            "endpoints.registry has no URL for region us-south",
            id="missing-from-endpoints",
        ),
    ],
)
def test_anything_else_is_an_error_of_one_line(arguments: list[Any], says: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        registry_host(*arguments)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_ansible_finds_the_filter_by_its_name() -> None:
    assert FilterModule().filters() == {"registry_host": registry_host}
