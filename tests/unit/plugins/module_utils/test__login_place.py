# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Where clients keep logins, and what is there."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils import (
    _named_user,
    _user_process,
    _users,
)
from ansible_collections.icr.access.plugins.module_utils._authfile import Login
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AuthFileError,
    InputError,
)
from ansible_collections.icr.access.plugins.module_utils._login_place import (
    Place,
    Seen,
    Stored,
    look,
    place_of,
    places_of,
)
from ansible_collections.icr.access.plugins.module_utils._users import User
from ansible_collections.icr.access.tests.unit.plugins.fake_credential_helper import (
    FakeCredentialHelper,
)

HOST = "us.icr.io"
AUTH = base64.b64encode(b"iamapikey:s3cret").decode()
LOGIN = Login("iamapikey", "s3cret")
OTHER_AUTH = base64.b64encode(b"other:0ther").decode()
NOTHING = Stored("file", None, False, None, None)
PARAMS: dict[str, Any] = {
    "users": None,
    "config_path": None,
    "client": "docker",
    "credential_store": "auto",
}


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeCredentialHelper:
    return FakeCredentialHelper(tmp_path, "fake", monkeypatch)


def user(home: Path | str = "/home/me", **settings: str) -> User:
    return User("me", 7001, 7001, str(home), settings, True)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(user(tmp_path), "docker", str(tmp_path / "config.json"))


def write(path: str | Path, document: object, mode: int = 0o600) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(json.dumps(document))
    Path(path).chmod(mode)


class TestPlaceOf:
    @pytest.mark.parametrize(
        ("client", "settings", "path"),
        [
            ("docker", {}, "/home/me/.docker/config.json"),
            ("docker", {"DOCKER_CONFIG": "/etc/d"}, "/etc/d/config.json"),
            ("docker", {"XDG_CONFIG_HOME": "/x"}, "/home/me/.docker/config.json"),
            ("podman", {}, "/home/me/.config/containers/auth.json"),
            ("podman", {"XDG_CONFIG_HOME": "/x"}, "/x/containers/auth.json"),
            (
                "podman",
                {"DOCKER_CONFIG": "/etc/d"},
                "/home/me/.config/containers/auth.json",
            ),
            (
                "podman",
                {"XDG_RUNTIME_DIR": "/r"},
                "/home/me/.config/containers/auth.json",
            ),
        ],
    )
    def test_file_of_each_client(
        self, client: str, settings: dict[str, str], path: str
    ) -> None:
        assert place_of(user(**settings), client, None, True).path == path

    @pytest.mark.parametrize(
        ("settings", "runtime_paths"),
        [
            (
                {},
                (
                    "/run/user/7001/containers/auth.json",
                    "/run/containers/7001/auth.json",
                ),
            ),
            (
                {"XDG_RUNTIME_DIR": "/r"},
                (
                    "/r/containers/auth.json",
                    "/run/user/7001/containers/auth.json",
                    "/run/containers/7001/auth.json",
                ),
            ),
            (
                {"XDG_RUNTIME_DIR": "/run/user/7001"},
                (
                    "/run/user/7001/containers/auth.json",
                    "/run/containers/7001/auth.json",
                ),
            ),
        ],
        ids=["without-setting", "with-setting", "with-the-usual-setting"],
    )
    def test_podman_has_runtime_files_that_win(
        self, settings: dict[str, str], runtime_paths: tuple[str, ...]
    ) -> None:
        place = place_of(user(**settings), "podman", None, True)
        assert place.runtime_paths == runtime_paths

    def test_docker_has_none(self) -> None:
        place = place_of(user(XDG_RUNTIME_DIR="/r"), "docker", None, True)
        assert place.runtime_paths == ()

    @pytest.mark.parametrize("client", ["docker", "podman"])
    def test_path_that_was_given_stands_alone(self, client: str) -> None:
        settings = user(DOCKER_CONFIG="/d", XDG_RUNTIME_DIR="/r")
        expected = Place(settings, client, "/etc/auth.json", (), False)
        assert place_of(settings, client, "/etc/auth.json", False) == expected

    @pytest.mark.parametrize("path", ["", "auth.json", "./auth.json", "/a/b/"])
    def test_path_that_does_not_say_which_file_is_refused(self, path: str) -> None:
        with pytest.raises(InputError, match="config_path must be the absolute path"):
            places_of({**PARAMS, "config_path": path})


