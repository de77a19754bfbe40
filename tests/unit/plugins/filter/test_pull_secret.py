# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The filter pull_secret against what kubectl made of the same logins."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.icr.access.plugins.filter.pull_secret import FilterModule

# Made by kubectl 1.32.4: create secret docker-registry NAME --dry-run=client -o json.
# Its version 1.20.2 gives the same but for \b and \f, which it spells \u0008 and \u000c.
MADE_BY_KUBECTL = json.loads(
    Path(__file__).with_name("pull_secrets.json").read_text(encoding="utf-8")
)
CANARY = "s3cr3t-canary"

pull_secret: Callable[..., str] = FilterModule().filters()["pull_secret"]


@pytest.mark.parametrize("case", MADE_BY_KUBECTL, ids=lambda case: case["name"])
def test_is_what_kubectl_makes(case: dict[str, Any]) -> None:
    assert pull_secret(case["logins"]) == case["data"]


def test_order_of_keys_does_not_matter() -> None:
    login = {"username": "u", "password": "p", "email": "e"}
    backwards = dict(reversed(login.items()))
    assert pull_secret({"us.icr.io": backwards}) == pull_secret({"us.icr.io": login})


def test_hosts_are_in_order() -> None:
    login = {"username": "u", "password": "p"}
    data = pull_secret({"us.icr.io": login, "de.icr.io": login, "icr.io": login})
    document = json.loads(base64.b64decode(data))
    assert list(document["auths"]) == ["de.icr.io", "icr.io", "us.icr.io"]


def test_no_email_is_the_same_as_none() -> None:
    without = {"username": "u", "password": "p"}
    assert pull_secret({"a": {**without, "email": None}}) == pull_secret({"a": without})


class Vaulted:
    """As ansible-core 2.18 hands over a vaulted variable: no str, but it becomes one."""

    __ENCRYPTED__ = True

    def __str__(self) -> str:
        return "p"


def test_vaulted_password_is_decrypted() -> None:
    vaulted = {"a": {"username": "u", "password": Vaulted()}}
    plain = {"a": {"username": "u", "password": "p"}}
    assert pull_secret(vaulted) == pull_secret(plain)


def login(**changes: object) -> dict[str, object]:
    return {"a.example": {"username": "u", "password": CANARY, **changes}}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param(None, "not nothing", id="none"),
        pytest.param(CANARY, "not text", id="text"),
        pytest.param([CANARY], "not a list", id="list"),
        pytest.param({}, "not an empty dictionary", id="no host"),
        pytest.param({7: {}}, "registry host is text", id="host is a number"),
        pytest.param({"": {}}, "registry host is text", id="host is empty"),
        pytest.param({"a.example ": {}}, "white space or control", id="host, space"),
        pytest.param({"a.example\n": {}}, "white space or control", id="host, line"),
        pytest.param({"a.\x07example": {}}, "white space or control", id="host, bell"),
        pytest.param(
            {"a.example": {"username": "u", "password": f"{CANARY}\n"}},
            "the password for a.example has white space",
            id="end of line in the password",
        ),
        pytest.param(
            {"a.example": {"username": "u", "password": f" {CANARY}"}},
            "the password for a.example has white space",
            id="space before the password",
        ),
        pytest.param(
            {"a.example": {"username": "u ", "password": CANARY}},
            "the username for a.example has white space",
            id="space behind the user name",
        ),
        pytest.param({"a.example": CANARY}, "a.example needs", id="login is text"),
        pytest.param(
            {"a.example": {"username": "u"}}, "password for a.example", id="no password"
        ),
        pytest.param(login(username=None), "username for a.example", id="no user"),
        pytest.param(login(username=""), "an empty text", id="empty user name"),
        pytest.param(login(username="a:b"), "contains a colon", id="colon in user"),
        pytest.param(login(password=12345678), "put it in quotes", id="number"),
        pytest.param(login(password=[CANARY]), "not a list", id="password is a list"),
        pytest.param(
            login(email=[CANARY]), "email for a.example", id="email is a list"
        ),
        pytest.param(login(auth=CANARY), "unknown keys auth", id="unknown key"),
        pytest.param(login(password="\ud800" + CANARY), "not text", id="surrogate"),
    ],
)
def test_wrong_shape_is_told_without_the_secret(given: object, said: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        pull_secret(given)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert CANARY not in str(caught.value)
    assert "12345678" not in str(caught.value)
