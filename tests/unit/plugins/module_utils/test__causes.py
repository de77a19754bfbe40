# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import pytest

from ansible_collections.icr.access.plugins.module_utils._causes import find_cause


@pytest.mark.parametrize(
    ("status", "codes", "said", "is_caller"),
    [
        (400, ["BXNIM0415E"], "unknown: mistyped, deleted or expired", True),
        (400, ["BXNIM0462E"], "is disabled", True),
        (401, ["BXNIM0462E"], "is disabled", True),
        (400, ["BXNIM0109E"], "a field is missing", False),
        (400, ["invalid_field", "BXNIM0106E"], "a field is missing", False),
        (400, ["BXNIM0113E"], "a field is missing", False),
        (400, ["BXNIM0410E"], "not active", True),
        (403, ["BXNIM0141E"], "not a member", True),
        (401, ["BXNIM0436E"], "suspended", True),
        (400, ["BXNIM0407E"], "refresh token", True),
        (400, ["BXNIM0408E"], "refresh token", True),
        (400, ["BXNIM0439E"], "session has ended", True),
        (401, ["BXNIM0400E"], "this kind of login", True),
        (401, ["BXNIM0602E"], "this kind of login", True),
        (400, ["BXNIM0608E"], "this kind of login", True),
        (400, ["BXNIM0310E"], "this kind of login", True),
        (400, ["BXNIM0401E"], "access token is not valid", True),
        (401, ["BXNIM0308E"], "access token is not valid", True),
        (401, ["invalid_access_token"], "lives an hour", True),
        (401, ["invalid_token"], "lives an hour", True),
        (403, ["forbidden", "BXNIM0513E"], "no right", True),
        (403, ["insufficent_permissions"], "no right", True),
        (404, ["not_found", "BXNIM0102E"], "no such object", False),
        (404, ["policy_not_found"], "no such object", False),
        (409, ["delete_not_possible", "BXNIM0105E"], "came in between", False),
        (422, ["invalid_state", "BXNIM0908E"], "most likely locked", False),
        (409, ["policy_conflict_error"], "another policy", False),
        (409, ["role_conflict_error"], "another policy", False),
        (412, ["etag_mismatch"], "came in between", False),
        (429, ["too_many_requests"], "too many requests", False),
        (401, ["CRG0009E"], "for this account", True),
        (401, ["CRG0014E"], "for this account", True),
        (403, ["CRG0020E"], "no right", True),
        (410, ["CRT0002E"], "2019-07-01", False),
        (401, ["something_new"], "access token is not valid", True),
        (403, ["something_new"], "no right", True),
        (404, [None], "no such object", False),
        (429, [], "too many requests", False),
    ],
)
def test_known_causes(
    status: int, codes: list[str | None], said: str, is_caller: bool
) -> None:
    cause = find_cause(status, codes)
    assert cause is not None
    assert said in cause.why
    assert cause.is_caller is is_caller
    # two whole sentences
    assert str(cause)[0].isupper()
    assert str(cause).endswith((".", "?"))


@pytest.mark.parametrize("status", [400, 409, 418, 500])
def test_what_nobody_knows_has_none(status: int) -> None:
    assert find_cause(status, ["something_new", None]) is None
