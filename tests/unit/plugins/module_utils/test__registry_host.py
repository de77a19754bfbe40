# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import pytest

from ansible_collections.icr.access.plugins.module_utils._registry_host import (
    host_of_key,
    is_host,
    is_host_like,
    is_loopback,
    is_loopback_name,
    split_scheme,
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://us.icr.io/v1/", ("https", "us.icr.io/v1/")),
        ("HTTPS://us.icr.io", ("https", "us.icr.io")),
        ("git+ssh://host", ("git+ssh", "host")),
        ("https://", ("https", "")),
        ("https://a://b", ("https", "a://b")),
        ("us.icr.io", (None, "us.icr.io")),
        ("://us.icr.io", (None, "://us.icr.io")),
        ("1a://us.icr.io", (None, "1a://us.icr.io")),
        ("a b://us.icr.io", (None, "a b://us.icr.io")),
        ("us.icr.io/?x=https://y", (None, "us.icr.io/?x=https://y")),
        ("", (None, "")),
    ],
)
def test_scheme(url: str, expected: tuple[str | None, str]) -> None:
    assert split_scheme(url) == expected


@pytest.mark.parametrize(
    ("host", "is_like", "expected"),
    [
        ("us.icr.io", True, True),
        ("us.icr.io:1", True, True),
        ("us.icr.io:65535", True, True),
        ("us.icr.io:65536", True, False),
        ("us.icr.io:0", True, False),
        ("us.icr.io:123456", False, False),
        ("us.icr.io:", False, False),
        ("us.icr.io:x", False, False),
        ("us.icr.io:²", False, False),
        ("us.icr.io:1:2", False, False),
        ("_a-b.c_", True, True),
        ("-a", False, False),
        ("a-", False, False),
        (".a", False, False),
        ("a.", False, False),
        ("A", False, False),
        ("é", False, False),
        ("[::1]", True, True),
        ("[fe80::1]:5000", True, True),
        ("[fe80::1]:0", True, False),
        ("[]", False, False),
        ("[", False, False),
        ("[::1", False, False),
        ("[::g]", False, False),
        ("::1", False, False),
        (":5000", False, False),
        ("a b", False, False),
        ("a\n", False, False),
        ("", False, False),
    ],
    ids=ascii,
)
def test_host(host: str, is_like: bool, expected: bool) -> None:
    assert is_host_like(host) is is_like
    assert is_host(host) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.255.0.001", True),
        ("::1", True),
        ("127.0.0", False),
        ("127.0.0.0.1", False),
        ("127.0.0.1234", False),
        ("127.0.0.", False),
        ("127.0.0.a", False),
        ("1270.0.0.1", False),
        ("[::1]", False),
        ("", False),
    ],
)
def test_loopback_name(name: str, expected: bool) -> None:
    assert is_loopback_name(name) is expected


def test_an_address_of_this_machine_in_the_wrong_brackets_is_not_this_machine() -> None:
    assert not is_loopback("[127.0.0.1]")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("https://US.icr.io/v1/", "us.icr.io"),
        (" us.icr.io ", "us.icr.io"),
        ("doc\u212aer.io", None),
        ("us.icr.io/ns", None),
        ("", None),
    ],
    ids=ascii,
)
def test_host_of_key(key: str, expected: str | None) -> None:
    assert host_of_key(key) == expected
