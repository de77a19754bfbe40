# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Root manages the logins of other Unix users, and only with their rights."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import MakeUser
from .distribution import Registry
from .image import content, make_image
from .local_cloud import Key
from .login_role import LoginRole
from .skopeo import UNKNOWN, Skopeo
from .unix_users import Standing, UnixUser, credential_helper

# It keeps one login, and notes as whom and with what it is run.
HELPER = r"""#!/bin/sh
umask 077
id -u >>"$HOME/helper-uids"
env | cut -d= -f1 >>"$HOME/helper-environment"
kept="$HOME/helper-kept"
case "$1" in
store) cat >"$kept" ;;
erase) rm -f "$kept" ;;
list) echo '{}' ;;
get)
    read -r host || :
    if grep -q "\"$host\"" "$kept" 2>/dev/null; then
        cat "$kept"
    else
        echo "credentials not found in native keychain"
        exit 1
    fi
    ;;
esac
"""
# Of these, the shell that runs the helper adds the second line by itself.
CLEAN = {"HOME", "USER", "LOGNAME", "PATH", "LANG", "XDG_RUNTIME_DIR"} | {
    *("PWD", "OLDPWD", "SHLVL", "_")
}


def file_of(user: UnixUser, client: str) -> Path:
    return user.docker_file if client == "docker" else user.podman_file


@pytest.fixture
def builder(make_user: MakeUser) -> UnixUser:
    return make_user()


@pytest.fixture
def tester(make_user: MakeUser) -> UnixUser:
    return make_user()


@pytest.fixture
def helper() -> Iterator[str]:
    with credential_helper(HELPER) as name:
        yield name


class TestFiles:
    @pytest.mark.parametrize("client", ["docker", "podman"])
    def test_each_user_has_a_login_that_works_until_the_log_out(
        self,
        role: LoginRole,
        client: str,
        distribution: Registry,
        writer: Key,
        app: str,
        builder: UnixUser,
        tester: UnixUser,
    ) -> None:
        users = (builder, tester)
        logins = {
            "registries": [distribution.host],
            "client": client,
            "users": [user.name for user in users],
        }
        role.run(**logins, api_key=writer.value).expect(changed=1)
        role.run(**logins, api_key=writer.value).expect(changed=0)
        for user in users:
            path = file_of(user, client)
            assert Standing.of(path) == Standing(user.uid, user.gid, "0600")
            folder = path.parent
            while folder != user.home:
                assert Standing.of(folder) == Standing(user.uid, user.gid, "0700")
                folder = folder.parent
            # No auth file is named: the client has to find it by itself.
            skopeo = Skopeo(user.home, user=user.name)
            image, back = user.home / "image", user.home / "back"
            make_image(image)
            skopeo.push(image, f"{app}-{user.name}").expect_success()
            skopeo.pull(f"{app}-{user.name}", back).expect_success()
            assert content(back) == content(image)

        role.run(**logins, state="absent").expect(changed=1)
        for user in users:
            skopeo = Skopeo(user.home, user=user.name)
            skopeo.push(user.home / "image", app).expect_refusal(UNKNOWN)

    def test_what_stands_beside_the_file_stays_as_it_is(
        self,
        role: LoginRole,
        distribution: Registry,
        writer: Key,
        builder: UnixUser,
    ) -> None:
        old = '{"auths": {}, "detachKeys": "ctrl-x"}'
        builder.put(builder.docker_file, old, mode=0o640)
        other = builder.docker_file.parent / "contexts.json"
        other.write_text("of root")
        other.chmod(0o604)
        copy = builder.home / "hard-link.json"
        os.link(builder.docker_file, copy)
        beside = (other, copy, builder.docker_file.parent, builder.home)
        before = [Standing.of(path) for path in beside]

        role.run(
            registries=[distribution.host], api_key=writer.value, users=[builder.name]
        ).expect(changed=1)
        assert [Standing.of(path) for path in beside] == before
        assert (other.read_text(), copy.read_text()) == ("of root", old)
        stored = json.loads(builder.docker_file.read_text())
        assert (list(stored["auths"]), stored["detachKeys"]) == (
            [distribution.host],
            "ctrl-x",
        )
        mine = Standing(builder.uid, builder.gid, "0600")
        assert Standing.of(builder.docker_file) == mine


