# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The registry of the one region that a task is about. Pure."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _registries,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def one_region_registry(
    name: str, visibility: str, endpoints: Mapping | None
) -> _registries.Registry:
    """The registry of one region. Pure.

    Raises `InputError` as `region_registries` does, and for what stands for several regions.
    """
    given = None if endpoints is None else dict(endpoints)
    registries = _registries.region_registries([name], visibility, given)
    if len(registries) != 1:
        raise _errors.InputError(f"region takes one region, not {name!r}.")
    return registries[0]
