# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What the registry tells of tokens, in the shapes that its client of the time documents."""

from __future__ import annotations

import base64
import json

import pytest

from ansible_collections.icr.access.plugins.module_utils._registry_tokens import (
    RegistryToken,
)

FULL = {
    "_id": "6f5d1a2e-1c54-5c3f-8f3e-0d7b4c6a1e11",
    "owner": "0123456789abcdef0123456789abcdef",
    "secondary_owner": "ci",
    "token": "eyJhbGciOiJIUzI1NiJ9.e30.c2VjcmV0",
    "readonly": True,
    "revoked": True,
    "expiry": 1_800_000_000,
    "encrypted_token": "eA==",
}


class TestFromWire:
    def test_everything_told(self) -> None:
        token = RegistryToken.from_wire(FULL)
        assert token == RegistryToken(
            # This table holds values of several types.
            id=FULL["_id"],  # type: ignore[arg-type]
            description="ci",
            readwrite=False,
            expires_at=1_800_000_000,
            is_revoked=True,
        )

    def test_what_is_left_out_is_false_or_never(self) -> None:
        token = RegistryToken.from_wire({"_id": "a"})
        assert token == RegistryToken("a", readwrite=True)

    @pytest.mark.parametrize("expiry", [0, None])
    def test_never_expires(self, expiry: int | None) -> None:
        assert RegistryToken.from_wire({**FULL, "expiry": expiry}).expires_at is None

    @pytest.mark.parametrize(
        "element",
        [
            pytest.param(None, id="null"),
            pytest.param("token", id="text"),
            pytest.param([], id="list"),
            pytest.param({}, id="no id"),
            pytest.param({"_id": ""}, id="empty id"),
            pytest.param({"_id": 7}, id="id is a number"),
            pytest.param({"_id": "a", "expiry": "soon"}, id="expiry is no number"),
            pytest.param({"_id": "a", "expiry": -1}, id="before 1970"),
            pytest.param({"_id": "a", "expiry": 1e12}, id="after 9999"),
            pytest.param({"_id": "a", "expiry": [1]}, id="expiry is a list"),
        ],
    )
    def test_what_is_no_token(self, element: object) -> None:
        with pytest.raises((TypeError, ValueError)):
            RegistryToken.from_wire(element)


def signed(claims: object) -> str:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{middle}.c2lnbmF0dXJl"


class TestFromValue:
    def test_for_a_day(self) -> None:
        value = signed({"jti": "a", "iss": "registry.ng.bluemix.net", "exp": 99})
        token = RegistryToken.from_value(value)
        assert token == RegistryToken("a", expires_at=99, value=value)

    def test_for_ever(self) -> None:
        token = RegistryToken.from_value(signed({"jti": "a"}))
        assert token is not None and token.expires_at is None

    @pytest.mark.parametrize(
        "value",
        [None, 7, "", "no token", signed([]), signed({}), signed({"jti": ""})],
    )
    def test_without_an_id(self, value: object) -> None:
        assert RegistryToken.from_value(value) is None

    def test_value_is_not_shown(self) -> None:
        value = signed({"jti": "a"})
        token = RegistryToken.from_value(value)
        assert token is not None
        assert value not in repr(token)
        assert value not in str(token.shown())
