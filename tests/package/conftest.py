# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Build the tarball and install it into an empty folder, as a user without a network would."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
COPY = CHECKOUT / "build" / "tree" / "ansible_collections" / "icr" / "access"

Command = Callable[..., str]


@pytest.fixture(scope="session")
def command(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """`command(name, *arguments)` runs one of Ansible's commands in an empty home with
    nothing installed, and gives its output."""
    home = tmp_path_factory.mktemp("home")
    programs = Path(sys.executable).parent

    def run(name: str, *arguments: str, collections: Path = home) -> str:
        done = subprocess.run(
            [str(programs / name), *arguments],
            cwd=home,
            env={
                "HOME": str(home),
                "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
                "LC_ALL": "C.UTF-8",
                "ANSIBLE_COLLECTIONS_PATH": str(collections),
                "ANSIBLE_NOCOLOR": "1",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{name}: {done.stdout}\n{done.stderr}"
        return done.stdout

    return run


@pytest.fixture(scope="session")
def tarball(command: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection, built from the copy that holds what git tracks or would track."""
    output = tmp_path_factory.mktemp("tarball")
    command(
        "ansible-galaxy", "collection", "build", str(COPY), "--output-path", str(output)
    )
    (built,) = output.glob("icr-access-*.tar.gz")
    return built


@pytest.fixture(scope="session")
def installed(
    command: Command, tarball: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A collections path with nothing in it but the installed tarball."""
    root = tmp_path_factory.mktemp("installed")
    command(
        "ansible-galaxy",
        *("collection", "install", str(tarball)),
        *("--offline", "--no-deps", "--collections-path", str(root)),
        collections=root,
    )
    return root
