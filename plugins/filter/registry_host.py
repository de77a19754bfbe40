# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The filter `registry_host`; its documentation is in registry_host.yml."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _one_registry,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def registry_host(
    region: object, visibility: str = "public", endpoints: dict | None = None
) -> str:
    """The host of a region's registry, `host[:port]`. Pure.

    Raises `AnsibleFilterError` for what is not one known region.
    """
    try:
        if not isinstance(region, str):
            raise _errors.InputError(
                f"registry_host takes the name of a region, not {region!r}."
            )
        if visibility not in ("public", "private"):
            raise _errors.InputError(
                f"visibility is public or private, not {visibility!r}."
            )
        return _one_registry.one_region_registry(region, visibility, endpoints).host
    except _errors.AccessError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable]:
        return {"registry_host": registry_host}
