# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The process that writes is killed by strace at every system call in turn, those that Python makes
by itself among them."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from ..reliability.tally import Tally
from .traced import BEGIN, KILLED, Program

_IMPORT = "from ansible_collections.icr.access.plugins.module_utils."
LOG_IN = f"""
import os
{_IMPORT}_login_change import change
{_IMPORT}_login_place import Place
{_IMPORT}_users import User
user = User("me", os.geteuid(), os.getegid(), "/", {{}}, True)
place = Place(user, "docker", sys.argv[1])
os.path.exists("{BEGIN}")
change(place, {{"us.icr.io": ("iamapikey", "n3w-s3cret")}})
"""
WRITE_KEY = f"""
import os
{_IMPORT}_key_file import KeyFile
key_file = KeyFile(sys.argv[1])
os.path.exists("{BEGIN}")
key_file.prove_writable()
key_file.write("n3w-s3cret", key_file.look())
"""
OLD = json.dumps({"auths": {"de.icr.io": {"auth": "b2xkOm9sZA=="}}}).encode()


@pytest.mark.parametrize("code", [LOG_IN, WRITE_KEY], ids=["login", "key"])
def test_killed_at_every_call(
    code: str, collections: Path, tmp_path: Path, tally: Tally
) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    path = folder / "config.json"
    program = Program(code, collections, (str(path),))

    def restore() -> None:
        path.write_bytes(OLD)
        path.chmod(0o600)

    # Once before, so that Python has compiled all that is imported.
    assert program.run() == 0
    restore()
    moments = program.moments(tmp_path / "log")
    new = path.read_bytes()
    flaws = []
    for moment in moments:
        restore()
        end = program.killed_before(moment)
        found = [] if end == KILLED else [f"it ended with {end}"]
        if path.read_bytes() not in (OLD, new):
            found.append("the file is neither old nor new")
        for each in folder.iterdir():
            if stat.S_IMODE(each.stat().st_mode) & 0o077:
                found.append(f"{each.name} can be read by others")
        if program.run() != 0 or path.read_bytes() != new:
            found.append("the next run does not put it right")
        if [*folder.iterdir()] != [path]:
            found.append("the next run leaves something beside it")
        tally.count("kills", consistent=int(not found))
        flaws += [f"{moment}: {each}" for each in found]
    assert len(moments) > 40
    assert flaws == []
