# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What cr_token decides with backend registry, as tables of cases."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._plan import (
    CREATE,
    NOTHING,
    REMOVE,
    UPDATE,
)
from ansible_collections.icr.access.plugins.module_utils._registry_token_plan import (
    find_token,
    plan,
    why_unfit,
)
from ansible_collections.icr.access.plugins.module_utils._registry_tokens import (
    RegistryToken,
)
from ansible_collections.icr.access.plugins.module_utils._token_wanted import Wanted

NOW = 1_800_000_000
HOUR = 3600


def token(token_id: str = "a", **changes: Any) -> RegistryToken:
    fields = {"description": "ci", "expires_at": NOW + 24 * HOUR, **changes}
    return RegistryToken(token_id, **fields)


FOR_EVER = token(expires_at=None)
WRITER = token(readwrite=True)
ENDED = token(expires_at=NOW)
REVOKED = token(is_revoked=True)


def want(**changes: Any) -> Wanted:
    return Wanted(**{"absent": False, "description": "ci", "token_id": None, **changes})


def want_id(token_id: str = "a", **changes: Any) -> Wanted:
    return want(description=None, token_id=token_id, **changes)


class TestFindToken:
    @pytest.mark.parametrize(
        ("tokens", "wish", "expected"),
        [
            pytest.param([], want(), None, id="none there"),
            pytest.param([token()], want(), "a", id="by description"),
            pytest.param([token()], want(description="other"), None, id="another one"),
            pytest.param([token()], want(description="c"), None, id="not by a part"),
            pytest.param([token()], want(description="CI"), None, id="case counts"),
            pytest.param([ENDED], want(), None, id="ended does not count"),
            pytest.param([REVOKED], want(), None, id="revoked does not count"),
            pytest.param([FOR_EVER], want(), "a", id="never ends"),
            pytest.param(
                [ENDED, token("b"), REVOKED], want(), "b", id="one of three is alive"
            ),
            pytest.param([token(), token("b")], want_id("b"), "b", id="by id"),
            pytest.param([token()], want_id("b"), None, id="no such id"),
            pytest.param([ENDED], want_id("a"), "a", id="by id though ended"),
        ],
    )
    def test_finds_what_is_meant(
        self, tokens: list[RegistryToken], wish: Wanted, expected: str | None
    ) -> None:
        found = find_token(tokens, wish, NOW)
        assert (found.id if found else None) == expected

    @pytest.mark.parametrize("absent", [False, True])
    def test_two_of_one_description_are_told_with_their_ids(self, absent: bool) -> None:
        with pytest.raises(
            InputError, match="2 tokens have the description 'ci': a, b"
        ):
            find_token([token("b"), token("a")], want(absent=absent), NOW)


class TestWhyUnfit:
    @pytest.mark.parametrize(
        ("current", "wish", "expected"),
        [
            pytest.param(token(), want(), None, id="fits"),
            pytest.param(WRITER, want(readwrite=True), None, id="may push, should"),
            pytest.param(
                FOR_EVER, want(non_expiring=True), None, id="for ever, should"
            ),
            pytest.param(WRITER, want(), "may push,", id="may push"),
            pytest.param(token(), want(readwrite=True), "only pull", id="may not push"),
            pytest.param(FOR_EVER, want(), "never expires", id="for ever"),
            pytest.param(token(), want(non_expiring=True), "expires,", id="ends"),
            pytest.param(ENDED, want(), "has expired", id="ended this second"),
            pytest.param(
                token(expires_at=NOW + 1), want(), None, id="a second is left"
            ),
            pytest.param(REVOKED, want(), "is revoked", id="revoked"),
            pytest.param(
                token(expires_at=NOW + HOUR),
                want(renew_before=HOUR),
                None,
                id="just enough left",
            ),
            pytest.param(
                token(expires_at=NOW + HOUR - 1),
                want(renew_before=HOUR),
                "less time left",
                id="just too little left",
            ),
            pytest.param(
                FOR_EVER,
                want(non_expiring=True, renew_before=HOUR),
                None,
                id="nothing to renew",
            ),
        ],
    )
    def test_reason(
        self, current: RegistryToken, wish: Wanted, expected: str | None
    ) -> None:
        reason = why_unfit(current, wish, NOW)
        if expected is None:
            assert reason is None
        else:
            assert reason is not None and expected in reason


class TestPlan:
    @pytest.mark.parametrize(
        ("current", "wish", "expected"),
        [
            pytest.param(None, want(), CREATE, id="none there"),
            pytest.param(token(), want(), NOTHING, id="fits"),
            pytest.param(WRITER, want(), UPDATE, id="another access"),
            pytest.param(token(), want_id(), NOTHING, id="by id, fits"),
            pytest.param(None, want(absent=True), NOTHING, id="absent already"),
            pytest.param(token(), want(absent=True), REMOVE, id="to be removed"),
            pytest.param(WRITER, want(absent=True), REMOVE, id="whatever its access"),
            pytest.param(ENDED, want_id(absent=True), REMOVE, id="ended, by id"),
            pytest.param(None, want_id(absent=True), NOTHING, id="no such id, absent"),
        ],
    )
    def test_action(
        self, current: RegistryToken | None, wish: Wanted, expected: str
    ) -> None:
        assert plan(current, wish, NOW).action == expected

    def test_replacement_tells_both_and_predicts_no_id(self) -> None:
        step = plan(WRITER, want(non_expiring=True), NOW)
        assert step.diff() == {
            "before": {
                "token_id": "a",
                "description": "ci",
                "readwrite": True,
                "namespaces": None,
                "non_expiring": False,
                "expires_at": "2027-01-16T08:00:00Z",
            },
            "after": {
                "token_id": None,
                "description": "ci",
                "readwrite": False,
                "namespaces": None,
                "non_expiring": True,
                "expires_at": None,
            },
        }

    @pytest.mark.parametrize(
        ("current", "wish", "said"),
        [
            pytest.param(None, want_id(), "no token a in this region", id="no such id"),
            pytest.param(WRITER, want_id(), "readwrite is false", id="another access"),
            pytest.param(FOR_EVER, want_id(), "non_expiring is false", id="for ever"),
            pytest.param(ENDED, want_id(), "has expired", id="ended"),
            pytest.param(
                token(expires_at=NOW + 1),
                want_id(renew_before=HOUR),
                "less time left",
                id="to be renewed",
            ),
        ],
    )
    def test_what_an_id_names_is_never_replaced(
        self, current: RegistryToken | None, wish: Wanted, said: str
    ) -> None:
        with pytest.raises(InputError, match=said) as caught:
            plan(current, wish, NOW)
        assert "description instead of token_id" in str(caught.value)
