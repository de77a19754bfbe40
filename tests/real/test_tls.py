# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A registry behind HTTPS, with a certificate authority that hosts do not know by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .distribution import Registry, registry
from .local_cloud import Sandbox, sandbox
from .login_role import LoginRole
from .skopeo import Skopeo


@pytest.fixture(scope="module")
def tls_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sandbox keeps its certificates."""
    return tmp_path_factory.mktemp("tls-sandbox")


@pytest.fixture(scope="module")
def cloud(collections: Path, tls_folder: Path) -> Iterator[Sandbox]:
    with sandbox(collections, tls_folder, tls=True) as started:
        yield started


@pytest.fixture(scope="module")
def distribution(
    cloud: Sandbox, tls_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("tls-registry")
    with registry(cloud, folder, tls_folder=tls_folder / "tls") as started:
        yield started


@pytest.fixture
def ca_path(cloud: Sandbox) -> Path:
    return Path(cloud.document["ca_path"])


@pytest.fixture
def skopeo(home: Path, auth_file: Path, ca_path: Path, tmp_path: Path) -> Skopeo:
    """The client, told to trust the authority."""
    folder = tmp_path / "trusted"
    folder.mkdir()
    (folder / "ca.crt").write_bytes(ca_path.read_bytes())
    return Skopeo(home, auth_file, ca_folder=folder)


class TestTls:
    def test_an_unknown_authority_is_an_error_that_names_ca_path(
        self, role: LoginRole, distribution: Registry, auth_file: Path
    ) -> None:
        # Were the key sent all the same, it would be refused: nobody knows it.
        role.run(
            registries=[distribution.host], api_key="never-to-be-sent"
        ).expect_failure(distribution.host, "certificate", "ca_path")
        assert not auth_file.exists()

    def test_with_ca_path_the_login_works(
        self,
        role: LoginRole,
        skopeo: Skopeo,
        cloud: Sandbox,
        distribution: Registry,
        ca_path: Path,
        image: Path,
    ) -> None:
        namespace = cloud.add_namespace()
        key = cloud.add_key(namespace, roles=("Reader", "Writer"))
        login = {
            "registries": [distribution.host],
            "api_key": key.value,
            "ca_path": str(ca_path),
            "push": [f"{namespace}/app"],
        }
        role.run(**login).expect(changed=1)
        skopeo.push(image, f"{distribution.host}/{namespace}/app").expect_success()
        role.run(**login).expect(changed=0)
