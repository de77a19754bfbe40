# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The login that a credential helper keeps, beside what the auth file still holds."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _authfile,
    _credential_helper,
    _registry_host,
)


def login_of(
    helper: str, document: dict, host: str
) -> tuple[_authfile.Login | None, bool]:
    """The login that the helper keeps for `host`, and whether it keeps anything for it.

    Executes the helper; raises `AuthFileError` when it fails.
    """
    kept = _credential_helper.get_credentials(helper, host)
    is_found = kept is not None or bool(helper_keys(helper, host))
    if kept is None:
        return None, is_found
    is_tidy = not has_credentials(document, host)
    return _authfile.Login(kept[0], kept[1], is_tidy=is_tidy), is_found


def helper_keys(helper: str, host: str) -> list[str]:
    """The spellings of `host` under which a helper keeps logins. Executes the helper."""
    return [
        key
        for key in _credential_helper.list_keys(helper)
        if _registry_host.host_of_key(key) == host
    ]


def has_credentials(document: dict, host: str) -> bool:
    """Whether an entry for `host`, in any spelling, holds something secret. Pure."""
    return any(
        key in _authfile.CREDENTIAL_KEYS
        for name in _authfile.keys_of(document, host)
        for key in _authfile.entry_of(document, name)
    )
