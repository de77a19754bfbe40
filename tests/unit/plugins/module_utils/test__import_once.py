# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PACKAGE = "ansible_collections/icr/access/plugins/module_utils"
# In a process of its own, which notes what Python compiles.
SCRIPT = """
import json, sys, zipimport
compiled = []
def note(event, details):
    if event == "compile" and details[1] and str(details[1]).endswith("_said.py"):
        compiled.append(details[1])
sys.addaudithook(note)
sys.path.insert(0, sys.argv[1])
from ansible_collections.icr.access.plugins.module_utils._import_once import import_once
if sys.argv[2] == "once on Python 3.9":
    # A property without a function to read it is one that is not there.
    zipimport.zipimporter.create_module = zipimport.zipimporter.exec_module = property()
    sys.version_info = (3, 9, 0)
if sys.argv[2].startswith("once"):
    import_once()
from ansible_collections.icr.access.plugins.module_utils import _said
spec = _said.__spec__
try:
    from ansible_collections.icr.access.plugins.module_utils import _missing
except ImportError as error:
    missing = type(error).__mro__[-4].__name__
told = [_said.WORD, _said.__file__, spec.parent, missing, _said.OTHERS_WAIT]
print(json.dumps([len(compiled), *told]))
"""

# By what its last line notes, another thread knows that the module is not whole yet.
SAID = """
WORD = "horse"
OTHERS_WAIT = getattr(__spec__, "_initializing", False)
"""
WAYS = ["once", "once on Python 3.9", "as Python does it"]


@pytest.fixture
def archive(tmp_path: Path, checkout: Path) -> Path:
    """What Ansible sends, as far as it matters here."""
    path = tmp_path / "payload.zip"
    with zipfile.ZipFile(path, "w") as packed:
        folder = Path(PACKAGE)
        for each in (folder, *folder.parents[:-1]):
            packed.writestr(f"{each}/__init__.py", "")
        packed.writestr(f"{PACKAGE}/_said.py", SAID)
        for name in ("_import_once.py", "_import_safely.py"):
            packed.write(checkout / "plugins/module_utils" / name, f"{PACKAGE}/{name}")
    return path


def imported(place: Path, how: str) -> list[object]:
    ran = subprocess.run(
        [sys.executable, "-I", "-B", "-c", SCRIPT, str(place), how],
        # What was compiled by a test before is compiled again.
        env={**os.environ, "KEEP_NO_BYTECODE": "1"},
        check=True,
        capture_output=True,
        text=True,
    )
    return list(json.loads(ran.stdout))


@pytest.mark.parametrize("how", WAYS)
def test_from_an_archive_it_is_the_same_module(archive: Path, how: str) -> None:
    _compiled, *told = imported(archive, how)
    assert told == [
        "horse",
        f"{archive}/{PACKAGE}/_said.py",
        PACKAGE.replace("/", "."),
        "ImportError",
        True,
    ]


@pytest.mark.parametrize("how", ["once", "once on Python 3.9"])
def test_a_file_in_an_archive_is_compiled_once(archive: Path, how: str) -> None:
    assert imported(archive, how)[0] == 1


def test_a_package_is_left_to_python(archive: Path) -> None:
    with zipfile.ZipFile(archive, "a") as packed:
        packed.writestr(f"{PACKAGE}/_said/__init__.py", SAID)
    _compiled, word, file, *_more = imported(archive, "once")
    assert (word, file) == ("horse", f"{archive}/{PACKAGE}/_said/__init__.py")


def test_outside_of_an_archive_nothing_changes(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    assert imported(folder, "once") == imported(folder, "as Python does it")
