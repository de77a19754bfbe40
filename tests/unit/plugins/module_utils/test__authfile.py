# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Reading and editing auth files as values."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.icr.access.plugins.module_utils._auth_document import (
    MalformedError,
    parse,
)
from ansible_collections.icr.access.plugins.module_utils._authfile import (
    Login,
    find_helper,
    find_login,
    has_entry,
)
from ansible_collections.icr.access.plugins.module_utils._authfile_edit import (
    render,
    with_login,
    without_credentials,
    without_login,
)

HOST = "us.icr.io"
CLIENTS = ("docker", "podman")
SPELLINGS = (
    "us.icr.io",
    "US.icr.io",
    "https://us.icr.io",
    "HTTPS://us.icr.io/",
    "http://us.icr.io/",
    "us.icr.io/",
    "us.icr.io/v1/",
    "us.icr.io/v2",
    "https://us.icr.io/v1/",
    "https://us.icr.io/v2/",
)
OTHER_KEYS = (
    "us.icr.io/namespace",
    "us.icr.io/v1/namespace",
    "us.icr.io:5000",
    "private.us.icr.io",
    "icr.io",
    "https://index.docker.io/v1/",
    "us.icr.io.example.com",
    "",
)


def auth(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


AUTH = auth("iamapikey:s3cret")


class TestRender:
    def test_layout_is_that_of_container_clients(self) -> None:
        document = {"auths": {HOST: {"auth": AUTH}}}
        assert render(document).decode() == (
            '{\n\t"auths": {\n\t\t"us.icr.io": {\n\t\t\t"auth": "' + AUTH + '"'
            "\n\t\t}\n\t}\n}"
        )

    def test_text_beyond_ascii_stays_readable(self) -> None:
        assert "é€😀".encode() in render({"é€😀": "é€😀"})

    def test_half_of_a_surrogate_pair_survives(self) -> None:
        document = parse(b'{"a": "\\ud83d"}')
        assert parse(render(document)) == document


class TestFindHelper:
    @pytest.mark.parametrize(
        ("document", "docker", "podman"),
        [
            ({}, None, None),
            ({"credsStore": "pass"}, "pass", None),
            ({"credsStore": ""}, None, None),
            ({"credsStore": None}, None, None),
            ({"credHelpers": {HOST: "ibm"}}, "ibm", "ibm"),
            ({"credHelpers": {"icr.io": "ibm"}}, None, None),
            ({"credHelpers": None}, None, None),
            ({"credHelpers": {HOST: "ibm"}, "credsStore": "pass"}, "ibm", "ibm"),
            ({"credHelpers": {HOST: ""}, "credsStore": "pass"}, None, None),
            ({"credHelpers": {HOST: None}, "credsStore": "pass"}, None, None),
            ({"credHelpers": {"icr.io": "x"}, "credsStore": "pass"}, "pass", None),
        ],
        ids=[
            "none",
            "store-is-for-docker-only",
            "store-without-name",
            "store-null",
            "helper-of-the-host",
            "helper-of-another-host",
            "helpers-null",
            "helper-of-the-host-before-store",
            "empty-name-means-the-file",
            "null-name-means-the-file",
            "helper-of-another-host-leaves-the-store",
        ],
    )
    def test_each_client_uses_what_it_honours(
        self, document: dict[str, Any], docker: str | None, podman: str | None
    ) -> None:
        assert find_helper(document, HOST, "docker") == docker
        assert find_helper(document, HOST, "podman") == podman

    @pytest.mark.parametrize(
        "document",
        [
            {"credsStore": 1},
            {"credsStore": ["pass"]},
            {"credHelpers": []},
            {"credHelpers": "pass"},
            {"credHelpers": {HOST: 1}},
        ],
        ids=json.dumps,
    )
    def test_wrong_types_are_errors(self, document: dict[str, Any]) -> None:
        with pytest.raises(MalformedError):
            find_helper(document, HOST, "docker")

    def test_store_of_a_wrong_type_is_nothing_to_podman(self) -> None:
        assert find_helper({"credsStore": 1}, HOST, "podman") is None


NOTHING = Login(None, None, is_tidy=False)


class TestFindLogin:
    @pytest.mark.parametrize(
        ("entry", "docker", "podman"),
        [
            pytest.param(
                {"auth": AUTH},
                Login("iamapikey", "s3cret"),
                Login("iamapikey", "s3cret"),
                id="auth",
            ),
            pytest.param(
                {"auth": auth("user:a:b")},
                Login("user", "a:b"),
                Login("user", "a:b"),
                id="colon-in-secret",
            ),
            pytest.param(
                {"auth": AUTH, "email": "a@example.com"},
                Login("iamapikey", "s3cret"),
                Login("iamapikey", "s3cret"),
                id="auth-and-email-is-tidy",
            ),
            pytest.param(
                {"username": "user", "password": "pw"},
                Login("user", "pw", is_tidy=False),
                NOTHING,
                id="username-and-password-for-docker-only",
            ),
            pytest.param(
                {"auth": AUTH, "username": "user", "password": "pw"},
                Login("iamapikey", "s3cret", is_tidy=False),
                Login("iamapikey", "s3cret", is_tidy=False),
                id="auth-before-username-and-password",
            ),
            pytest.param(
                {"auth": "", "username": "user", "password": "pw"},
                Login("user", "pw", is_tidy=False),
                NOTHING,
                id="empty-auth-beside-username-and-password",
            ),
            pytest.param(
                {"auth": AUTH, "identitytoken": "tok"},
                Login("iamapikey", "tok", is_token=True, is_tidy=False),
                Login("iamapikey", "tok", is_token=True, is_tidy=False),
                id="identity-token-wins",
            ),
            pytest.param(
                {"auth": auth("user:"), "identitytoken": "tok"},
                Login("user", "tok", is_token=True, is_tidy=False),
                Login("user", "tok", is_token=True, is_tidy=False),
                id="identity-token-as-docker-stores-it",
            ),
            pytest.param(
                {"identitytoken": "tok"},
                Login(None, "tok", is_token=True, is_tidy=False),
                NOTHING,
                id="identity-token-alone-for-docker-only",
            ),
            pytest.param(
                {"auth": AUTH, "identitytoken": ""},
                Login("iamapikey", "s3cret", is_tidy=False),
                Login("iamapikey", "s3cret", is_tidy=False),
                id="empty-identity-token-wins-nothing",
            ),
            pytest.param(
                {"registrytoken": "tok"},
                Login(None, "tok", is_token=True, is_tidy=False),
                NOTHING,
                id="registry-token-alone-for-docker-only",
            ),
            pytest.param(
                {"auth": auth("user:")},
                Login("user", ""),
                Login("user", ""),
                id="empty-secret",
            ),
            pytest.param(
                {"auth": auth("no colon")},
                Login(None, None),
                Login(None, None),
                id="no-colon",
            ),
            pytest.param(
                {"auth": "%%%"}, Login(None, None), Login(None, None), id="not-base64"
            ),
            pytest.param(
                {"auth": base64.b64encode(b"u:\xff").decode()},
                Login(None, None),
                Login(None, None),
                id="not-text",
            ),
            pytest.param(
                {"auth": 1}, Login(None, None), Login(None, None), id="number"
            ),
            pytest.param(
                {"auth": None}, Login(None, None), Login(None, None), id="null"
            ),
            pytest.param({}, NOTHING, NOTHING, id="empty-entry"),
            pytest.param(None, NOTHING, NOTHING, id="null-entry"),
            pytest.param(
                {"username": 1, "password": ["pw"]}, NOTHING, NOTHING, id="wrong-types"
            ),
        ],
    )
    def test_each_client_reads_what_it_knows(
        self, entry: object, docker: Login, podman: Login
    ) -> None:
        document = {"auths": {HOST: entry}}
        assert find_login(document, HOST, "docker") == docker
        assert find_login(document, HOST, "podman") == podman

    @pytest.mark.parametrize("client", CLIENTS)
    @pytest.mark.parametrize(
        "document", [{}, {"auths": None}, {"auths": {}}, {"auths": {"icr.io": {}}}]
    )
    def test_no_entry_is_no_login(self, document: dict[str, Any], client: str) -> None:
        assert find_login(document, HOST, client) is None

    @pytest.mark.parametrize("client", CLIENTS)
    @pytest.mark.parametrize("key", SPELLINGS)
    def test_every_spelling_is_found_and_only_the_plain_one_is_tidy(
        self, key: str, client: str
    ) -> None:
        expected = Login("iamapikey", "s3cret", is_tidy=key == HOST)
        assert find_login({"auths": {key: {"auth": AUTH}}}, HOST, client) == expected

    @pytest.mark.parametrize("key", OTHER_KEYS)
    def test_other_keys_are_not_this_registry(self, key: str) -> None:
        assert find_login({"auths": {key: {"auth": AUTH}}}, HOST, "docker") is None

    def test_plain_spelling_wins_over_an_earlier_one(self) -> None:
        document = {
            "auths": {"https://us.icr.io": {"auth": auth("a:b")}, HOST: {"auth": AUTH}}
        }
        expected = Login("iamapikey", "s3cret", is_tidy=False)
        assert find_login(document, HOST, "docker") == expected

    @pytest.mark.parametrize(
        "document",
        [
            {"auths": []},
            {"auths": "x"},
            {"auths": 0},
            {"auths": {HOST: "x"}},
            {"auths": {HOST: []}},
            {"auths": {"https://us.icr.io/": 1}},
        ],
        ids=json.dumps,
    )
    def test_wrong_types_where_we_write_are_errors(
        self, document: dict[str, Any]
    ) -> None:
        with pytest.raises(MalformedError):
            find_login(document, HOST, "docker")

    def test_error_is_short_however_long_the_spelling(self) -> None:
        document: dict[str, Any] = {"auths": {"x" * 10**5 + f"://{HOST}": []}}
        with pytest.raises(MalformedError, match="not an object") as caught:
            find_login(document, HOST, "docker")
        assert len(str(caught.value)) < 500

    def test_wrong_type_of_another_entry_is_not_our_affair(self) -> None:
        assert find_login({"auths": {"icr.io": 1}}, HOST, "docker") is None

    def test_secret_is_not_in_its_representation(self) -> None:
        assert "s3cret" not in repr(Login("iamapikey", "s3cret"))


class TestHasEntry:
    @pytest.mark.parametrize(
        ("auths", "expected"),
        [
            (None, False),
            ({}, False),
            ({"icr.io": {"auth": AUTH}}, False),
            ({HOST: {}}, True),
            ({HOST: None}, True),
            ({HOST: {"email": "x"}}, True),
            ({HOST: {"auth": AUTH}}, True),
            ({HOST: {"password": "x"}}, True),
            ({HOST: {"identitytoken": "x"}}, True),
            ({HOST: {}, "https://us.icr.io": {"auth": AUTH}}, True),
        ],
    )
    def test_any_spelling_counts_with_or_without_credentials(
        self, auths: dict[str, Any] | None, expected: bool
    ) -> None:
        assert has_entry({"auths": auths}, HOST) is expected


class TestWithLogin:
    def test_new_entry_goes_last_and_nothing_else_moves(self) -> None:
        document = {"b": 1, "auths": {"z": {"auth": "x"}, "a": {}}, "aa": {"y": [1, 2]}}
        new = with_login(document, HOST, "iamapikey", "s3cret")
        assert json.dumps(new) == json.dumps(
            {
                "b": 1,
                "auths": {"z": {"auth": "x"}, "a": {}, HOST: {"auth": AUTH}},
                "aa": {"y": [1, 2]},
            }
        )

    @pytest.mark.parametrize("auths", [{}, {"auths": None}, {"auths": {}}])
    def test_auths_are_made_where_there_are_none(self, auths: dict[str, Any]) -> None:
        new = with_login(auths, HOST, "iamapikey", "s3cret")
        assert new == {"auths": {HOST: {"auth": AUTH}}}

    def test_every_other_spelling_goes_and_the_first_gives_its_place(self) -> None:
        document = {
            "auths": {
                "a": {},
                "https://us.icr.io": {"auth": "old"},
                "b": {},
                "us.icr.io/v1/": {"auth": "older"},
                "us.icr.io/namespace": {"auth": "kept"},
            }
        }
        new = with_login(document, HOST, "iamapikey", "s3cret")
        assert json.dumps(new["auths"]) == json.dumps(
            {
                "a": {},
                HOST: {"auth": AUTH},
                "b": {},
                "us.icr.io/namespace": {"auth": "kept"},
            }
        )

    def test_plain_spelling_keeps_its_place_behind_another(self) -> None:
        document: dict[str, Any] = {
            "auths": {"https://us.icr.io": {}, "a": {}, HOST: {}}
        }
        new = with_login(document, HOST, "iamapikey", "s3cret")
        assert list(new["auths"]) == ["a", HOST]

    def test_whole_entry_is_ours_but_for_keys_that_are_no_credentials(self) -> None:
        entry = {
            "email": "a@example.com",
            "auth": "old",
            "identitytoken": "stale",
            "registrytoken": "stale",
            "username": "u",
            "password": "p",
            "note": 1,
        }
        new = with_login({"auths": {HOST: entry}}, HOST, "iamapikey", "s3cret")
        assert json.dumps(new["auths"][HOST]) == json.dumps(
            {"email": "a@example.com", "auth": AUTH, "note": 1}
        )

    @pytest.mark.parametrize("auths", [[], {HOST: "text"}])
    def test_wrong_types_are_errors(self, auths: object) -> None:
        with pytest.raises(MalformedError):
            with_login({"auths": auths}, HOST, "iamapikey", "s3cret")


class TestWithoutCredentials:
    def test_entries_stay_without_what_is_secret(self) -> None:
        document = {
            "auths": {
                HOST: {"auth": AUTH, "email": "x"},
                "https://us.icr.io": {"identitytoken": "x"},
                "us.icr.io/v1/": None,
                "icr.io": {"auth": "kept"},
            }
        }
        assert without_credentials(document, HOST) == {
            "auths": {
                HOST: {"email": "x"},
                "https://us.icr.io": {},
                "us.icr.io/v1/": None,
                "icr.io": {"auth": "kept"},
            }
        }

    def test_document_without_entry_stays_as_it_is(self) -> None:
        assert without_credentials({"auths": None}, HOST) == {"auths": None}

    def test_wrong_type_is_an_error(self) -> None:
        with pytest.raises(MalformedError):
            without_credentials({"auths": {HOST: "text"}}, HOST)


class TestWithoutLogin:
    @pytest.mark.parametrize("key", SPELLINGS)
    def test_every_spelling_goes(self, key: str) -> None:
        document = {"auths": {key: {"auth": AUTH}, "icr.io": {}}, "x": 1}
        assert without_login(document, HOST) == {"auths": {"icr.io": {}}, "x": 1}

    @pytest.mark.parametrize("key", OTHER_KEYS)
    def test_other_keys_stay(self, key: str) -> None:
        document = {"auths": {key: {"auth": AUTH}}}
        assert without_login(document, HOST) == document

    @pytest.mark.parametrize("document", [{}, {"auths": None}])
    def test_nothing_to_remove_adds_nothing(self, document: dict[str, Any]) -> None:
        assert without_login(document, HOST) == document


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=())),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
keys = st.sampled_from([*SPELLINGS, *OTHER_KEYS])
entries = st.dictionaries(
    st.sampled_from(["auth", "username", "password", "identitytoken", "email"]),
    st.text(max_size=8),
    max_size=4,
)
documents = st.fixed_dictionaries(
    {"auths": st.dictionaries(keys, entries, max_size=5)},
    optional={"HttpHeaders": json_values, "credsStore": json_values, "x": json_values},
)
usernames = st.text(min_size=1, max_size=12).filter(lambda text: ":" not in text)
secrets = st.text(min_size=1, max_size=40)


