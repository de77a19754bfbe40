# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import (
    BadResponseError,
)
from ansible_collections.icr.access.plugins.module_utils._identities import (
    ApiKey,
    ServiceId,
)

WIRE: dict[str, Any] = {
    "id": "ApiKey-1",
    "entity_tag": "1-a",
    "crn": "crn:v1:x",
    "locked": True,
    "disabled": False,
    "created_at": "2020-05-28T14:14+0000",
    "created_by": "IBMid-1",
    "modified_at": "2020-05-28T14:15+0000",
    "name": "n",
    "description": "d",
    "support_sessions": True,
    "action_when_leaked": "DISABLE",
    "expires_at": "2026-12-31T23:59+0000",
    "iam_id": "iam-ServiceId-1",
    "account_id": "acc",
    "apikey": "canary",
    "history": [],
    "unheard_of": {"a": 1},
}


class TestApiKey:
    def test_every_field_is_read(self) -> None:
        assert ApiKey.from_wire(WIRE) == ApiKey(
            id="ApiKey-1",
            name="n",
            iam_id="iam-ServiceId-1",
            account_id="acc",
            entity_tag="1-a",
            description="d",
            crn="crn:v1:x",
            created_at="2020-05-28T14:14+0000",
            created_by="IBMid-1",
            modified_at="2020-05-28T14:15+0000",
            expires_at="2026-12-31T23:59+0000",
            locked=True,
            disabled=False,
            action_when_leaked="disable",
            support_sessions=True,
            value="canary",
        )

    def test_little_is_needed(self) -> None:
        key = ApiKey.from_wire({"id": "ApiKey-1", "iam_id": "IBMid-1"})
        assert (key.name, key.description, key.entity_tag) == ("", "", "*")
        assert (key.value, key.expires_at, key.locked) == (None, None, False)

    @pytest.mark.parametrize("value", ["", None, 7])
    def test_value_that_is_not_told_is_none(self, value: object) -> None:
        assert ApiKey.from_wire({**WIRE, "apikey": value}).value is None

    @pytest.mark.parametrize(
        "text",
        ["2026-12-31T23:59:30Z", "2026-12-31T23:59:00.000Z", "2027-01-01T00:59+01:00"],
    )
    def test_end_is_read_in_any_spelling(self, text: str) -> None:
        key = ApiKey.from_wire({**WIRE, "expires_at": text})
        assert key.expires_at == "2026-12-31T23:59+0000"

    def test_end_that_cannot_be_read_stays(self) -> None:
        assert ApiKey.from_wire({**WIRE, "expires_at": "soon"}).expires_at == "soon"

    @pytest.mark.parametrize("wire", [None, [], "x", {}, {"id": "ApiKey-1"}, {"id": 7}])
    def test_anything_else_is_bad(self, wire: object) -> None:
        with pytest.raises(BadResponseError, match="IBM Cloud answers with"):
            ApiKey.from_wire(wire)

    def test_value_is_neither_shown_nor_returned(self) -> None:
        key = ApiKey.from_wire(WIRE)
        assert "canary" not in repr(key)
        assert "canary" not in str(key.as_result())
        assert "1-a" not in str(key.as_result())


class TestServiceId:
    def test_fields_are_read_with_the_key_inside(self) -> None:
        wire = {
            "id": "ServiceId-1",
            "iam_id": "iam-ServiceId-1",
            "name": "ci",
            "entity_tag": "1-b",
            "account_id": "acc",
            "locked": True,
            "apikey": WIRE,
        }
        service_id = ServiceId.from_wire(wire)
        assert (service_id.name, service_id.locked) == ("ci", True)
        assert service_id.api_key == ApiKey.from_wire(WIRE)
        assert "canary" not in repr(service_id)

    @pytest.mark.parametrize("wire", [None, {}, {"iam_id": "x"}])
    def test_anything_else_is_bad(self, wire: object) -> None:
        with pytest.raises(BadResponseError, match="service ID"):
            ServiceId.from_wire(wire)
