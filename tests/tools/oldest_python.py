# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Compile and import what runs on managed hosts with the oldest Python that is found.

Managed hosts may have Python 3.8. The host-side files are the cr_login modules and everything
of ours that they import, directly or not. They are imported beside ansible-core's module_utils
and without any installed package, which a bare host does not have either. Says in one line
which Python it was; exit status 1 when a file does not compile or import. With `--where` it
prints that Python's minor version and its folder, and does nothing else.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from ..machine.pythons import Interpreter, interpreters

CHECKOUT = Path(__file__).resolve().parents[2]
OLDEST_SUPPORTED = (3, 8)
HOST_MODULES = "cr_login*.py"
PACKAGE = "ansible_collections.icr.access"

# Runs in the Python under test, so in the words of the oldest.
CHECK = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    importlib.import_module(name)
"""


def find_oldest() -> Interpreter:
    """The oldest supported interpreter; this one if there is no other."""
    this = Interpreter(sys.version_info[:3], Path(sys.executable))
    return min(
        [this, *(each for each in interpreters() if each.minor >= OLDEST_SUPPORTED)]
    )


def imports_of(source: Path) -> set[str]:
    """The names of our own Python modules that a file imports, at any depth of its code."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.startswith(PACKAGE + ".")}


def source_of(name: str) -> Path | None:
    """The file of one of our Python modules, None if the name is not a module's."""
    relative = name[len(PACKAGE) + 1 :].replace(".", "/")
    path = CHECKOUT / f"{relative}.py"
    return path if path.is_file() else None


def host_side() -> list[str]:
    """The names of all Python modules that run on managed hosts."""
    waiting = {
        f"{PACKAGE}.plugins.modules.{path.stem}"
        for path in (CHECKOUT / "plugins" / "modules").glob(HOST_MODULES)
    }
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        source = source_of(name)
        if source is None or name in found:
            continue
        found.add(name)
        waiting |= imports_of(source)
    return sorted(found)


def main() -> int:
    oldest, names = find_oldest(), host_side()
    if sys.argv[1:] == ["--where"]:
        print(f"{oldest.minor[0]}.{oldest.minor[1]} {oldest.path.parent}")
        return 0
    if not names:
        print(f"No host-side modules found: {HOST_MODULES}", file=sys.stderr)
        return 1
    ansible = find_spec("ansible")
    if ansible is None or ansible.origin is None:
        print("ansible-core is not installed beside this Python", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "ansible_collections" / "icr").mkdir(parents=True)
        (root / "ansible_collections" / "icr" / "access").symlink_to(CHECKOUT)
        (root / "ansible").mkdir()
        (root / "ansible" / "__init__.py").touch()
        module_utils = Path(ansible.origin).with_name("module_utils")
        (root / "ansible" / "module_utils").symlink_to(module_utils)
        status = subprocess.call(
            [str(oldest.path), "-I", "-S", "-B", "-c", CHECK, folder, *names]
        )
    verdict = "compile and import" if status == 0 else "DO NOT compile and import"
    where = f"Python {oldest.dotted} ({oldest.path})"
    print(f"{len(names)} host-side files {verdict} on {where}")
    return 0 if status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
