# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Importing from an archive on Python 3.8 and 3.9, whose own way lets other threads see modules
of which half has run."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any


class OldLoader:
    """Loads from an archive of Python 3.8 or 3.9 the way that newer ones do: the module has its
    specification while it runs, by which other threads know that they have to wait."""

    def __init__(self, archive: Any) -> None:
        self._archive = archive

    def create_module(self, _spec: ModuleSpec) -> None:
        """Leaves it to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Runs the file in the module."""
        code = self._archive.get_code(module.__name__)
        exec(code, module.__dict__)  # noqa: S102 - what importing is

    def get_source(self, name: str) -> str:
        """What a traceback shows lines of."""
        source: str = self._archive.get_source(name)
        return source
