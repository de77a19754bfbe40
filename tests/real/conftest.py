# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A sandbox, a registry that trusts it, and the package that a user would install."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import FrameType

import pytest

from ..reliability.tally import Tally, print_table
from .distribution import Registry, registry
from .image import make_image
from .local_cloud import Key, Sandbox, sandbox
from .login_role import LoginRole
from .skopeo import Skopeo
from .unix_users import UnixUser, unix_user

CHECKOUT = Path(__file__).resolve().parents[2]
COPY = CHECKOUT / "build" / "tree" / "ansible_collections" / "icr" / "access"
READ_WRITE = ("Reader", "Writer")
READ_ONLY = ("Reader",)
# Where the clients of all users look for a login first.
RUNTIME = Path("/run/containers")

MakeImage = Callable[[], Path]
MakeUser = Callable[[], UnixUser]


def pytest_sessionstart() -> None:
    """Has whoever ends this run by SIGTERM leave no process and no user behind, and refuses a
    machine on which Podman, run by root, has shut other users' clients out."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    if RUNTIME.exists() and not RUNTIME.stat().st_mode & 0o001:
        pytest.exit(
            f"Other users' clients cannot enter {RUNTIME}, which root's Podman made for itself "
            f"alone, and so find no login. Remove it, or chmod 755 it.",
            returncode=1,
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows beside a failure what the registry had been asked last."""
    report = yield
    if report.failed:
        for found in item.funcargs.values():
            if isinstance(found, Registry):
                report.sections.append(("the registry's log", found.program.log()))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    print_table(terminalreporter)


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """Counts what a test tries, for the table at the end."""
    return Tally(request.node)


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collections path with nothing in it but the package, built and installed."""
    package = tmp_path_factory.mktemp("package")
    home = tmp_path_factory.mktemp("galaxy-home")
    installed = tmp_path_factory.mktemp("installed")

    def galaxy(*arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "ansible", "galaxy", "collection", *arguments],
            cwd=home,
            env={
                "HOME": str(home),
                "PATH": os.environ["PATH"],
                "LC_ALL": "C.UTF-8",
                "ANSIBLE_COLLECTIONS_PATH": str(installed),
                "ANSIBLE_NOCOLOR": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout

    galaxy("build", str(COPY), "--output-path", str(package))
    (tarball,) = package.glob("icr-access-*.tar.gz")
    galaxy(
        *("install", str(tarball), "--offline", "--no-deps"),
        *("--collections-path", str(installed)),
    )
    return installed


@pytest.fixture(scope="session")
def cloud(
    collections: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sandbox]:
    with sandbox(collections, tmp_path_factory.mktemp("sandbox")) as started:
        yield started


@pytest.fixture(scope="session")
def distribution(
    cloud: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Registry]:
    with registry(cloud, tmp_path_factory.mktemp("registry")) as started:
        yield started


@pytest.fixture
def namespace(cloud: Sandbox) -> str:
    return cloud.add_namespace()


@pytest.fixture
def app(distribution: Registry, namespace: str) -> str:
    """The full name of a repository in a namespace of this test's own."""
    return f"{distribution.host}/{namespace}/app"


@pytest.fixture
def writer(cloud: Sandbox, namespace: str) -> Key:
    return cloud.add_key(namespace, roles=READ_WRITE)


@pytest.fixture
def reader(cloud: Sandbox, namespace: str) -> Key:
    return cloud.add_key(namespace, roles=READ_ONLY)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home folder of the user that the role and the client run as."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def auth_file(home: Path) -> Path:
    """Docker's file in that home, which need not exist."""
    return home / ".docker" / "config.json"


@pytest.fixture
def role(collections: Path, home: Path) -> LoginRole:
    return LoginRole(collections, home)


@pytest.fixture
def skopeo(home: Path, auth_file: Path) -> Skopeo:
    """The client as root, with the file that the role writes by default."""
    return Skopeo(home, auth_file)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    folder = tmp_path / "image"
    make_image(folder)
    return folder


@pytest.fixture
def published(
    tmp_path: Path,
    distribution: Registry,
    writer: Key,
    app: str,
    image: Path,
) -> Path:
    """The image, once it is in the registry as `app`, put there by somebody else."""
    elsewhere = Skopeo(tmp_path, tmp_path / "publisher.json")
    elsewhere.log_in(distribution.host, "iamapikey", writer.value).expect_success()
    elsewhere.push(image, app).expect_success()
    return image


@pytest.fixture
def make_user() -> Iterator[MakeUser]:
    """Makes Unix users of this test's own; they are gone when it ends."""
    with unix_user() as make:
        yield make
