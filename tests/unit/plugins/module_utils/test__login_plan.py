# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What has to happen for a login to be as it should be, as truth tables."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._authfile import Login
from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._login_place import Stored
from ansible_collections.icr.access.plugins.module_utils._login_plan import (
    Decision,
    can_keep,
    decide,
    wanted_credential,
)
from ansible_collections.icr.access.plugins.module_utils._repositories import (
    repositories_of,
)
from ansible_collections.icr.access.plugins.module_utils._verdict import Credential

NOW = 1_700_000_000
HALF_AN_HOUR = 1800
OPTIONS = (
    "api_key",
    "iam_token",
    "refresh_token",
    "registry_token",
    "username",
    "password",
)


def token(identity: str = "IBMid-1", account: str = "acc", left: int = 3600) -> str:
    claims = {"iam_id": identity, "account": {"bss": account}, "exp": NOW + left}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


def options(**given: str) -> dict[str, Any]:
    return {name: given.get(name) for name in OPTIONS}


class TestWantedCredential:
    @pytest.mark.parametrize(
        ("given", "username", "secret"),
        [
            ({"api_key": "k"}, "iamapikey", "k"),
            ({"iam_token": "t"}, "iambearer", "t"),
            ({"refresh_token": "r"}, "iamrefresh", "r"),
            ({"registry_token": "g"}, "token", "g"),
            ({"username": "cp", "password": "p"}, "cp", "p"),
            ({"username": "Profile-1", "password": "k"}, "Profile-1", "k"),
            ({"username": "a user", "password": " p:\n"}, "a user", " p:\n"),
        ],
    )
    def test_user_name_that_goes_with_each(
        self, given: dict[str, str], username: str, secret: str
    ) -> None:
        assert wanted_credential(options(**given)) == Credential(username, secret)

    def test_none_is_an_error_that_names_them_all(self) -> None:
        with pytest.raises(InputError) as caught:
            wanted_credential(options())
        assert all(name in str(caught.value) for name in OPTIONS)
        assert "state=absent" in str(caught.value)

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            (["api_key", "iam_token"], "not 2: api_key and iam_token"),
            (["api_key", "password"], "not 2: api_key and password"),
            (["api_key", "username"], "not 2: api_key and username"),
            (["api_key", "username", "password"], "not 2: api_key and password"),
            (
                ["api_key", "iam_token", "refresh_token", "registry_token"],
                "not 4: api_key and iam_token and refresh_token and registry_token",
            ),
        ],
        ids=lambda value: "+".join(value) if isinstance(value, list) else "",
    )
    def test_two_are_an_error_that_names_them(
        self, given: list[str], told: str
    ) -> None:
        with pytest.raises(InputError, match=told) as caught:
            wanted_credential(options(**dict.fromkeys(given, "s3cret")))
        assert "s3cret" not in str(caught.value)

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({"username": "u"}, "password is missing"),
            ({"password": "p"}, "username is missing"),
            ({"username": "", "password": "p"}, "username is missing"),
            ({"username": "u", "password": ""}, "password is missing"),
            ({"username": "", "password": ""}, "username is missing"),
        ],
    )
    def test_half_of_one_is_an_error(self, given: dict[str, str], told: str) -> None:
        with pytest.raises(InputError, match=f"go together: {told}"):
            wanted_credential(options(**given))

    @pytest.mark.parametrize("option", OPTIONS[:4])
    @pytest.mark.parametrize("value", ["", " ", "\n"], ids=ascii)
    def test_empty_one_is_an_error(self, option: str, value: str) -> None:
        with pytest.raises(InputError, match=f"^{option} is empty"):
            wanted_credential(options(**{option: value}))

    @pytest.mark.parametrize("option", OPTIONS[:4])
    @pytest.mark.parametrize(
        "value",
        ["s3cret\n", " s3cret", "s3 cret", "s3\x00cret", "s3\udcffcret"],
        ids=ascii,
    )
    def test_white_space_and_control_characters_are_an_error(
        self, option: str, value: str
    ) -> None:
        with pytest.raises(InputError, match=f"^{option} has white space") as caught:
            wanted_credential(options(**{option: value}))
        assert "s3" not in str(caught.value)

    @pytest.mark.parametrize("username", ["a:b", "a\nb", "a\x00"], ids=ascii)
    def test_user_name_that_no_client_could_send_is_an_error(
        self, username: str
    ) -> None:
        with pytest.raises(InputError, match="user name cannot have"):
            wanted_credential(options(username=username, password="p"))

    def test_password_with_a_null_character_is_an_error(self) -> None:
        with pytest.raises(InputError, match="null character"):
            wanted_credential(options(username="u", password="a\x00b"))


