# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The files of both families of clients, and living together with a login by hand."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from .distribution import Registry
from .local_cloud import Key, Sandbox
from .login_role import LoginRole
from .skopeo import DENIED, UNKNOWN, Skopeo

FILES = {
    "docker": Path(".docker", "config.json"),
    "podman": Path(".config", "containers", "auth.json"),
}


@pytest.fixture(params=sorted(FILES))
def client(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def auth_file(home: Path, client: str) -> Path:
    return home / FILES[client]


class TestClientFile:
    def test_the_client_names_and_uses_the_login(
        self,
        role: LoginRole,
        skopeo: Skopeo,
        client: str,
        distribution: Registry,
        writer: Key,
        app: str,
        image: Path,
        auth_file: Path,
    ) -> None:
        role.run(
            registries=[distribution.host], api_key=writer.value, client=client
        ).expect(changed=1)
        assert stat.S_IMODE(auth_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(auth_file.parent.stat().st_mode) == 0o700
        assert skopeo.stored_user_name(distribution.host).said == "iamapikey"
        skopeo.push(image, app).expect_success()

    def test_a_login_by_hand_elsewhere_and_ours_leave_each_other_alone(
        self,
        role: LoginRole,
        skopeo: Skopeo,
        client: str,
        cloud: Sandbox,
        distribution: Registry,
        writer: Key,
        app: str,
        image: Path,
    ) -> None:
        elsewhere = cloud.host("eu-de")
        ours = {"registries": [distribution.host], "client": client}
        role.run(**ours, api_key=writer.value).expect(changed=1)
        skopeo.log_in(elsewhere, "iamapikey", writer.value).expect_success()

        role.run(**ours, api_key=writer.value).expect(changed=0)
        for host in (elsewhere, distribution.host):
            assert skopeo.stored_user_name(host).said == "iamapikey"
        skopeo.push(image, app).expect_success()

        role.run(**ours, state="absent").expect(changed=1)
        assert skopeo.stored_user_name(elsewhere).said == "iamapikey"
        skopeo.push(image, app).expect_refusal(UNKNOWN)

    def test_what_a_login_by_hand_replaced_is_put_right(
        self,
        role: LoginRole,
        skopeo: Skopeo,
        client: str,
        distribution: Registry,
        writer: Key,
        reader: Key,
        app: str,
        image: Path,
    ) -> None:
        host = distribution.host
        login = {"registries": [host], "api_key": writer.value, "client": client}
        role.run(**login).expect(changed=1)
        skopeo.log_in(host, "iamapikey", reader.value).expect_success()
        role.run(**login).expect(changed=1)
        skopeo.push(image, app).expect_success()


class TestRuntimeFile:
    def test_a_login_of_the_session_that_wins_is_reported_and_removed(
        self,
        collections: Path,
        home: Path,
        distribution: Registry,
        writer: Key,
        reader: Key,
        app: str,
        image: Path,
        tmp_path: Path,
    ) -> None:
        runtime = tmp_path / "run"
        runtime.mkdir(mode=0o700)
        role = LoginRole(collections, home, runtime)
        skopeo = Skopeo(home, runtime_folder=runtime)
        host = distribution.host
        login = {"registries": [host], "api_key": writer.value, "client": "podman"}
        skopeo.log_in(host, "iamapikey", reader.value).expect_success()
        assert (runtime / "containers" / "auth.json").exists()

        run = role.run(**login)
        run.expect(changed=1)
        run.expect_warning(str(runtime / "containers" / "auth.json"), host)
        # The warning is true: the client takes the other login, which may not push.
        skopeo.push(image, app).expect_refusal(DENIED)

        role.run(registries=[host], client="podman", state="absent").expect(changed=1)
        skopeo.push(image, app).expect_refusal(UNKNOWN)
        role.run(**login).expect(changed=1)
        skopeo.push(image, app).expect_success()
