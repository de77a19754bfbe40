# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Time that a test can move, and the spellings in which the services write it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime, timezone

_MINUTE_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\+0000")


class Clock:
    """Seconds since the epoch, UTC; real time plus an offset that tests set."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._offset = 0.0

    def now(self) -> float:
        return self._source() + self._offset

    def set(self, moment: float) -> None:
        """Make it `moment` now; time then goes on at its usual pace."""
        self._offset = moment - self._source()

    def advance(self, seconds: float) -> None:
        self._offset += seconds

    def reset(self) -> None:
        self._offset = 0.0


def minute_text(moment: float) -> str:
    """`2026-12-31T23:59+0000`, the form of the identity API. Pure."""
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M+0000")


def minute_moment(text: str) -> float:
    """The moment that `minute_text` wrote. Pure. Raises ValueError for any other form."""
    if not _MINUTE_FORM.fullmatch(text):
        raise ValueError("expected yyyy-MM-ddTHH:mm+0000")
    return datetime.strptime(text, "%Y-%m-%dT%H:%M%z").timestamp()


def milliseconds_text(moment: float) -> str:
    """`2026-12-31T23:59:58.123Z`, the form of the policy API. Pure."""
    stamp = datetime.fromtimestamp(moment, timezone.utc)
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.") + f"{stamp.microsecond // 1000:03d}Z"


def seconds_text(moment: float) -> str:
    """`2026-12-31 23:59:58`, UTC without saying so: the form of the registry API. Pure."""
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
