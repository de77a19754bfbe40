# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Moments as users write them, and as IBM Cloud's identity API does: to the minute, in UTC."""

from __future__ import annotations

import datetime
import math
import re

from ansible_collections.icr.access.plugins.module_utils import _errors

_DATE = r"(?P<year>\d{4})(?P<dash>-?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d)"
_CLOCK = r"(?P<hour>\d\d)(:?(?P<minute>\d\d)(:?(?P<second>\d\d)([.,]\d+)?)?)?"
_ZONE = r"(?P<zone>Z|(?P<sign>[+-])(?P<hours>\d\d)(:?(?P<minutes>\d\d))?)?"
_MOMENT = re.compile(rf"^{_DATE}([T ]+{_CLOCK} ?{_ZONE})?$", re.IGNORECASE | re.ASCII)


def parse_moment(text: str, what: str) -> float:
    """Seconds since 1970, UTC, of a date and time in ISO 8601. Pure.

    UTC where no zone is given, midnight where no time is; parts of a second are dropped.
    Raises `InputError`, naming `what`, for anything else.
    """
    match = _MOMENT.match(text.strip())
    try:
        if match is None:
            raise ValueError(text)
        year, month, day, hour, minute, second = (
            int(match.group(name) or 0)
            for name in ("year", "month", "day", "hour", "minute", "second")
        )
        moment = datetime.datetime(
            year, month, day, hour, minute, second, tzinfo=datetime.timezone.utc
        )
        offset = datetime.timedelta(
            hours=int(match.group("hours") or 0),
            minutes=int(match.group("minutes") or 0),
        )
        moment -= -offset if match.group("sign") == "-" else offset
    except (ValueError, OverflowError):
        raise _errors.InputError(
            f"{what} must be a date and time such as 2027-01-31T23:59Z, not {text!r}."
        ) from None
    return moment.timestamp()


def minute_text(seconds: float) -> str:
    """`yyyy-MM-ddTHH:mm+0000` for seconds since 1970, UTC; a part of a minute is dropped. Pure."""
    moment = datetime.datetime.fromtimestamp(math.floor(seconds), datetime.timezone.utc)
    return moment.replace(tzinfo=None).isoformat(timespec="minutes") + "+0000"


def minute_text_after(seconds: float) -> str:
    """The same, but a part of a minute counts as a whole one. Pure."""
    return minute_text(math.ceil(seconds / 60) * 60)


def second_text(seconds: float) -> str:
    """`yyyy-MM-ddTHH:mm:ssZ` for seconds since 1970, UTC; parts of a second are dropped. Pure."""
    moment = datetime.datetime.fromtimestamp(math.floor(seconds), datetime.timezone.utc)
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
