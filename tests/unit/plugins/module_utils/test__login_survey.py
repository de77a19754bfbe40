# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""All logins of a place, whatever else is wrong there."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from ansible_collections.icr.access.plugins.module_utils import _user_process
from ansible_collections.icr.access.plugins.module_utils._authfile import Login
from ansible_collections.icr.access.plugins.module_utils._errors import AuthFileError
from ansible_collections.icr.access.plugins.module_utils._login_place import (
    Place,
    Stored,
)
from ansible_collections.icr.access.plugins.module_utils._login_survey import (
    Survey,
    list_hosts,
    survey,
)
from ansible_collections.icr.access.plugins.module_utils._users import User
from ansible_collections.icr.access.tests.unit.plugins.fake_credential_helper import (
    FakeCredentialHelper,
)

US, DE = "us.icr.io", "de.icr.io"
ENTRY = {"auth": base64.b64encode(b"iamapikey:s3cret").decode()}
LOGIN = Login("iamapikey", "s3cret")
STORED = Stored("file", LOGIN, True, None, None)


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeCredentialHelper:
    return FakeCredentialHelper(tmp_path, "fake", monkeypatch)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.json"


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    return tmp_path / "runtime.json"


def user(home: Path, *, is_self: bool = True) -> User:
    return User("me", 7001, 7001, str(home), {}, is_self)


@pytest.fixture
def docker(path: Path) -> Place:
    return Place(user(path.parent), "docker", str(path))


@pytest.fixture
def podman(path: Path, runtime: Path) -> Place:
    return Place(user(path.parent), "podman", str(path), (str(runtime),))


def write(path: Path, document: object, mode: int = 0o600) -> None:
    path.write_text(json.dumps(document))
    path.chmod(mode)


class TestHostsThatAreKnown:
    def test_nothing_is_known_without_a_file(self, docker: Place) -> None:
        assert survey(docker, None) == Survey({}, {}, {})

    def test_entries_and_helpers_of_the_file(self, docker: Place, path: Path) -> None:
        write(path, {"auths": {f"https://{US}/v1/": ENTRY, "x/y": {}}})
        assert list(survey(docker, None).stored) == [US, "x/y"]

    def test_logins_of_dockers_store(
        self, docker: Place, path: Path, helper: FakeCredentialHelper
    ) -> None:
        write(path, {"credsStore": "fake", "auths": {"icr.io": {}}})
        helper.keep({f"https://{US}": ("u", "s"), "icr.io": ("u", "s")})
        assert list(survey(docker, None).stored) == ["icr.io", US]

    def test_logins_of_the_runtime_file(
        self, podman: Place, path: Path, runtime: Path
    ) -> None:
        write(path, {"auths": {DE: ENTRY}}, 0o640)
        write(runtime, {"auths": {US: ENTRY, "icr.io": {}}}, 0o644)
        expected = Stored("file", None, True, str(runtime), None, LOGIN)
        assert survey(podman, None) == Survey(
            {str(path): 0o640, str(runtime): 0o644}, {DE: STORED, US: expected}, {}
        )

    def test_only_those_that_are_named(self, docker: Place, path: Path) -> None:
        write(path, {"auths": {US: ENTRY}})
        assert survey(docker, [DE]).stored == {
            DE: Stored("file", None, False, None, None)
        }


class TestWhatCannotBeRead:
    def test_broken_helper_hides_its_own_host_alone(
        self, docker: Place, path: Path
    ) -> None:
        write(path, {"auths": {US: ENTRY}, "credHelpers": {DE: "gone"}})
        found = survey(docker, None)
        assert found.stored == {US: STORED}
        assert list(found.problems) == [DE]
        assert "docker-credential-gone is not installed" in found.problems[DE]

    def test_broken_entry_hides_its_own_host_alone(
        self, docker: Place, path: Path
    ) -> None:
        write(path, {"auths": {US: ENTRY, DE: 1}})
        found = survey(docker, None)
        assert found.stored == {US: STORED}
        assert found.problems[DE].startswith(f'{path} has an entry "{DE}"')

    def test_store_that_cannot_list_leaves_the_hosts_of_the_file(
        self, docker: Place, path: Path
    ) -> None:
        helpers = {US: "", DE: "gone"}
        auths = {US: ENTRY}
        write(path, {"auths": auths, "credsStore": "missing", "credHelpers": helpers})
        found = survey(docker, None)
        assert found.stored == {US: STORED}
        assert list(found.problems) == [DE]
        (reason,) = found.unreadable
        assert "docker-credential-missing is not installed" in reason

    @pytest.mark.parametrize("hosts", [None, [US]])
    def test_broken_runtime_file_hides_nothing_of_ours(
        self, podman: Place, path: Path, runtime: Path, hosts: list[str] | None
    ) -> None:
        write(path, {"auths": {US: ENTRY}})
        runtime.write_text("{")
        found = survey(podman, hosts)
        assert found.stored == {US: STORED}
        (reason,) = found.unreadable
        assert reason.startswith(str(runtime))

    @pytest.mark.parametrize("hosts", [None, [US]])
    @pytest.mark.parametrize("content", ["{", '{"auths": []}', '{"credHelpers": 1}'])
    def test_file_of_which_nothing_can_be_told_is_an_error(
        self, docker: Place, path: Path, content: str, hosts: list[str] | None
    ) -> None:
        path.write_text(content)
        with pytest.raises(AuthFileError, match=r"/config\.json (is|has) "):
            survey(docker, hosts)


def test_all_of_it_comes_back_from_the_process_of_another_user(
    tmp_path: Path, path: Path, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_user_process, "_become", lambda user: None)
    write(path, {"auths": {US: ENTRY, DE: 1}})
    write(runtime, {"auths": {US: ENTRY}})
    missing = str(tmp_path / "missing.json")
    builder = user(tmp_path, is_self=False)
    place = Place(builder, "podman", str(path), (missing, str(runtime)))
    found = survey(place, None)
    assert found.modes == {str(path): 0o600, str(runtime): 0o600}
    assert found.stored == {US: Stored("file", LOGIN, True, str(runtime), None, LOGIN)}
    assert list(found.problems) == [DE]


class TestListHosts:
    def test_each_registry_once_in_order_and_other_keys_as_they_are(self) -> None:
        document = {
            "auths": {
                "https://de.icr.io/v1/": {},
                "de.icr.io": {},
                "us.icr.io/namespace": {},
            },
            "credHelpers": {"icr.io": "x", "de.icr.io": "x"},
        }
        assert list_hosts(document) == ["de.icr.io", "us.icr.io/namespace", "icr.io"]

    def test_empty_document_has_none(self) -> None:
        assert list_hosts({}) == []
