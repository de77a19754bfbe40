# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""From the options `region`, `registry`, `visibility` and `endpoints` to registries."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _registries,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def all_registries(
    regions: list[str] | None,
    hosts: list[str] | None,
    visibility: str,
    endpoints: dict | None,
) -> tuple[_registries.Registry, ...]:
    """Everything that `region` and `registry` name, each host once. Pure.

    Raises `InputError` as the functions above do.
    """
    named = list(_registries.region_registries(regions or [], visibility, endpoints))
    if hosts:
        # Most tasks name regions, and need not load how hosts are named.
        from ansible_collections.icr.access.plugins.module_utils import _named_registry

        named += map(_named_registry.named_registry, hosts)
    found: dict[str, _registries.Registry] = {}
    for registry in named:
        found.setdefault(registry.host, registry)
    return tuple(found.values())


def named_registries(params: Mapping) -> tuple[_registries.Registry, ...]:
    """What the options of a login name. Raises `InputError` when that is nothing. Pure."""
    found = all_registries(
        params["region"], params["registry"], params["visibility"], params["endpoints"]
    )
    if not found:
        raise _errors.InputError(
            "Name the registries: set region, such as us-south, or registry, such as "
            "us.icr.io, or both."
        )
    if params["state"] == "present" and any(each.is_legacy for each in found):
        from ansible_collections.icr.access.plugins.module_utils import _named_registry

        _named_registry.refuse_legacy(found)
    return found
