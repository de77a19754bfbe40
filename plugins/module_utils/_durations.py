# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Spans of time as users write them."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import _errors

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
# More digits than these are a slip, and Python refuses to read very many.
_MOST_DIGITS = 12


def parse_duration(text: str, option: str) -> int:
    """Seconds in `30m`, `1h30m`, `2d` or a bare number of seconds. Pure.

    Raises `InputError`, naming the option, for anything else.
    """
    # Without regular expressions, which every login would have to compile.
    wanted = text.strip().lower()
    if _is_number(wanted):
        return int(wanted)
    seconds, number = 0, ""
    for character in wanted:
        if character not in _UNITS:
            number += character
        elif _is_number(number):
            seconds += int(number) * _UNITS[character]
            number = ""
        else:
            break
    else:
        if wanted and not number:
            return seconds
    raise _errors.InputError(
        f"{option} must be a span of time such as 90s, 30m, 24h or 7d, not {text!r}."
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