class TestRepositoriesOf:
    HOSTS = ("us.icr.io", "localhost:5000", "localhost")

    @pytest.mark.parametrize(
        ("named", "expected"),
        [
            ([], ()),
            (["ns/image"], ("ns/image",)),
            (["image"], ("image",)),
            (["ns/image", "ns/image"], ("ns/image",)),
            (["us.icr.io/ns/image"], ("ns/image",)),
            (["us.icr.io/ns/image", "ns/image"], ("ns/image",)),
            (["localhost:5000/ns/image"], ()),
            (["localhost/ns/image"], ()),
            (["ns/a/b__c/d--e.f_g"], ("ns/a/b__c/d--e.f_g",)),
        ],
        ids=lambda value: "+".join(value) or "none",
    )
    def test_those_without_host_and_its_own(
        self, named: list[str], expected: tuple[str, ...]
    ) -> None:
        assert repositories_of("us.icr.io", named, self.HOSTS, "pull") == expected

    @pytest.mark.parametrize(
        "text", ["de.icr.io/ns/image", "us.icr.io:443/ns/image", "US.icr.io/ns/image"]
    )
    def test_host_that_is_not_in_the_task_is_an_error(self, text: str) -> None:
        with pytest.raises(
            InputError, match=r"^push names .*is not among the registries"
        ):
            repositories_of("us.icr.io", [text], self.HOSTS, "push")

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "/",
            "ns/",
            "ns/image:tag",
            "ns/image@sha256:abc",
            "image:tag",
            "NS/image",
            "ns//image",
            "ns/-image",
            "ns/image\n",
            "us.icr.io/",
            "us.icr.io/NS",
            "https://us.icr.io/ns/image",
        ],
        ids=ascii,
    )
    def test_what_is_no_repository_is_an_error_that_names_the_option(
        self, text: str
    ) -> None:
        with pytest.raises(InputError, match=r"^pull (takes|names)"):
            repositories_of("us.icr.io", [text], self.HOSTS, "pull")


KEY = Credential("iamapikey", "new")


def stored(login: Login | None, *, store: str = "file", found: bool = True) -> Stored:
    return Stored(store, login, found, None, None)


def decided(
    found: Stored, mode: int | None, wanted: Credential | None = KEY
) -> Decision:
    return decide(found, mode, wanted, now=NOW, renew_before=HALF_AN_HOUR)


class TestDecideLogIn:
    @pytest.mark.parametrize(
        ("login", "mode", "changes"),
        [
            pytest.param(None, None, True, id="no-file"),
            pytest.param(None, 0o600, True, id="no-login"),
            pytest.param(Login("iamapikey", "new"), 0o600, False, id="same"),
            pytest.param(Login("iamapikey", "new"), 0o644, True, id="same-but-open"),
            pytest.param(Login("iamapikey", "new"), 0o400, True, id="same-but-fixed"),
            pytest.param(Login("iamapikey", "old"), 0o600, True, id="other-secret"),
            pytest.param(Login("iambearer", "new"), 0o600, True, id="other-user-name"),
            pytest.param(
                Login("iamapikey", "new", is_tidy=False), 0o600, True, id="untidy"
            ),
            pytest.param(
                Login("iamapikey", "new", is_token=True), 0o600, True, id="stale-token"
            ),
            pytest.param(Login(None, None), 0o600, True, id="unreadable-entry"),
        ],
    )
    def test_file(self, login: Login | None, mode: int | None, changes: bool) -> None:
        assert decided(stored(login), mode) == Decision(KEY, changes)

    @pytest.mark.parametrize("mode", [None, 0o600, 0o644])
    @pytest.mark.parametrize(
        ("login", "changes"),
        [
            (None, True),
            (Login("iamapikey", "new"), False),
            (Login("iamapikey", "old"), True),
            (Login("iamapikey", "new", is_tidy=False), True),
        ],
    )
    def test_mode_of_the_file_is_nothing_to_a_login_in_a_helper(
        self, login: Login | None, mode: int | None, changes: bool
    ) -> None:
        assert decided(stored(login, store="pass"), mode) == Decision(KEY, changes)


