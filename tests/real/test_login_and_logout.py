# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What a build host does with the login: push and pull, and nothing after the log-out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .distribution import Registry
from .image import content, manifest_digest
from .local_cloud import Key, Sandbox
from .login_role import LoginRole
from .skopeo import DENIED, UNKNOWN, Skopeo

OTHERS = {
    "auths": {"other.example.com": {"auth": "b3RoZXI6c2VjcmV0"}},
    "proxies": {"default": {"httpProxy": "http://proxy.example.com"}},
}


@pytest.fixture
def file_of_others(auth_file: Path) -> Path:
    """An auth file that has been in use before."""
    auth_file.parent.mkdir(mode=0o700)
    auth_file.touch(mode=0o600)
    auth_file.write_text(json.dumps(OTHERS))
    return auth_file


class TestLogin:
    def test_before_the_login_a_push_is_refused(
        self, skopeo: Skopeo, app: str, image: Path
    ) -> None:
        skopeo.push(image, app).expect_refusal(UNKNOWN)

    def test_after_the_login_an_image_goes_there_and_back(
        self,
        role: LoginRole,
        skopeo: Skopeo,
        distribution: Registry,
        writer: Key,
        app: str,
        image: Path,
        tmp_path: Path,
    ) -> None:
        role.run(registries=[distribution.host], api_key=writer.value).expect(changed=1)
        back = tmp_path / "back"
        skopeo.push(image, app).expect_success()
        skopeo.pull(app, back).expect_success()
        assert manifest_digest(back) == manifest_digest(image)
        assert content(back) == content(image)

    def test_a_second_run_changes_nothing(
        self, role: LoginRole, distribution: Registry, writer: Key, auth_file: Path
    ) -> None:
        role.run(registries=[distribution.host], api_key=writer.value).expect(changed=1)
        before = auth_file.read_bytes(), auth_file.stat()
        role.run(registries=[distribution.host], api_key=writer.value).expect(changed=0)
        after = auth_file.stat()
        assert auth_file.read_bytes() == before[0]
        assert (after.st_ino, after.st_mtime_ns) == (
            before[1].st_ino,
            before[1].st_mtime_ns,
        )

    def test_another_namespace_stays_closed(
        self,
        role: LoginRole,
        skopeo: Skopeo,
        cloud: Sandbox,
        distribution: Registry,
        writer: Key,
        image: Path,
    ) -> None:
        foreign = f"{cloud.add_namespace()}/app"
        role.run(registries=[distribution.host], api_key=writer.value).expect(changed=1)
        skopeo.push(image, f"{distribution.host}/{foreign}").expect_refusal(DENIED)


class TestReadOnly:
    def test_a_pull_works_and_a_push_is_refused(
        self,
        role: LoginRole,
        skopeo: Skopeo,
        distribution: Registry,
        namespace: str,
        reader: Key,
        app: str,
        published: Path,
        tmp_path: Path,
    ) -> None:
        role.run(
            registries=[distribution.host],
            api_key=reader.value,
            pull=[f"{namespace}/app"],
        ).expect(changed=1)
        skopeo.pull(app, tmp_path / "back").expect_success()
        assert content(tmp_path / "back") == content(published)
        skopeo.push(published, f"{app}-copy").expect_refusal(DENIED)

    def test_the_role_says_beforehand_that_a_push_would_be_refused(
        self,
        role: LoginRole,
        distribution: Registry,
        namespace: str,
        reader: Key,
        file_of_others: Path,
    ) -> None:
        before = file_of_others.read_bytes()
        role.run(
            registries=[distribution.host],
            api_key=reader.value,
            push=[f"{namespace}/app"],
        ).expect_failure(f"not permitted to push {namespace}/app")
        assert file_of_others.read_bytes() == before


class TestLogout:
    def test_after_it_everything_is_refused_and_other_logins_stay(
        self,
        role: LoginRole,
        skopeo: Skopeo,
        distribution: Registry,
        writer: Key,
        app: str,
        published: Path,
        file_of_others: Path,
        tmp_path: Path,
    ) -> None:
        role.run(registries=[distribution.host], api_key=writer.value).expect(changed=1)
        skopeo.pull(app, tmp_path / "before").expect_success()

        role.run(registries=[distribution.host], state="absent").expect(changed=1)
        assert json.loads(file_of_others.read_bytes()) == OTHERS
        skopeo.pull(app, tmp_path / "after").expect_refusal(UNKNOWN)
        skopeo.push(published, app).expect_refusal(UNKNOWN)
        role.run(registries=[distribution.host], state="absent").expect(changed=0)


class TestDeletedKey:
    def test_the_run_fails_with_the_reason_and_the_file_stays(
        self,
        role: LoginRole,
        skopeo: Skopeo,
        cloud: Sandbox,
        distribution: Registry,
        writer: Key,
        app: str,
        published: Path,
        file_of_others: Path,
        tmp_path: Path,
    ) -> None:
        role.run(registries=[distribution.host], api_key=writer.value).expect(changed=1)
        before = file_of_others.read_bytes()
        cloud.delete_key(writer)

        role.run(registries=[distribution.host], api_key=writer.value).expect_failure(
            f"{distribution.host} refuses the credentials of iamapikey", "deleted"
        )
        assert file_of_others.read_bytes() == before
        skopeo.pull(app, tmp_path / "back").expect_refusal(UNKNOWN)
