# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The one credential among a module's options, or what is wrong with them. Pure."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _verdict,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_ALL_CREDENTIALS = (
    "api_key, iam_token, refresh_token, registry_token, or username with password"
)


def given_credential(params: Mapping) -> _verdict.Credential:
    """The one credential that is given.

    Raises `InputError` when there is none, more than one, half of one, or one that no client
    could send. Pure.
    """
    given = [
        name for name in (*_verdict.USER_NAMES, "password") if params[name] is not None
    ]
    if params["username"] is not None and "password" not in given:
        given.append("username")
    if not given:
        raise _errors.InputError(
            f"A login needs a credential: set one of {_ALL_CREDENTIALS}. "
            f"Without one, only state=absent is possible."
        )
    if len(given) > 1:
        raise _errors.InputError(
            f"Set one credential, not {len(given)}: {' and '.join(given)} are given."
        )
    option = given[0]
    if option in _verdict.USER_NAMES:
        # a secret that can be one has been taken before this file was loaded
        from ansible_collections.icr.access.plugins.module_utils import _secret_option

        return _verdict.Credential(
            _verdict.USER_NAMES[option],
            _secret_option.checked_secret(option, params[option]),
        )
    username, password = params["username"], params["password"]
    if not username or not password:
        missing = "password" if username else "username"
        raise _errors.InputError(
            f"username and password go together: {missing} is missing."
        )
    if ":" in username or not username.isprintable():
        raise _errors.InputError(
            "A user name cannot have a colon or a control character."
        )
    if "\x00" in password:
        raise _errors.InputError("A password cannot have a null character.")
    return _verdict.Credential(username, password)