class TestPlacesOf:
    @pytest.fixture(autouse=True)
    def known_users(self, monkeypatch: pytest.MonkeyPatch) -> None:
        users = {
            "root": user("/srv/admin")._replace(name="root", uid=0),
            "toor": user("/srv/admin")._replace(name="toor", uid=0),
            "builder": user("/home/builder")._replace(name="builder", uid=7001),
        }
        monkeypatch.setattr(_users, "current_user", lambda: users["root"])
        monkeypatch.setattr(_named_user, "get_user", users.__getitem__)

    def paths(self, **params: object) -> list[str]:
        return [place.path for place in places_of({**PARAMS, **params})]

    def test_without_users_it_is_the_one_that_the_module_runs_as(self) -> None:
        assert self.paths() == ["/srv/admin/.docker/config.json"]

    def test_each_user_has_a_place_in_the_order_given(self) -> None:
        assert self.paths(users=["builder", "root"]) == [
            "/home/builder/.docker/config.json",
            "/srv/admin/.docker/config.json",
        ]

    @pytest.mark.parametrize("users", [["root", "root"], ["root", "toor"]])
    def test_user_named_twice_has_one_place(self, users: list[str]) -> None:
        assert self.paths(users=users) == ["/srv/admin/.docker/config.json"]

    @pytest.mark.parametrize(("store", "helpers"), [("auto", True), ("file", False)])
    def test_helpers_are_used_unless_the_file_was_asked_for(
        self, store: str, helpers: bool
    ) -> None:
        (place,) = places_of({**PARAMS, "credential_store": store})
        assert place.helpers is helpers

    def test_helpers_are_used_by_a_module_that_has_no_such_option(self) -> None:
        params = {key: PARAMS[key] for key in ("users", "config_path", "client")}
        (place,) = places_of(params)
        assert place.helpers

    @pytest.mark.parametrize("users", [["root"], []])
    def test_users_and_a_path_contradict_each_other(self, users: list[str]) -> None:
        with pytest.raises(InputError, match="users or config_path, not both"):
            self.paths(users=users, config_path="/x")

    def test_no_users_at_all_are_an_error(self) -> None:
        with pytest.raises(InputError, match="users is empty"):
            self.paths(users=[])


class TestLookAtFile:
    def test_missing_file_holds_nothing(self, place: Place) -> None:
        assert look(place, [HOST]) == Seen(None, {HOST: NOTHING})

    def test_draft_of_a_killed_run_is_seen(self, place: Place) -> None:
        draft = Path(place.path).with_name(".config.json.icr-0a1b2c")
        draft.write_text("s3cret")
        assert look(place, [HOST]).has_drafts
        draft.unlink()
        assert not look(place, [HOST]).has_drafts
        assert not Path(place.path).exists()

    @pytest.mark.parametrize("mode", [0o600, 0o644])
    def test_login_and_mode(self, place: Place, mode: int) -> None:
        write(place.path, {"auths": {HOST: {"auth": AUTH}}}, mode)
        expected = Stored("file", LOGIN, True, None, None)
        assert look(place, [HOST]) == Seen(mode, {HOST: expected})

    @pytest.mark.parametrize("key", ["https://us.icr.io", "us.icr.io/v1/"])
    def test_login_in_another_spelling_is_not_tidy(
        self, place: Place, key: str
    ) -> None:
        write(place.path, {"auths": {key: {"auth": AUTH}}})
        stored = look(place, [HOST]).stored[HOST]
        assert stored.login == LOGIN._replace(is_tidy=False)
        assert stored.is_found

    def test_empty_entry_is_found_without_login(self, place: Place) -> None:
        write(place.path, {"auths": {HOST: {}}})
        stored = look(place, [HOST]).stored[HOST]
        assert stored.is_found
        assert stored.login == Login(None, None, is_tidy=False)

    @pytest.mark.parametrize(
        "content",
        [
            "{",
            "[]",
            '{"auths": []}',
            '{"auths": {"us.icr.io": 1}}',
            '{"credHelpers": 1}',
            '{"credsStore": 1}',
        ],
    )
    def test_malformed_file_is_an_error_that_names_it(
        self, place: Place, content: str
    ) -> None:
        Path(place.path).write_text(content)
        with pytest.raises(AuthFileError, match=r"/config\.json (is|has|holds) .*left"):
            look(place, [HOST])
        assert Path(place.path).read_text() == content


