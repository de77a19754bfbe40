# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""How a service is asked, by the options that all modules share."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _verdict,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_TIMEOUT = 3600


def settings_of(params: Mapping) -> _verdict.Settings:
    """How to ask, by a module's options; only what asks registries has `trusted_realms`. Pure.

    Raises `InputError` for a time-out or a number of retries that nobody could keep to.
    """
    if not 0 < params["timeout"] <= _LONGEST_TIMEOUT:
        raise _errors.InputError(
            f"timeout must be a number of seconds above 0 and up to {_LONGEST_TIMEOUT}, "
            f"not {params['timeout']:g}."
        )
    if params["retries"] < 0:
        raise _errors.InputError(f"retries must be 0 or more, not {params['retries']}.")
    return _verdict.Settings(
        timeout=params["timeout"],
        retries=params["retries"],
        ca_path=params["ca_path"],
        validate_certs=params["validate_certs"],
        trusted_realms=tuple(params.get("trusted_realms") or ()),
    )
