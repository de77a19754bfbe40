# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Talking to credential helpers, here to a real program."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.icr.access.plugins.module_utils import _credential_helper
from ansible_collections.icr.access.plugins.module_utils._credential_helper import (
    erase_credentials,
    get_credentials,
    list_keys,
    store_credentials,
)
from ansible_collections.icr.access.plugins.module_utils._errors import AuthFileError
from ansible_collections.icr.access.tests.unit.plugins.fake_credential_helper import (
    FakeCredentialHelper,
)

HOST = "us.icr.io"


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeCredentialHelper:
    return FakeCredentialHelper(tmp_path, "fake", monkeypatch)


EVERY_VERB = pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda name: get_credentials(name, HOST), id="get"),
        pytest.param(list_keys, id="list"),
        pytest.param(lambda name: store_credentials(name, HOST, "u", "s"), id="store"),
        pytest.param(lambda name: erase_credentials(name, HOST), id="erase"),
    ],
)


class TestGetCredentials:
    def test_kept_login_is_found(self, helper: FakeCredentialHelper) -> None:
        helper.keep({HOST: ("iamapikey", "s3crét")})
        assert get_credentials("fake", HOST) == ("iamapikey", "s3crét")
        assert helper.calls == [(["get"], HOST)]

    @pytest.mark.parametrize("mode", ["works", "is that of pass"])
    def test_unknown_host_has_no_login(
        self, helper: FakeCredentialHelper, mode: str
    ) -> None:
        helper.be(mode)
        assert get_credentials("fake", HOST) is None

    @pytest.mark.parametrize(
        "mode",
        [
            "answers nonsense",
            "answers []",
            "answers null",
            "answers {}",
            'answers {"Username": "u"}',
            'answers {"Username": "u", "Secret": 7}',
            'answers {"Username": null, "Secret": "s3cret"}',
        ],
    )
    def test_answer_beside_the_protocol_is_an_error_without_it(
        self, helper: FakeCredentialHelper, mode: str
    ) -> None:
        helper.be(mode)
        with pytest.raises(AuthFileError, match="not its protocol") as caught:
            get_credentials("fake", HOST)
        assert "s3cret" not in str(caught.value)

    def test_failure_says_what_the_helper_said(
        self, helper: FakeCredentialHelper
    ) -> None:
        helper.be("fails")
        with pytest.raises(AuthFileError) as caught:
            get_credentials("fake", HOST)
        assert str(caught.value) == (
            "The credential helper docker-credential-fake failed to get the login of "
            "us.icr.io; it said: the vault is sealed"
        )

    def test_answer_of_a_helper_that_fails_all_the_same_is_not_shown(
        self, helper: FakeCredentialHelper
    ) -> None:
        helper.keep({HOST: ("iamapikey", "s3cret")})
        helper.be("answers and fails")
        with pytest.raises(AuthFileError) as caught:
            get_credentials("fake", HOST)
        assert "s3cret" not in str(caught.value)
        assert "the agent went away" in str(caught.value)


class TestListKeys:
    def test_every_key_is_listed(self, helper: FakeCredentialHelper) -> None:
        helper.keep({"https://us.icr.io/v1/": ("u", "s"), HOST: ("u", "s")})
        assert list_keys("fake") == ["https://us.icr.io/v1/", HOST]
        assert helper.calls == [(["list"], "")]

    @pytest.mark.parametrize(
        "mode",
        ["cannot list", "fails", "answers nonsense", "answers []", "answers null"],
    )
    def test_helper_that_cannot_list_has_no_keys(
        self, helper: FakeCredentialHelper, mode: str
    ) -> None:
        helper.keep({HOST: ("u", "s")})
        helper.be(mode)
        assert list_keys("fake") == []