class TestLookAtHelper:
    @pytest.mark.parametrize(
        ("document", "client", "store"),
        [
            ({"credsStore": "fake"}, "docker", "fake"),
            ({"credsStore": "fake"}, "podman", "file"),
            ({"credHelpers": {HOST: "fake"}}, "docker", "fake"),
            ({"credHelpers": {HOST: "fake"}}, "podman", "fake"),
            ({"credHelpers": {HOST: ""}, "credsStore": "fake"}, "docker", "file"),
        ],
    )
    def test_helper_is_asked_where_that_client_would(
        self,
        place: Place,
        helper: FakeCredentialHelper,
        document: dict[str, Any],
        client: str,
        store: str,
    ) -> None:
        write(place.path, document)
        helper.keep({HOST: ("iamapikey", "s3cret")})
        stored = look(place._replace(client=client), [HOST]).stored[HOST]
        assert stored.store == store
        assert stored.login == (LOGIN if store == "fake" else None)
        assert bool(helper.calls) == (store == "fake")

    def test_file_is_read_and_the_helper_named_when_the_file_was_asked_for(
        self, place: Place, helper: FakeCredentialHelper
    ) -> None:
        write(place.path, {"credsStore": "fake", "auths": {HOST: {"auth": AUTH}}})
        stored = look(place._replace(helpers=False), [HOST]).stored[HOST]
        assert stored == Stored("file", LOGIN, True, None, "fake")
        assert helper.calls == []

    def test_login_in_the_file_beside_the_helper_is_not_tidy(
        self, place: Place, helper: FakeCredentialHelper
    ) -> None:
        write(place.path, {"credsStore": "fake", "auths": {HOST: {"auth": AUTH}}})
        helper.keep({HOST: ("iamapikey", "s3cret")})
        stored = look(place, [HOST]).stored[HOST]
        assert stored == Stored("fake", LOGIN._replace(is_tidy=False), True, None, None)

    def test_empty_entry_beside_the_helper_is_what_clients_leave(
        self, place: Place, helper: FakeCredentialHelper
    ) -> None:
        write(place.path, {"credsStore": "fake", "auths": {HOST: {}}})
        helper.keep({HOST: ("iamapikey", "s3cret")})
        assert look(place, [HOST]).stored[HOST].login == LOGIN

    def test_login_in_the_file_alone_is_none_to_that_client_but_is_found(
        self, place: Place, helper: FakeCredentialHelper
    ) -> None:
        write(place.path, {"credsStore": "fake", "auths": {HOST: {"auth": AUTH}}})
        assert look(place, [HOST]).stored[HOST] == Stored(
            "fake", None, True, None, None
        )

    def test_other_spelling_in_the_helper_is_found(
        self, place: Place, helper: FakeCredentialHelper
    ) -> None:
        write(place.path, {"credsStore": "fake"})
        helper.keep({"https://us.icr.io/v1/": ("iamapikey", "s3cret")})
        assert look(place, [HOST]).stored[HOST] == Stored(
            "fake", None, True, None, None
        )

    def test_nothing_anywhere_is_not_found(
        self, place: Place, helper: FakeCredentialHelper
    ) -> None:
        write(place.path, {"credsStore": "fake"})
        expected = Stored("fake", None, False, None, None)
        assert look(place, [HOST]).stored[HOST] == expected

    def test_missing_helper_is_an_error(self, place: Place) -> None:
        write(place.path, {"credsStore": "missing"})
        with pytest.raises(
            AuthFileError, match="docker-credential-missing is not inst"
        ):
            look(place, [HOST])


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    return tmp_path / "runtime" / "containers" / "auth.json"