class TestProperties:
    @settings(max_examples=60, deadline=None)
    @given(st.dictionaries(st.text(), json_values, max_size=4))
    def test_what_is_rendered_is_parsed_in_the_same_order(
        self, document: dict[str, Any]
    ) -> None:
        assert json.dumps(parse(render(document))) == json.dumps(document)

    @settings(max_examples=60, deadline=None)
    @given(documents, usernames, secrets, st.sampled_from(CLIENTS))
    def test_login_that_was_set_is_found_tidy_and_setting_it_again_changes_nothing(
        self, document: dict[str, Any], username: str, secret: str, client: str
    ) -> None:
        new = with_login(document, HOST, username, secret)
        assert find_login(parse(render(new)), HOST, client) == Login(username, secret)
        assert with_login(new, HOST, username, secret) == new

    @settings(max_examples=60, deadline=None)
    @given(documents, usernames, secrets)
    def test_log_in_and_log_out_touch_nothing_else(
        self, document: dict[str, Any], username: str, secret: str
    ) -> None:
        rest = without_login(document, HOST)
        logged_in = with_login(document, HOST, username, secret)
        assert json.dumps(without_login(logged_in, HOST)) == json.dumps(rest)
        assert list(rest["auths"]) == [
            key for key in document["auths"] if key in OTHER_KEYS
        ]
        assert not has_entry(rest, HOST)
