# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Links and other traps in the home of a user whose logins root manages: root follows none of
them out, and what is not that user's stays as it is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import MakeUser
from .link_traps import TRAPS, Trap, own_folder
from .unix_users import Standing, UnixUser

SECRET = "correct-horse-battery-staple"
HOST = "registry.test"
OF_ROOT = '{"auths": {"of.root": {"auth": "cm9vdDpyb290"}}}'
MODULE = "ansible_collections.icr.access.plugins.modules.cr_login"

# Fifty times in one process, as the module does it for one user after the other.
WRITER = """
import sys
from ansible_collections.icr.access.plugins.module_utils._errors import AuthFileError
from ansible_collections.icr.access.plugins.module_utils._login_change import change
from ansible_collections.icr.access.plugins.module_utils._login_place import place_of
from ansible_collections.icr.access.plugins.module_utils._named_user import get_user
place = place_of(get_user(sys.argv[1]), "docker", None, helpers=False)
written = 0
for number in range(50):
    try:
        written += change(place, {"registry.test": ("iamapikey", f"secret-{number}")})
    except AuthFileError as error:
        assert "\\n" not in str(error)
print(written)
"""
# With the rights of the user, until it is told to end, which it does when the program that it
# runs at that moment has ended: nobody is left who would keep the user from being removed.
# `$1` is the folder of root's.
FLIPPERS = {
    "a link to a link": """
trap exit TERM
mkdir kept
while :; do
    ln -sfn kept flip && mv -T flip .docker
    ln -sfn "$1" flip && mv -T flip .docker
done
""",
    "a folder to a link": """
trap exit TERM
mkdir .docker
while :; do
    mv -T .docker aside && ln -s "$1" .docker
    rm .docker; mv -T aside .docker
done
""",
}

Login = Callable[..., dict[str, Any]]


@pytest.fixture
def victim(builder: UnixUser) -> Iterator[Path]:
    """A folder of root's beside the user's home, whose file is a good auth file."""
    folder = Path(tempfile.mkdtemp(prefix="icr-real-victim-", dir=builder.home.parent))
    try:
        folder.chmod(0o755)
        file = folder / "config.json"
        file.write_text(OF_ROOT)
        file.chmod(0o644)
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def builder(make_user: MakeUser) -> UnixUser:
    return make_user()


@pytest.fixture
def log_in(collections: Path, builder: UnixUser) -> Login:
    """Run cr_login as root for that user; its result."""

    def run(**options: Any) -> dict[str, Any]:
        login = {"api_key": SECRET} if options.get("state") != "absent" else {}
        arguments = {
            "registry": [HOST],
            "users": [builder.name],
            "verify": "never",
            **login,
            **options,
            "_ansible_remote_tmp": str(collections),
        }
        done = _python(
            *("-m", MODULE),
            collections=collections,
            given=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
        )
        assert SECRET not in done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    return run


def _python(
    *arguments: str, collections: Path, given: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        input=given,
        env={
            "PYTHONPATH": str(collections),
            "PATH": os.environ["PATH"],
            "HOME": "/root",
        },
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def standing_of(folder: Path) -> dict[str, tuple[Standing, int, str]]:
    """Owner, mode, time of the last change and content of a folder and of all in it."""
    return {
        str(path): (
            Standing.of(path),
            path.lstat().st_mtime_ns,
            path.read_text() if path.is_file() else "",
        )
        for path in (folder, *sorted(folder.rglob("*")))
    }


@pytest.mark.parametrize(
    ("trap", "words"), TRAPS, ids=[trap.__name__.strip("_") for trap, _words in TRAPS]
)
def test_a_trap_is_told_and_nothing_is_touched(
    log_in: Login, builder: UnixUser, victim: Path, trap: Trap, words: str
) -> None:
    trap(builder, victim)
    before = standing_of(victim), Standing.of(builder.docker_file.parent)
    result = log_in()
    assert result.get("failed"), result
    assert words in result["msg"]
    assert builder.name in result["msg"] or str(builder.home) in result["msg"]
    assert "\n" not in result["msg"]
    assert (standing_of(victim), Standing.of(builder.docker_file.parent)) == before


@pytest.mark.parametrize("state", ["present", "absent"])
def test_the_way_to_podmans_file_is_not_followed_out_either(
    log_in: Login, builder: UnixUser, victim: Path, state: str
) -> None:
    (victim / "containers").mkdir()
    (victim / "containers" / "auth.json").write_text(OF_ROOT)
    (builder.home / ".config").symlink_to(victim)
    before = standing_of(victim)
    result = log_in(client="podman", state=state, registry=["of.root"])
    assert "outside" in result["msg"]
    assert standing_of(victim) == before


def test_what_looks_like_a_draft_of_ours_is_removed_and_not_what_it_points_to(
    log_in: Login, builder: UnixUser, victim: Path
) -> None:
    draft = own_folder(builder) / ".config.json.icr-0"
    draft.symlink_to(victim / "config.json")
    before = standing_of(victim)
    assert log_in()["changed"]
    assert not os.path.lexists(draft)
    assert standing_of(victim) == before
    mine = Standing(builder.uid, builder.gid, "0600")
    assert Standing.of(builder.docker_file) == mine


@pytest.mark.parametrize("flipper", FLIPPERS)
def test_a_way_that_is_swapped_while_root_writes_leads_nowhere_either(
    collections: Path, builder: UnixUser, victim: Path, flipper: str
) -> None:
    before = standing_of(victim)
    swapping = subprocess.Popen(
        ["/bin/sh", "-c", FLIPPERS[flipper], "sh", str(victim)],
        cwd=builder.home,
        user=builder.uid,
        group=builder.gid,
        extra_groups=[],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        done = _python("-c", WRITER, builder.name, collections=collections)
    finally:
        swapping.terminate()
        swapping.wait()
    assert done.returncode == 0, done.stderr
    assert standing_of(victim) == before
    # some of them found the way as it may be
    assert int(done.stdout) > 0
    owners = {path.lstat().st_uid for path in builder.home.rglob("*")}
    assert owners == {builder.uid}
