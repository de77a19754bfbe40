# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What an auth file still holds of a login that a helper keeps."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._helper_login import (
    has_credentials,
)

HOST = "us.icr.io"
AUTH = "aWFtYXBpa2V5OnMzY3JldA=="


@pytest.mark.parametrize(
    ("auths", "expected"),
    [
        (None, False),
        ({}, False),
        ({"icr.io": {"auth": AUTH}}, False),
        ({HOST: {}}, False),
        ({HOST: None}, False),
        ({HOST: {"email": "x"}}, False),
        ({HOST: {"auth": AUTH}}, True),
        ({HOST: {"password": "x"}}, True),
        ({HOST: {"identitytoken": "x"}}, True),
        ({HOST: {}, "https://us.icr.io": {"auth": AUTH}}, True),
    ],
)
def test_what_is_secret_in_any_spelling_counts(
    auths: dict[str, Any] | None, expected: bool
) -> None:
    assert has_credentials({"auths": auths}, HOST) is expected
