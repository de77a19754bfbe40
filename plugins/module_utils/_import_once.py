# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Importing from the archive that Ansible sends without compiling each file twice.

Python's `zipimport` (3.10 and newer) compiles a file to find out what it is called, throws that
away, and compiles the file again to run it. Compiling is most of what a login costs a host.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


class ZipFinder:
    """Finds files, not packages, that are in an archive, and nothing else."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """How to import `name`; None leaves it to Python, as for whatever is not in an archive."""
        if not path:
            return None
        loader = sys.path_importer_cache.get(path[0])
        if type(loader).__name__ != "zipimporter" or not hasattr(loader, "exec_module"):
            return None
        stem = name.rpartition(".")[2]
        try:
            is_package = loader.is_package(stem)  # type: ignore[union-attr]
        except ImportError:  # there is no such file
            return None
        if is_package:
            return None
        spec = ModuleSpec(name, loader, origin=f"{path[0]}/{stem}.py")  # type: ignore[arg-type]
        spec.has_location = True
        return spec


def import_once() -> None:
    """From now on, files that are in an archive, ours and those of Ansible that it has not
    loaded yet, are compiled once. For a process that runs a module; changes `sys.meta_path`."""
    # What others have put in front of Python's own way stays in front.
    sys.meta_path.insert(sys.meta_path.index(PathFinder), ZipFinder())
