# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What a user gets from the tarball: everything that is meant to run, nothing else."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import CHECKOUT, COPY, Command

USED_FOLDERS = {
    "LICENSES",
    "changelogs",
    "docs",
    "meta",
    "playbooks",
    "plugins",
    "roles",
}
USED_FILES = {
    "CHANGELOG.md",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "FILES.json",
    "LICENSE",
    "MANIFEST.json",
    "README.md",
    "REUSE.toml",
}


@pytest.fixture(scope="module")
def names(tarball: Path) -> set[str]:
    with tarfile.open(tarball) as archive:
        return {member.name for member in archive.getmembers() if member.isfile()}


def plugins_of_checkout(kind: str) -> set[str]:
    folder = COPY / "plugins" / kind
    return {f"icr.access.{path.stem}" for path in folder.glob("[!_]*.py")}


class TestTarball:
    def test_holds_the_files_that_every_package_has(self, names: set[str]) -> None:
        assert names >= USED_FILES | {"meta/runtime.yml"}

    def test_holds_nothing_at_its_top_but_what_is_used(self, names: set[str]) -> None:
        assert {name.split("/")[0] for name in names} <= USED_FOLDERS | USED_FILES

    def test_holds_no_tests_caches_or_compiled_files(self, names: set[str]) -> None:
        unwanted = {"tests", "molecule", "__pycache__", ".venv", ".git", "build"}
        assert [
            name
            for name in names
            if unwanted & set(name.split("/")) or name.endswith((".pyc", ".tar.gz"))
        ] == []

    def test_states_version_and_licence_of_galaxy_yml(self, tarball: Path) -> None:
        with tarfile.open(tarball) as archive:
            manifest = archive.extractfile("MANIFEST.json")
            assert manifest is not None
            stated = json.load(manifest)["collection_info"]
        galaxy = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())
        assert {
            key: stated[key] for key in ("namespace", "name", "version", "license")
        } == {
            "namespace": "icr",
            "name": "access",
            "version": galaxy["version"],
            "license": ["GPL-3.0-or-later"],
        }


class TestInstallation:
    def ask(self, command: Command, installed: Path, kind: str, name: str) -> Any:
        answer = command(
            "ansible-doc", "--json", "--type", kind, name, collections=installed
        )
        return json.loads(answer)

    def listed(self, command: Command, installed: Path, kind: str) -> set[str]:
        answer = command(
            "ansible-doc",
            *("--json", "--list", "--type", kind, "icr.access"),
            collections=installed,
        )
        return set(json.loads(answer))

    @pytest.mark.parametrize(
        ("kind", "folder"),
        [("module", "modules"), ("filter", "filter"), ("lookup", "lookup")],
    )
    def test_ansible_doc_shows_every_plugin(
        self, command: Command, installed: Path, kind: str, folder: str
    ) -> None:
        expected = plugins_of_checkout(folder)
        assert self.listed(command, installed, kind) == expected
        for name in expected:
            assert self.ask(command, installed, kind, name)[name]["doc"]["description"]

    def test_ansible_doc_shows_every_role(
        self, command: Command, installed: Path
    ) -> None:
        expected = {f"icr.access.{path.name}" for path in (COPY / "roles").iterdir()}
        assert self.listed(command, installed, "role") == expected
        for name in expected:
            points = self.ask(command, installed, "role", name)[name]["entry_points"]
            assert points["main"]["short_description"]