class TestStoreCredentials:
    def test_login_goes_through_standard_input_alone(
        self, helper: FakeCredentialHelper
    ) -> None:
        store_credentials("fake", HOST, "iamapikey", 's3cret"é\ud83d')
        assert helper.logins == {HOST: ("iamapikey", 's3cret"é\ud83d')}
        (arguments, given), (look_again, _host) = helper.calls
        assert (arguments, look_again) == (["store"], ["get"])
        assert json.loads(given) == {
            "ServerURL": HOST,
            "Username": "iamapikey",
            "Secret": 's3cret"é\ud83d',
        }

    def test_login_of_another_user_name_gives_way(
        self, helper: FakeCredentialHelper
    ) -> None:
        helper.keep({HOST: ("iamapikey", "old"), "icr.io": ("iamapikey", "old")})
        helper.be("prefers the first user name")
        store_credentials("fake", HOST, "token", "new")
        assert helper.logins == {HOST: ("token", "new"), "icr.io": ("iamapikey", "old")}
        assert helper.verbs == ["store", "get", "erase", "store", "get"]

    def test_login_that_is_taken_but_not_kept_is_an_error(
        self, helper: FakeCredentialHelper
    ) -> None:
        helper.be("forgets")
        with pytest.raises(AuthFileError, match="does not give it back") as caught:
            store_credentials("fake", HOST, "iamapikey", "s3cret")
        assert "s3cret" not in str(caught.value)

    def test_refusal_is_told_without_the_secret(
        self, helper: FakeCredentialHelper
    ) -> None:
        helper.be("repeats what it is given and fails")
        with pytest.raises(AuthFileError, match="failed to store") as caught:
            store_credentials("fake", HOST, "iamapikey", "s3cret")
        assert "could not store" in str(caught.value)
        assert "s3cret" not in str(caught.value)


class TestEraseCredentials:
    def test_login_is_forgotten(self, helper: FakeCredentialHelper) -> None:
        helper.keep({HOST: ("u", "s"), "icr.io": ("u", "s")})
        erase_credentials("fake", HOST)
        assert helper.logins == {"icr.io": ("u", "s")}
        assert helper.calls == [(["erase"], HOST)]

    def test_login_that_is_gone_already_is_fine(
        self, helper: FakeCredentialHelper
    ) -> None:
        erase_credentials("fake", HOST)
        assert helper.verbs == ["erase"]

    def test_failure_is_an_error(self, helper: FakeCredentialHelper) -> None:
        helper.be("fails")
        with pytest.raises(AuthFileError, match="failed to erase the login of us"):
            erase_credentials("fake", HOST)


@EVERY_VERB
class TestEveryVerb:
    def test_missing_helper_is_an_error_that_says_what_to_do(
        self, call: Callable[[str], object]
    ) -> None:
        with pytest.raises(AuthFileError, match=r"not on PATH.*Install"):
            call("missing")

    def test_error_is_short_however_long_the_name(
        self, call: Callable[[str], object]
    ) -> None:
        with pytest.raises(AuthFileError, match="not installed") as caught:
            call("x" * 10**5)
        assert len(str(caught.value)) < 1000 + len(os.environ["PATH"])

    def test_path_in_place_of_a_name_runs_nothing(
        self, helper: FakeCredentialHelper, call: Callable[[str], object]
    ) -> None:
        folder = helper.program.parent
        (folder / "docker-credential-").mkdir()
        with pytest.raises(AuthFileError, match="not installed"):
            call("/../docker-credential-fake")
        assert helper.calls == []

    def test_program_that_cannot_be_run_is_an_error(
        self, helper: FakeCredentialHelper, call: Callable[[str], object]
    ) -> None:
        helper.program.write_text("#!/nowhere/interpreter\n")
        with pytest.raises(AuthFileError, match="cannot be run: No such file"):
            call("fake")


class TestTimeLimit:
    def test_helper_that_waits_for_a_person_is_given_up(
        self, helper: FakeCredentialHelper, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        helper.be("waits for a person")
        monkeypatch.setattr(_credential_helper, "_TIMEOUT", 0.01)
        with pytest.raises(AuthFileError, match=r"no answer to get .* pass phrase"):
            get_credentials("fake", HOST)
