# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What cannot be a key or a token, although it was given for one. Pure."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import _errors


def checked_secret(option: str, secret: str) -> str:
    """The secret that was given in `option`. Raises `InputError`, without it, if that is empty or
    has what no key and no token has. Pure."""
    if not secret.strip():
        raise _errors.InputError(f"{option} is empty; where was it to come from?")
    if any(character.isspace() or not character.isprintable() for character in secret):
        raise _errors.InputError(
            f"{option} has white space or control characters in it, such as the end of "
            f"the line it was read from; use the trim filter."
        )
    return secret
