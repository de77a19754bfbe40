# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._identities import (
    ApiKey,
    ServiceId,
)
from ansible_collections.icr.access.plugins.module_utils._key_token_obstacles import (
    only_service_id,
    refuse_disabled,
    refuse_locked,
    refuse_locked_key,
    refuse_stranger,
    refuse_strangers,
    refuse_untold,
)
from ansible_collections.icr.access.plugins.module_utils._key_tokens import mark

REGION = "eu-de"


def service_id(
    number: int = 1, description: str | None = None, **fields: Any
) -> ServiceId:
    about = mark(REGION) if description is None else description
    iam_id = f"iam-ServiceId-{number}"
    return ServiceId(iam_id[4:], iam_id, "ci", "a", "1-a", about, **fields)


def key(name: str = "ci", **fields: Any) -> ApiKey:
    return ApiKey("ApiKey-k", name, "iam-ServiceId-1", "a", "1-a", **fields)


OURS, TWIN = service_id(), service_id(2)
ELSEWHERE = service_id(3, mark("us-south"))
FOREIGN = service_id(4, "made by hand")


class TestOnlyServiceId:
    @pytest.mark.parametrize(
        ("candidates", "may_be_made", "expected"),
        [
            pytest.param([], True, None, id="none"),
            pytest.param([OURS], True, OURS, id="ours"),
            pytest.param([ELSEWHERE], True, None, id="of another region"),
            pytest.param([ELSEWHERE, OURS], True, OURS, id="ours and another region's"),
            pytest.param([FOREIGN, OURS], True, OURS, id="ours and a foreign one"),
            pytest.param(
                [FOREIGN], False, None, id="a foreign one, nothing to be made"
            ),
        ],
    )
    def test_ours_is_known_by_its_mark(
        self,
        candidates: list[ServiceId],
        may_be_made: bool,
        expected: ServiceId | None,
    ) -> None:
        found = only_service_id(candidates, "ci", REGION, may_be_made=may_be_made)
        assert found == expected

    @pytest.mark.parametrize("may_be_made", [False, True])
    def test_two_are_told_with_their_ids(self, may_be_made: bool) -> None:
        with pytest.raises(InputError, match="ServiceId-1, ServiceId-2"):
            only_service_id([TWIN, OURS], "ci", REGION, may_be_made=may_be_made)

    def test_foreign_one_keeps_its_name(self) -> None:
        with pytest.raises(InputError, match=r"ServiceId-4.*another description"):
            only_service_id([FOREIGN], "ci", REGION, may_be_made=True)


class TestStrangers:
    @pytest.mark.parametrize(
        ("name", "owner", "said"),
        [
            pytest.param("ci", None, "belongs to iam-ServiceId-1", id="of a user"),
            pytest.param(
                "ci", FOREIGN, "belongs to service ID ServiceId-4", id="foreign"
            ),
            pytest.param(
                "ci", ELSEWHERE, "for region us-south, not eu-de", id="elsewhere"
            ),
            pytest.param("by hand", OURS, "has not made it", id="added by hand"),
        ],
    )
    def test_key_that_is_no_token_here(
        self, name: str, owner: ServiceId | None, said: str
    ) -> None:
        with pytest.raises(InputError, match=said):
            refuse_stranger(key(name), owner, REGION)

    def test_token_is_none(self) -> None:
        refuse_stranger(key(), OURS, REGION)
        refuse_strangers(OURS, [key(), key()])

    def test_keys_that_would_go_are_named(self) -> None:
        with pytest.raises(InputError, match=r"ApiKey-k \(by hand\)"):
            refuse_strangers(OURS, [key(), key("by hand")])


@pytest.mark.parametrize(
    ("refuse", "subject", "said"),
    [
        (
            refuse_disabled,
            key(disabled=True),
            "cr_apikey: {id: ApiKey-k, disabled: false}",
        ),
        (refuse_untold, key(), "state: absent, token_id: ApiKey-k"),
        (
            refuse_locked_key,
            key(locked=True),
            "cr_apikey: {id: ApiKey-k, locked: false}",
        ),
        (
            refuse_locked,
            service_id(locked=True),
            "cr_service_id: {id: ServiceId-1, locked: false}",
        ),
    ],
    ids=["disabled", "untold", "locked key", "locked"],
)
def test_error_names_the_task_that_helps(refuse: Any, subject: Any, said: str) -> None:
    with pytest.raises(InputError) as caught:
        refuse(subject)
    assert said in str(caught.value)


def test_nothing_in_the_way() -> None:
    fine = key(value="v")
    for refuse in (refuse_disabled, refuse_untold, refuse_locked_key):
        refuse(fine)
    refuse_locked(OURS)