@pytest.fixture
def podman(tmp_path: Path, runtime: Path) -> Place:
    path = str(tmp_path / "auth.json")
    missing = str(tmp_path / "missing.json")
    return Place(user(tmp_path), "podman", path, (missing, str(runtime)))


class TestLookAtRuntimeFile:
    @pytest.mark.parametrize("key", [HOST, "https://us.icr.io/v1/"])
    def test_login_for_the_same_registry_shadows_ours(
        self, podman: Place, runtime: Path, key: str
    ) -> None:
        write(podman.path, {"auths": {HOST: {"auth": AUTH}}})
        write(runtime, {"auths": {key: {"auth": OTHER_AUTH}}})
        other = Login("other", "0ther", is_tidy=key == HOST)
        expected = Stored("file", LOGIN, True, str(runtime), None, other)
        assert look(podman, [HOST]).stored[HOST] == expected

    def test_login_there_alone_is_found(self, podman: Place, runtime: Path) -> None:
        write(runtime, {"auths": {HOST: {"auth": AUTH}}})
        expected = Stored("file", None, True, str(runtime), None, LOGIN)
        assert look(podman, [HOST]).stored == {HOST: expected}

    def test_entry_without_a_login_is_found_and_shadows_nothing(
        self, podman: Place, runtime: Path
    ) -> None:
        write(runtime, {"auths": {HOST: {}}})
        expected = Stored("file", None, True, None, None)
        assert look(podman, [HOST]).stored == {HOST: expected}

    def test_entry_for_another_registry_shadows_nothing(
        self, podman: Place, runtime: Path
    ) -> None:
        write(runtime, {"auths": {"icr.io": {"auth": AUTH}}})
        assert look(podman, [HOST]).stored == {HOST: NOTHING}

    @pytest.mark.parametrize(
        "content",
        [
            "{",
            '{"auths": 1}',
            '{"credHelpers": 1}',
            '{"auths": {"us.icr.io": 1}}',
            '{"credHelpers": {"us.icr.io": 1}}',
        ],
    )
    def test_file_that_tells_nothing_is_said_to_and_does_not_stop_us(
        self, podman: Place, runtime: Path, content: str
    ) -> None:
        runtime.parent.mkdir(parents=True)
        runtime.write_text(content)
        seen = look(podman, [HOST])
        assert seen.stored[HOST] == NOTHING
        (reason,) = seen.unreadable
        assert reason.startswith(str(runtime))


