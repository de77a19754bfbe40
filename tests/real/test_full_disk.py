# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The auth file lies on a disk that is full or read-only: the play fails, says why, and leaves the
file as it was; once there is room the next one succeeds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ..reliability.tally import Tally
from .login_role import LoginRole
from .small_disk import SmallDisk, small_disk

_HOST = "registry.example.com"
# More than one page, so that a draft may fail half-way.
_OLD = json.dumps({"auths": {}, "HttpHeaders": {"X-Filler": "x" * 9000}}).encode()
Undo = Callable[[], object]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as made:
        yield made


def make_full(disk: SmallDisk) -> Undo:
    return disk.fill().unlink


def make_almost_full(disk: SmallDisk) -> Undo:
    return disk.fill(but=4096).unlink


def use_up_files(disk: SmallDisk) -> Undo:
    return disk.use_up_files()[0].unlink


def make_read_only(disk: SmallDisk) -> Undo:
    disk.remount("ro")
    return lambda: disk.remount("rw")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        pytest.param(make_full, "No space left on device", id="full"),
        pytest.param(make_almost_full, "No space left on device", id="almost full"),
        pytest.param(use_up_files, "No space left on device", id="no more files"),
        pytest.param(make_read_only, "not writable", id="read-only"),
    ],
)
def test_old_file_stays_until_there_is_room(
    role: LoginRole,
    disk: SmallDisk,
    tally: Tally,
    spoil: Callable[[SmallDisk], Undo],
    reason: str,
) -> None:
    path = disk.mount / "config.json"
    path.write_bytes(_OLD)
    path.chmod(0o600)
    login = {
        "registries": [_HOST],
        "username": "builder",
        "password": "s3cret-of-the-builder",
        "verify": "never",
        "config_path": str(path),
    }
    mend = spoil(disk)
    before = {each.name for each in disk.mount.iterdir()}
    run = role.run(**login)
    is_old = path.read_bytes() == _OLD
    left = {each.name for each in disk.mount.iterdir()} - before
    tally.count("faults", survived=int(is_old and not left))
    assert (is_old, left) == (True, set())
    run.expect_failure(str(path), reason)

    mend()
    role.run(**login).expect(changed=1)
    assert [*json.loads(path.read_bytes())["auths"]] == [_HOST]
