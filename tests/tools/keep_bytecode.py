# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Keep the bytecode of what Python imports out of a zip file.

Ansible sends a module as a zip file of sources, which are compiled anew for each task: half of
what a task costs on a host, and the same each time. `make setup` has the interpreter of .venv
import this file at its start, so that tests do not pay for it again and again. What is imported
stays the same, but for the path of the zip file in a traceback.

KEEP_NO_BYTECODE=1 in the environment leaves everything as it is: for measuring.
"""

# Each start of Python imports this: nothing here may cost more than it saves.
from __future__ import annotations

import _imp
import marshal
import os
import sys
import zipimport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

# Kept inside .venv: it goes with the interpreter whose bytecode it is.
FOLDER = os.path.join(sys.prefix, "bytecode")
_CODE = type(compile("", "", "exec"))

# Private to Python, which has no other place for this; where it is missing, nothing is kept.
_compile = getattr(zipimport, "_compile_source", None)


def compile_or_load(pathname: str, source: bytes) -> CodeType:
    """What `zipimport` calls for each file: its path, the archive's included, and what it holds.
    Whatever goes wrong with what is kept, it is compiled."""
    inside = pathname.rpartition(".zip")[2]
    what = f"{sys.version} {inside} {len(source)} ".encode() + source
    kept = os.path.join(FOLDER, _imp.source_hash(0, what).hex())
    try:
        with open(kept, "rb") as file:
            # At once: out of a file marshal reads a few bytes at a time.
            found = marshal.loads(file.read())  # noqa: S302 - written below, by whoever owns .venv
        if isinstance(found, _CODE):
            return found
    except (OSError, EOFError, ValueError, TypeError):
        pass
    # Called only where Python has it: see the end of this file.
    code: CodeType = _compile(pathname, source)  # type: ignore[misc]
    draft = f"{kept}.{os.getpid()}"
    try:
        os.makedirs(FOLDER, exist_ok=True)
        with open(draft, "wb") as file:
            marshal.dump(code, file)
        os.replace(draft, kept)
    except OSError:
        pass
    return code


if _compile and not os.environ.get("KEEP_NO_BYTECODE"):
    # Private, and therefore unknown to the checker.
    zipimport._compile_source = compile_or_load  # type: ignore[attr-defined]