class TestLinks:
    def test_a_link_out_of_the_home_is_refused_and_nobody_is_changed(
        self,
        role: LoginRole,
        distribution: Registry,
        writer: Key,
        builder: UnixUser,
        tester: UnixUser,
    ) -> None:
        # The user could write there: it is the way that is not trusted, not the right.
        outside = tester.home / "for-everybody"
        outside.mkdir()
        outside.chmod(0o777)
        builder.docker_file.parent.symlink_to(outside)
        role.run(
            registries=[distribution.host],
            api_key=writer.value,
            users=[tester.name, builder.name],
        ).expect_failure(str(builder.docker_file), f"outside {builder.home}")
        assert list(outside.iterdir()) == []
        assert not tester.docker_file.exists()

    def test_a_link_inside_the_home_is_followed_and_stays(
        self,
        role: LoginRole,
        distribution: Registry,
        writer: Key,
        builder: UnixUser,
    ) -> None:
        kept = builder.home / "dotfiles" / "docker.json"
        builder.put(kept, "{}")
        builder.docker_file.parent.mkdir(mode=0o700)
        os.chown(builder.docker_file.parent, builder.uid, builder.gid)
        builder.docker_file.symlink_to(kept)
        role.run(
            registries=[distribution.host], api_key=writer.value, users=[builder.name]
        ).expect(changed=1)
        assert builder.docker_file.readlink() == kept
        assert distribution.host in json.loads(kept.read_text())["auths"]
        assert Standing.of(kept) == Standing(builder.uid, builder.gid, "0600")


class TestUnusableFiles:
    @pytest.mark.parametrize(
        ("text", "of_root", "reason"),
        [
            pytest.param("not JSON\n", False, "not valid JSON", id="not-json"),
            pytest.param("[]\n", False, "object", id="not-an-object"),
            pytest.param('{"auths": {}}\n', True, "Permission denied", id="unreadable"),
        ],
    )
    def test_it_is_an_error_and_nobody_is_changed(
        self,
        role: LoginRole,
        distribution: Registry,
        writer: Key,
        builder: UnixUser,
        tester: UnixUser,
        text: str,
        of_root: bool,
        reason: str,
    ) -> None:
        builder.put(builder.docker_file, text)
        if of_root:
            os.chown(builder.docker_file, 0, 0)
        before = Standing.of(builder.docker_file)
        role.run(
            registries=[distribution.host],
            api_key=writer.value,
            users=[tester.name, builder.name],
        ).expect_failure(str(builder.docker_file), reason)
        assert builder.docker_file.read_text() == text
        assert Standing.of(builder.docker_file) == before
        assert not tester.docker_file.exists()

    def test_a_file_of_root_in_the_users_folder_is_not_replaced(
        self,
        role: LoginRole,
        distribution: Registry,
        writer: Key,
        builder: UnixUser,
    ) -> None:
        # A user who may rename in the folder could put a link to root's file there.
        builder.put(builder.docker_file, "{}", mode=0o644)
        os.chown(builder.docker_file, 0, 0)
        role.run(
            registries=[distribution.host], api_key=writer.value, users=[builder.name]
        ).expect_failure(str(builder.docker_file), "belongs to the user with id 0")
        assert builder.docker_file.read_text() == "{}"
        assert Standing.of(builder.docker_file) == Standing(0, 0, "0644")


class TestCredentialHelper:
    def test_it_runs_as_the_user_with_a_clean_environment(
        self,
        role: LoginRole,
        distribution: Registry,
        writer: Key,
        app: str,
        builder: UnixUser,
        helper: str,
    ) -> None:
        settings = {"credHelpers": {distribution.host: helper}}
        builder.put(builder.docker_file, json.dumps(settings))
        login = {"registries": [distribution.host], "users": [builder.name]}
        role.run(**login, api_key=writer.value).expect(changed=1)
        role.run(**login, api_key=writer.value).expect(changed=0)

        uids = (builder.home / "helper-uids").read_text().split()
        assert set(uids) == {str(builder.uid)}
        names = (builder.home / "helper-environment").read_text().split()
        assert "HOME" in names
        assert set(names) <= CLEAN
        kept = json.loads((builder.home / "helper-kept").read_text())
        assert (kept["Username"], kept["Secret"]) == ("iamapikey", writer.value)
        in_file = builder.docker_file.read_text()
        assert writer.value not in in_file
        assert base64.b64encode(f"iamapikey:{writer.value}".encode()).decode() not in (
            in_file
        )

        skopeo = Skopeo(builder.home, user=builder.name)
        make_image(builder.home / "image")
        skopeo.push(builder.home / "image", app).expect_success()
        role.run(**login, state="absent").expect(changed=1)
        assert not (builder.home / "helper-kept").exists()
        skopeo.push(builder.home / "image", app).expect_refusal(UNKNOWN)