class TestLookAtLoginsForParts:
    """A login for a namespace or a repository, which Podman and its kin prefer there."""

    PART = f"{HOST}/namespace"

    @pytest.fixture
    def document(self) -> dict[str, Any]:
        return {"auths": {HOST: {"auth": AUTH}, self.PART: {"auth": OTHER_AUTH}}}

    def test_beside_ours_they_win(
        self, podman: Place, document: dict[str, Any]
    ) -> None:
        write(podman.path, document)
        parts = ((podman.path, self.PART),)
        expected = Stored("file", LOGIN, True, podman.path, None, None, parts)
        assert look(podman, [HOST]).stored[HOST] == expected

    def test_in_the_runtime_file_they_win(self, podman: Place, runtime: Path) -> None:
        write(podman.path, {"auths": {HOST: {"auth": AUTH}}})
        write(runtime, {"auths": {self.PART: {"auth": OTHER_AUTH}}})
        parts = ((str(runtime), self.PART),)
        expected = Stored("file", LOGIN, True, str(runtime), None, None, parts)
        assert look(podman, [HOST]).stored[HOST] == expected

    def test_alone_they_are_no_login_for_the_registry(
        self, podman: Place, document: dict[str, Any]
    ) -> None:
        del document["auths"][HOST]
        write(podman.path, document)
        stored = look(podman, [HOST]).stored[HOST]
        assert (stored.login, stored.is_found) == (None, False)
        assert stored.parts == ((podman.path, self.PART),)

    def test_login_for_all_of_the_registry_is_named_before_one_for_a_part(
        self, podman: Place, runtime: Path, document: dict[str, Any]
    ) -> None:
        write(podman.path, document)
        write(runtime, {"auths": {HOST: {"auth": OTHER_AUTH}}})
        stored = look(podman, [HOST]).stored[HOST]
        assert stored.shadowed_by == str(runtime)
        assert stored.parts == ((podman.path, self.PART),)

    def test_docker_passes_them_over(
        self, place: Place, document: dict[str, Any]
    ) -> None:
        write(place.path, document)
        expected = Stored("file", LOGIN, True, None, None)
        assert look(place, [HOST]).stored[HOST] == expected

    def test_helper_of_the_registry_is_asked_for_them_as_well(
        self, podman: Place, document: dict[str, Any], helper: FakeCredentialHelper
    ) -> None:
        write(podman.path, {**document, "credHelpers": {HOST: "fake"}})
        assert look(podman, [HOST]).stored[HOST].parts == ()


class TestLookAsSomebodyElse:
    """In a real child process that need not become anybody."""

    @pytest.fixture
    def others(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
        monkeypatch.setattr(_user_process, "_become", lambda user: None)
        home = tmp_path / "home"
        home.mkdir()
        builder = User("builder", 7002, 7002, str(home), {}, False)
        return Place(builder, "docker", str(home / "config.json"))

    def test_what_is_found_comes_back(self, others: Place) -> None:
        write(others.path, {"auths": {HOST: {"auth": AUTH}}}, 0o644)
        expected = Stored("file", LOGIN, True, None, None)
        assert look(others, [HOST]) == Seen(0o644, {HOST: expected})

    def test_what_wins_over_it_comes_back(self, others: Place, runtime: Path) -> None:
        part = f"{HOST}/namespace"
        auths = {HOST: {"auth": OTHER_AUTH}, part: {"auth": OTHER_AUTH}}
        write(runtime, {"auths": auths})
        theirs = others._replace(client="podman", runtime_paths=(str(runtime),))
        shadow, parts = Login("other", "0ther"), ((str(runtime), part),)
        expected = Stored("file", None, True, str(runtime), None, shadow, parts)
        assert look(theirs, [HOST]).stored == {HOST: expected}

    def test_error_comes_back(self, others: Place) -> None:
        Path(others.path).write_text("{")
        with pytest.raises(AuthFileError, match="is not valid JSON"):
            look(others, [HOST])

    @pytest.mark.parametrize("target", ["inside.json", "../outside.json"])
    def test_link_is_followed_inside_the_home_only(
        self, others: Place, target: str
    ) -> None:
        path = Path(others.path)
        path.symlink_to(target)
        write(path.parent / target, {"auths": {HOST: {"auth": AUTH}}})
        if target == "inside.json":
            assert look(others, [HOST]).stored[HOST].login == LOGIN
        else:
            with pytest.raises(AuthFileError, match="outside"):
                look(others, [HOST])

    def test_own_link_may_lead_anywhere(self, others: Place) -> None:
        path = Path(others.path)
        path.symlink_to("../outside.json")
        write(path.parent / "../outside.json", {"auths": {HOST: {"auth": AUTH}}})
        ours = others._replace(user=others.user._replace(is_self=True))
        assert look(ours, [HOST]).stored[HOST].login == LOGIN