class TestDecideLogOut:
    @pytest.mark.parametrize("store", ["file", "pass"])
    @pytest.mark.parametrize("mode", [None, 0o600, 0o644])
    @pytest.mark.parametrize("found", [True, False])
    def test_whatever_is_found_goes(
        self, found: bool, mode: int | None, store: str
    ) -> None:
        state = stored(None, store=store, found=found)
        assert decided(state, mode, None) == Decision(None, found)


class TestDecideShortLived:
    NEW = Credential("iambearer", token(left=3500))

    @pytest.mark.parametrize(
        ("login", "mode", "changes"),
        [
            pytest.param(Login("iambearer", token()), 0o600, False, id="tidy"),
            pytest.param(Login("iambearer", token()), 0o644, True, id="open"),
            pytest.param(
                Login("iambearer", token(), is_tidy=False), 0o600, True, id="untidy"
            ),
        ],
    )
    def test_stored_token_is_kept_and_its_place_mended(
        self, login: Login, mode: int, changes: bool
    ) -> None:
        expected = Decision(Credential("iambearer", token()), changes, is_kept=True)
        assert decided(stored(login), mode, self.NEW) == expected

    def test_same_token_is_not_kept_in_place_of_another(self) -> None:
        login = Login("iambearer", self.NEW.secret)
        assert decided(stored(login), 0o600, self.NEW) == Decision(self.NEW, False)

    def test_same_token_about_to_expire_is_no_change(self) -> None:
        old = Credential("iambearer", token(left=60))
        login = Login("iambearer", old.secret)
        assert decided(stored(login), 0o600, old) == Decision(old, False)

    @pytest.mark.parametrize("left", [1799, 0, -60])
    def test_token_about_to_expire_is_replaced(self, left: int) -> None:
        login = Login("iambearer", token(left=left))
        assert decided(stored(login), 0o600, self.NEW) == Decision(self.NEW, True)


class TestCanKeep:
    @pytest.mark.parametrize(
        ("login", "wanted", "expected"),
        [
            pytest.param(
                Login("iambearer", token()),
                ("iambearer", token(left=9)),
                True,
                id="same",
            ),
            pytest.param(
                Login("iambearer", token(left=1800)),
                ("iambearer", token()),
                True,
                id="just-enough-left",
            ),
            pytest.param(
                Login("iambearer", token(left=1799)),
                ("iambearer", token()),
                False,
                id="too-little-left",
            ),
            pytest.param(
                Login("iambearer", token(identity="IBMid-2")),
                ("iambearer", token()),
                False,
                id="other-identity",
            ),
            pytest.param(
                Login("iambearer", token(account="other")),
                ("iambearer", token()),
                False,
                id="other-account",
            ),
            pytest.param(
                Login("iambearer", token()),
                ("iamapikey", token()),
                False,
                id="key-wanted",
            ),
            pytest.param(
                Login("iamapikey", token()),
                ("iambearer", token()),
                False,
                id="key-stored",
            ),
            pytest.param(
                Login("iamapikey", token()),
                ("iamapikey", token()),
                False,
                id="both-keys",
            ),
            pytest.param(
                Login("iambearer", token(), is_token=True),
                ("iambearer", token()),
                False,
                id="identity-token-wins-over-it",
            ),
            pytest.param(
                Login("iambearer", "opaque"),
                ("iambearer", token()),
                False,
                id="stored-is-opaque",
            ),
            pytest.param(
                Login("iambearer", token()),
                ("iambearer", "opaque"),
                False,
                id="wanted-is-opaque",
            ),
            pytest.param(
                Login("iambearer", "opaque"),
                ("iambearer", "opaque"),
                False,
                id="both-are-opaque",
            ),
            pytest.param(
                Login("iambearer", None), ("iambearer", token()), False, id="no-secret"
            ),
            pytest.param(
                Login(None, None), ("iambearer", token()), False, id="unreadable-entry"
            ),
            pytest.param(
                Login("iambearer", "e30.e30.x"),
                ("iambearer", "e30.e30.x"),
                False,
                id="tokens-of-nobody",
            ),
        ],
    )
    def test_stored_token_serves_as_well(
        self, login: Login, wanted: tuple[str, str], expected: bool
    ) -> None:
        kept = can_keep(login, Credential(*wanted), now=NOW, renew_before=HALF_AN_HOUR)
        assert kept is expected

    def test_token_without_expiry_is_not_kept(self) -> None:
        claims = json.dumps({"iam_id": "IBMid-1"}).encode()
        text = f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.x"
        wanted = Credential("iambearer", text)
        assert not can_keep(Login("iambearer", text), wanted, now=NOW, renew_before=0)
