# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What is said of a key with which nobody can log in, and of keys that stay."""

from __future__ import annotations

import pytest

from ansible_collections.icr.access.plugins.module_utils._api_key_plan import Wanted
from ansible_collections.icr.access.plugins.module_utils._api_key_warnings import (
    still_open,
    warnings_of,
)

NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z
PAST, FUTURE = "2027-01-15T07:00+0000", "2027-01-15T09:00+0000"
ENDED, DISABLED = "ended on", "is disabled"


def key(expires_at: str | None = None, *, disabled: bool = False) -> dict[str, object]:
    return {
        "id": "ApiKey-1",
        "name": "builds",
        "expires_at": expires_at,
        "disabled": disabled,
    }


@pytest.mark.parametrize(
    ("shown", "disabled", "told"),
    [
        pytest.param(None, None, [], id="no key"),
        pytest.param(key(), None, [], id="for ever"),
        pytest.param(key(FUTURE), None, [], id="not over"),
        pytest.param(key("soon"), None, [], id="an end nobody understands"),
        pytest.param(key(PAST), None, [ENDED], id="over"),
        pytest.param(key(disabled=True), None, [DISABLED], id="disabled by others"),
        pytest.param(key(disabled=True), True, [], id="disabled as it was asked for"),
        pytest.param(key(PAST, disabled=True), None, [ENDED, DISABLED], id="both"),
    ],
)
def test_key_that_is_of_no_use_is_told_of(
    shown: dict[str, object] | None, disabled: bool | None, told: list[str]
) -> None:
    warnings = warnings_of(shown, Wanted(name="builds", disabled=disabled), NOW)
    assert len(warnings) == len(told)
    for warning, words in zip(warnings, told):
        assert warning.startswith(f"API key ApiKey-1 (builds) {words}")
        assert "rotate: always" in warning


def test_key_that_stays_in_force_can_be_disabled_by_its_id() -> None:
    assert "(id: ApiKey-1, disabled: true)" in still_open(key())
