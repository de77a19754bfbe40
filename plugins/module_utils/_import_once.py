# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Importing from the archive that Ansible sends without compiling each file twice.

Python's `zipimport` (3.10 and newer) compiles a file to find out what it is called, throws that
away, and compiles the file again to run it. Compiling is most of what a login costs a host. That
of Python 3.8 and 3.9 lets other threads have a module of which it has run only a part, so that a
name that they import from it is now and then not there.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType
    from typing import Any


class ZipFinder:
    """Finds files, not packages, that are in an archive, and nothing else. `loader_of` makes the
    loader of an archive whose own is not fit for it."""

    def __init__(self, loader_of: Callable[[Any], Any] | None = None) -> None:
        self._loader_of = loader_of

    def find_spec(
        self, name: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """How to import `name`; None leaves it to Python, as for whatever is not in an archive."""
        if not path:
            return None
        archive = sys.path_importer_cache.get(path[0])
        if type(archive).__name__ != "zipimporter":
            return None
        stem = name.rpartition(".")[2]
        try:  # the checker does not see that the name of its type makes it a zipimporter
            is_package = archive.is_package(stem)  # type: ignore[union-attr]
        except ImportError:  # there is no such file
            return None
        if is_package:
            return None
        loader: Any = self._loader_of(archive) if self._loader_of else archive
        spec = ModuleSpec(name, loader, origin=f"{path[0]}/{stem}.py")
        spec.has_location = True
        return spec


def import_once() -> None:
    """From now on, files that are in an archive, ours and those of Ansible that it has not
    loaded yet, are compiled once, and other threads wait until they are whole. For a process that
    runs a module; changes `sys.meta_path`."""
    finder = ZipFinder()
    if sys.version_info < (3, 10):
        from ansible_collections.icr.access.plugins.module_utils import _import_safely

        finder = ZipFinder(_import_safely.OldLoader)
    # What others have put in front of Python's own way stays in front.
    sys.meta_path.insert(sys.meta_path.index(PathFinder), finder)
