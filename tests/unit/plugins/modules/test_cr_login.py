# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""cr_login from its options to its result and the files of a host."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._verdict import Verdict
from ansible_collections.icr.access.tests.unit.plugins.modules.login_files import (
    ABSENT,
    DE,
    KEY,
    NEW,
    OLD,
    STALE,
    US,
    Login,
    auths_of,
    element,
    entry,
    mode_of,
    write,
)
from ansible_collections.icr.access.tests.unit.plugins.modules.stand_in_registries import (
    Registries,
)


def files_under(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class TestLogIn:
    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    def test_first_login_on_a_bare_host(
        self, login: Login, registries: Registries, config: Path, check_mode: bool
    ) -> None:
        result = login(region=["us-south"], api_key=NEW, check_mode=check_mode)
        assert result == {"changed": True, "registries": [element(config)]}
        assert registries.hosts == [US]
        if check_mode:
            assert not config.parent.exists()
        else:
            assert auths_of(config) == {US: entry()}
            assert (mode_of(config), mode_of(config.parent)) == (0o600, 0o700)

    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    def test_repeat_is_unchanged_and_verified(
        self, login: Login, registries: Registries, config: Path, check_mode: bool
    ) -> None:
        login(region=["us-south"], api_key=NEW)
        before = config.stat()
        result = login(region=["us-south"], api_key=NEW, check_mode=check_mode)
        assert result == {"changed": False, "registries": [element(config)]}
        assert config.stat() == before
        assert registries.hosts == [US, US]

    def test_regions_and_registries_in_one_run(
        self, login: Login, registries: Registries, config: Path
    ) -> None:
        result = login(
            region=["eu-central", "us-east"],
            registry=["https://us.icr.io", "cp.icr.io"],
            api_key=NEW,
        )
        assert [each["registry"] for each in result["registries"]] == [
            DE,
            US,
            "cp.icr.io",
        ]
        assert list(auths_of(config)) == [DE, US, "cp.icr.io"]

    def test_all_regions_are_the_documented_ones(
        self, login: Login, registries: Registries, config: Path
    ) -> None:
        result = login(region="all", api_key=NEW)
        assert len(result["registries"]) == 13
        assert "fr2.icr.io" not in auths_of(config)

    @pytest.mark.parametrize(
        ("options", "username", "secret"),
        [
            ({"api_key": NEW}, "iamapikey", NEW),
            ({"iam_token": NEW}, "iambearer", NEW),
            ({"refresh_token": NEW}, "iamrefresh", NEW),
            ({"registry_token": NEW}, "token", NEW),
            ({"username": "cp", "password": NEW}, "cp", NEW),
        ],
        ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
    )
    def test_every_credential_has_its_user_name(
        self,
        login: Login,
        registries: Registries,
        config: Path,
        options: dict[str, str],
        username: str,
        secret: str,
    ) -> None:
        result = login(region=["us-south"], **options)
        assert result["registries"] == [element(config, username=username)]
        assert auths_of(config) == {US: entry(secret, username)}

    def test_other_key_replaces_the_old_one(
        self, login: Login, registries: Registries, config: Path
    ) -> None:
        write(config, {"auths": {US: entry(OLD), "x": {}}, "z": 1})
        assert login(region=["us-south"], api_key=NEW)["changed"]
        assert auths_of(config) == {US: entry(), "x": {}}

    def test_stale_token_beside_the_right_key_is_a_change(
        self, login: Login, registries: Registries, config: Path
    ) -> None:
        write(config, {"auths": {US: {**entry(), "identitytoken": STALE}}})
        assert login(region=["us-south"], api_key=NEW)["changed"]
        assert auths_of(config) == {US: entry()}

    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    def test_open_file_is_reported_and_mended(
        self, login: Login, registries: Registries, config: Path, check_mode: bool
    ) -> None:
        write(config, {"auths": {US: entry()}}, 0o644)
        assert login(region="us-south", api_key=NEW, check_mode=check_mode)["changed"]
        assert mode_of(config) == (0o644 if check_mode else 0o600)
        assert login(region="us-south", api_key=NEW)["changed"] is check_mode

    def test_link_stays_a_link(
        self, login: Login, registries: Registries, config: Path, home: Path
    ) -> None:
        write(home / "dotfiles" / "docker.json", {"auths": {}})
        config.parent.mkdir()
        config.symlink_to("../dotfiles/docker.json")
        assert login(region="us-south", api_key=NEW)["changed"]
        assert config.is_symlink()
        assert auths_of(home / "dotfiles" / "docker.json") == {US: entry()}

    def test_path_that_was_given_is_used(
        self, login: Login, registries: Registries, home: Path, config: Path
    ) -> None:
        path = home / "elsewhere" / "auth.json"
        result = login(region="us-south", api_key=NEW, config_path=str(path))
        assert result["registries"] == [element(path)]
        assert auths_of(path) == {US: entry()}
        assert not config.exists()

    def test_folder_of_the_environment_is_used(
        self,
        login: Login,
        registries: Registries,
        home: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("DOCKER_CONFIG", str(home / "d"))
        login(region="us-south", api_key=NEW)
        assert auths_of(home / "d" / "config.json") == {US: entry()}

    @pytest.mark.parametrize(
        "name", ["IC_API_KEY", "IBMCLOUD_API_KEY", "IC_IAM_TOKEN", "IBMCLOUD_IAM_TOKEN"]
    )
    def test_credential_is_never_taken_from_the_environment(
        self,
        login: Login,
        registries: Registries,
        config: Path,
        monkeypatch: pytest.MonkeyPatch,
        name: str,
    ) -> None:
        monkeypatch.setenv(name, NEW)
        assert login(region="us-south")["failed"]
        assert not config.exists()


class TestHosts:
    @pytest.mark.parametrize(
        ("options", "urls"),
        [
            ({"region": "us-south"}, ["https://us.icr.io"]),
            (
                {"region": "us-south", "visibility": "private"},
                ["https://private.us.icr.io"],
            ),
            (
                {"registry": "localhost:1"},
                ["https://localhost:1", "http://localhost:1"],
            ),
            ({"registry": "http://localhost:1"}, ["http://localhost:1"]),
            (
                {
                    "region": "us-south",
                    "visibility": "private",
                    "endpoints": {"registry": {"us-south": "http://127.0.0.1:1"}},
                },
                ["http://127.0.0.1:1"],
            ),
        ],
        ids=["region", "private", "loopback", "plain-loopback", "endpoints"],
    )
    def test_where_it_asks_and_what_it_writes(
        self,
        login: Login,
        registries: Registries,
        config: Path,
        options: dict[str, Any],
        urls: list[str],
    ) -> None:
        result = login(api_key=NEW, **options)
        host = urls[0].split("://")[1]
        assert [list(job.urls) for job in registries.asked] == [urls]
        assert result["registries"][0]["registry"] == host
        assert list(auths_of(config)) == [host]


class TestVerify:
    @pytest.mark.parametrize(
        ("verify", "first", "repeat"),
        [("always", 1, 1), ("on_change", 1, 0), ("never", 0, 0)],
    )
    def test_when_registries_are_asked(
        self,
        login: Login,
        registries: Registries,
        config: Path,
        verify: str,
        first: int,
        repeat: int,
    ) -> None:
        for asked in (first, repeat):
            registries.asked.clear()
            result = login(region="us-south", api_key=NEW, verify=verify)
            assert len(registries.asked) == asked
            (found,) = result["registries"]
            assert found["verified"] is (True if asked else None)
            assert (found["reason"] is None) == bool(asked)

    def test_registry_that_asks_nobody_proves_nothing_and_does_not_object(
        self, login: Login, registries: Registries, config: Path
    ) -> None:
        registries.said[US] = Verdict(None, "It answers without credentials.")
        result = login(region="us-south", api_key=NEW)
        assert result["changed"]
        (found,) = result["registries"]
        assert found["verified"] is None
        assert found["reason"] == "It answers without credentials."

    def test_same_login_of_two_users_is_one_question(
        self, login: Login, registries: Registries, users: dict[str, Path]
    ) -> None:
        login(region="us-south", api_key=NEW, users=["alice", "bob"])
        assert len(set(registries.asked)) == 1

    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    def test_push_is_not_tried_in_check_mode(
        self, login: Login, registries: Registries, config: Path, check_mode: bool
    ) -> None:
        options = {"pull": ["ns/a"], "push": ["us.icr.io/ns/b"]}
        result = login(region="us-south", **KEY, **options, check_mode=check_mode)
        (found,) = result["registries"]
        pushed = None if check_mode else True
        assert found["permissions"] == {
            "pull": {"ns/a": True},
            "push": {"ns/b": pushed},
        }
        assert [job.try_push for job in registries.asked] == [not check_mode]


class TestLogOut:
    @pytest.mark.parametrize("document", [None, {}, {"auths": {DE: entry()}}])
    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    def test_missing_login_is_unchanged(
        self,
        login: Login,
        registries: Registries,
        config: Path,
        document: dict[str, Any] | None,
        check_mode: bool,
    ) -> None:
        if document is not None:
            write(config, document, 0o644)
        before = files_under(config.parent.parent)
        result = login(region="us-south", state="absent", check_mode=check_mode)
        assert result == {"changed": False, "registries": [element(config, **ABSENT)]}
        assert files_under(config.parent.parent) == before

    @pytest.mark.parametrize("state", ["present", "absent"])
    def test_draft_of_a_killed_run_goes_as_predicted(
        self, login: Login, registries: Registries, home: Path, state: str
    ) -> None:
        options: dict[str, Any] = {"region": "us-south", "state": state}
        if state == "present":
            options.update(KEY)
            login(**options)
        draft = home / ".docker/.config.json.icr-0a1b2c"
        draft.parent.mkdir(exist_ok=True)
        draft.write_text("s3cret")
        assert login(**options, check_mode=True)["changed"]
        assert draft.exists()
        assert login(**options)["changed"]
        assert not draft.exists()
        assert not login(**options)["changed"]

    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    def test_every_spelling_goes_without_credential_or_network(
        self, login: Login, registries: Registries, config: Path, check_mode: bool
    ) -> None:
        kept = {DE: entry(), "us.icr.io/ns": entry()}
        auths = {US: entry(OLD), "https://us.icr.io": {}, **kept, "us.icr.io/v1/": {}}
        raw = write(config, {"auths": auths, "x": 1})
        result = login(region="us-south", state="absent", check_mode=check_mode)
        assert result == {"changed": True, "registries": [element(config, **ABSENT)]}
        assert registries.asked == []
        if check_mode:
            assert config.read_bytes() == raw
        else:
            assert json.loads(config.read_bytes()) == {"auths": kept, "x": 1}
            assert not login(region="us-south", state="absent")["changed"]

    @pytest.mark.parametrize(
        "host", ["registry.ng.bluemix.net", "registry.x.bluemix.net"]
    )
    def test_legacy_host_goes_and_its_successor_stays(
        self, login: Login, registries: Registries, config: Path, host: str
    ) -> None:
        write(config, {"auths": {f"https://{host}": entry(OLD), US: entry()}})
        assert login(registry=host, state="absent")["changed"]
        assert auths_of(config) == {US: entry()}

    def test_users_are_logged_out_together(
        self, login: Login, registries: Registries, users: dict[str, Path]
    ) -> None:
        for folder in users.values():
            write(folder / ".docker/config.json", {"auths": {US: entry()}})
        options = {"region": "all", "state": "absent", "users": ["alice", "bob"]}
        assert login(**options)["changed"]
        for folder in users.values():
            assert auths_of(folder / ".docker/config.json") == {}


class TestUsers:
    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    def test_each_has_a_file_and_a_result(
        self,
        login: Login,
        registries: Registries,
        users: dict[str, Path],
        check_mode: bool,
    ) -> None:
        alice, bob = (users[name] / ".docker/config.json" for name in ("alice", "bob"))
        write(bob, {"auths": {US: entry()}})
        options: dict[str, Any] = {
            "region": "us-south",
            **KEY,
            "users": ["alice", "bob"],
        }
        result = login(**options, check_mode=check_mode)
        assert result == {
            "changed": True,
            "registries": [element(alice, user="alice"), element(bob, user="bob")],
        }
        assert alice.exists() is not check_mode
        assert login(**options)["changed"] is check_mode

    def test_link_out_of_the_home_is_refused_and_its_target_left(
        self, login: Login, registries: Registries, users: dict[str, Path], home: Path
    ) -> None:
        raw = write(home / "mine.json", {"auths": {}})
        (users["alice"] / ".docker").mkdir()
        (users["alice"] / ".docker/config.json").symlink_to(home / "mine.json")
        result = login(region="us-south", api_key=NEW, users=["alice"])
        assert result["failed"]
        assert "outside" in result["msg"]
        assert (home / "mine.json").read_bytes() == raw


class TestDiff:
    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    def test_fingerprints_stand_for_secrets(
        self, login: Login, registries: Registries, config: Path, check_mode: bool
    ) -> None:
        auths = {US: {**entry(OLD), "identitytoken": STALE}}
        write(config, {"auths": auths}, 0o644)
        options: dict[str, Any] = {"region": "us-south", **KEY, "diff": True}
        (diff,) = login(**options, check_mode=check_mode)["diff"]
        before, after = json.loads(diff["before"]), json.loads(diff["after"])
        assert diff["after_header"] == str(config)
        assert (before["mode"], after["mode"]) == ("0644", "0600")
        assert before[US]["secret"] != after[US]["secret"]

    def test_unchanged_has_an_empty_difference(
        self, login: Login, registries: Registries, config: Path
    ) -> None:
        login(region="us-south", api_key=NEW)
        (diff,) = login(region="us-south", api_key=NEW, diff=True)["diff"]
        assert diff["before"] == diff["after"]

    def test_there_is_none_unless_it_is_asked_for(
        self, login: Login, registries: Registries, config: Path
    ) -> None:
        assert "diff" not in login(region="us-south", api_key=NEW)
