# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The copy for Ansible's tools: what git would know, and nothing that is gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "lay_out_build.py"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    repository = tmp_path / "repository"
    (repository / "roles").mkdir(parents=True)
    (repository / ".gitignore").write_text("/build/\n*.pyc\n")
    (repository / "roles" / "main.yml").write_text("one\n")
    (repository / "cached.pyc").write_text("")
    script = repository / "run"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    (repository / "link").symlink_to("run")
    subprocess.run(["git", "init", "--quiet", str(repository)], check=True)
    return repository


def lay_out(repository: Path, name: str = "tree") -> Path:
    build = repository / "build"
    subprocess.run(
        [sys.executable, str(TOOL), str(repository), str(build), name],
        env={"HOME": str(repository.parent / "home"), "PATH": "/usr/bin:/bin"},
        check=True,
    )
    return build / name / "ansible_collections" / "icr" / "access"


def files_in(copy: Path) -> set[str]:
    return {
        str(path.relative_to(copy))
        for path in copy.rglob("*")
        if not path.is_dir() and ".git" not in path.relative_to(copy).parts
    }


def test_copies_what_git_does_not_ignore(repository: Path) -> None:
    copy = lay_out(repository)
    assert files_in(copy) == {".gitignore", "link", "roles/main.yml", "run"}
    assert (copy / "link").readlink() == Path("run")
    assert (copy / "run").stat().st_mode & 0o777 == 0o755


def test_follows_a_change_of_content_or_mode(repository: Path) -> None:
    lay_out(repository)
    (repository / "roles" / "main.yml").write_text("two\n")
    (repository / "run").chmod(0o644)
    copy = lay_out(repository)
    assert (copy / "roles" / "main.yml").read_text() == "two\n"
    assert (copy / "run").stat().st_mode & 0o777 == 0o644


def test_removes_what_is_gone_with_its_empty_folder(repository: Path) -> None:
    lay_out(repository)
    (repository / "roles" / "main.yml").unlink()
    copy = lay_out(repository)
    assert files_in(copy) == {".gitignore", "link", "run"}
    assert not (copy / "roles").exists()


def test_replaces_a_folder_by_a_file_and_back(repository: Path) -> None:
    copy = lay_out(repository)
    (repository / "roles" / "main.yml").unlink()
    (repository / "roles").rmdir()
    (repository / "roles").write_text("a file\n")
    lay_out(repository)
    assert (copy / "roles").read_text() == "a file\n"
    (repository / "roles").unlink()
    (repository / "roles").mkdir()
    (repository / "roles" / "main.yml").write_text("back\n")
    lay_out(repository)
    assert (copy / "roles" / "main.yml").read_text() == "back\n"


def test_leaves_alone_what_git_ignores_in_the_copy(repository: Path) -> None:
    copy = lay_out(repository)
    (copy / "kept.pyc").write_text("")
    lay_out(repository)
    assert (copy / "kept.pyc").exists()


def test_copies_of_other_names_are_apart(repository: Path) -> None:
    written = lay_out(repository) / "inventory"
    written.write_text("")
    other = lay_out(repository, "other")
    assert files_in(other) == {".gitignore", "link", "roles/main.yml", "run"}
    assert written.exists()


def test_home_shares_only_settings_of_pip(repository: Path) -> None:
    real = repository.parent / "home"
    (real / ".config" / "pip").mkdir(parents=True)
    (real / ".docker").mkdir()
    lay_out(repository)
    home = repository / "build" / "home"
    assert (home / ".config" / "pip").readlink() == real / ".config" / "pip"
    assert [path.name for path in home.iterdir()] == [".config"]
