# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Reading what an access token says of itself."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.icr.access.plugins.module_utils._access_token import (
    Claims,
    read_claims,
)


def token(payload: object) -> str:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return f"e30.{base64.urlsafe_b64encode(raw).decode().rstrip('=')}.c2ln"


class TestReadClaims:
    @pytest.mark.parametrize(
        ("claims", "expected"),
        [
            (
                {"iam_id": "IBMid-1", "account": {"bss": "acc"}, "exp": 1700000000},
                Claims("IBMid-1", "acc", 1700000000),
            ),
            ({}, Claims(None, None, None)),
            ({"exp": 1700000000.9}, Claims(None, None, 1700000000)),
            ({"exp": "1700000000"}, Claims(None, None, None)),
            ({"exp": 0}, Claims(None, None, 0)),
            ({"exp": -1}, Claims(None, None, None)),
            ({"exp": 253402300799.9}, Claims(None, None, 253402300799)),
            ({"exp": 253402300800}, Claims(None, None, None)),
            ({"exp": 1e300}, Claims(None, None, None)),
            ({"exp": 10**400}, Claims(None, None, None)),
            ({"exp": float("nan")}, Claims(None, None, None)),
            ({"exp": float("inf")}, Claims(None, None, None)),
            ({"iam_id": 7, "account": "acc"}, Claims(None, None, None)),
            ({"iam_id": "", "account": {"bss": ""}}, Claims(None, None, None)),
            ({"account": {"bss": ["acc"]}}, Claims(None, None, None)),
            ({"account": None}, Claims(None, None, None)),
        ],
        ids=lambda value: ascii(value)[:40] if isinstance(value, dict) else "",
    )
    def test_claims_of_the_right_type_are_read(
        self, claims: dict[str, object], expected: Claims
    ) -> None:
        assert read_claims(token(claims)) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "opaque",
            "a.b",
            "a.b.c.d",
            "a.%%%.c",
            "a.é.c",
            "..",
            token(b"not json"),
            token(b"\xff\xfe\xfd"),
            token([1]),
            token("text"),
            token(b"[" * 100_000),
        ],
        ids=lambda text: ascii(text)[:30],
    )
    def test_anything_else_has_no_claims(self, text: str) -> None:
        assert read_claims(text) is None

    @pytest.mark.parametrize("length", range(4))
    def test_payload_of_any_length_is_padded(self, length: int) -> None:
        claims = read_claims(token({"iam_id": "x" * (length + 1)}))
        assert claims == Claims("x" * (length + 1), None, None)

    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=30))
    def test_no_text_is_too_odd(self, text: str) -> None:
        read_claims(text)
        read_claims(f"a.{text}.c")
