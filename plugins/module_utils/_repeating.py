# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""When a request is sent again, after how long a pause, and how that is told. Pure.

Apart from the requests, because most of them are answered at once.
"""

from __future__ import annotations

import re

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _wire,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.icr.access.plugins.module_utils import _http

LONGEST_PAUSE = 30.0  # seconds that a Retry-After may ask for
_FIRST_PAUSE = 0.5
_LONGEST_BACK_OFF = 8.0


def pause_before_next(
    method: str,
    url: str,
    outcome: _http.Answer | _errors.TransportError,
    attempt: int,
    *,
    retries: int,
    is_last_resort: bool,
    draw: Callable[[], float],
) -> float | None:
    """Seconds until a request is sent again after this outcome of attempt number `attempt`; None
    when the answer stands. `draw` gives a random number below 1.

    Raises the error, with what was asked and how often, when that stands.
    """
    has_more = attempt <= retries
    if isinstance(outcome, _errors.TransportError):
        is_alone = is_last_resort or not isinstance(outcome, _wire.NOT_THERE)
        if not (has_more and is_alone and is_repeatable(method, outcome)):
            raise told(outcome, method, url, attempt) from outcome
        return draw() * longest_back_off(attempt)
    wish = outcome.header("Retry-After")
    pause = retry_after(wish, outcome.received_at) if wish else None
    is_near = pause is None or pause <= LONGEST_PAUSE
    if not (has_more and is_near and is_passing(method, outcome.status)):
        return None
    return draw() * longest_back_off(attempt) if pause is None else pause


def is_repeatable(method: str, error: _errors.TransportError) -> bool:
    """Whether the request may be sent again after that error, and another try may help. Pure."""
    if isinstance(error, (_errors.TlsError, _wire.LastingError)):
        return False
    return method != "POST" or isinstance(error, _wire.NOT_THERE)


def is_passing(method: str, status: int) -> bool:
    """Whether that status may be another one soon, and asking again is safe. Pure."""
    if method == "POST":
        return status == 429
    return status == 429 or (500 <= status < 600 and status != 501)


def longest_back_off(attempt: int) -> float:
    """The longest pause, in seconds, after attempt number `attempt`, counted from 1. Pure."""
    return min(_FIRST_PAUSE * 2.0 ** (attempt - 1), _LONGEST_BACK_OFF)


def retry_after(value: str, now: float) -> float | None:
    """Seconds that a `Retry-After` header asks to wait, None if it says nothing sensible.

    `now` is in seconds since the epoch; a date in the past is no wait. Pure.
    """
    if re.fullmatch(r"[0-9]{1,9}", value.strip()):
        return float(value)
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(value).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return max(0.0, moment - now)


def told(
    error: _errors.TransportError, method: str, url: str, attempts: int
) -> _errors.TransportError:
    """The error with what was asked, and how often. Pure."""
    message = with_tries(str(error), attempts)
    return type(error)(f"{method} {_errors.without_query(url)}: {message}", url=url)


def with_tries(message: str, tries: int) -> str:
    """The message, telling in its first sentence how often it was tried if more than once.
    Pure."""
    if tries < 2:
        return message
    end = re.search(r"\.(?=\s|$)|$", message)
    place = end.start() if end else len(message)
    return f"{message[:place]} (tried {tries} times){message[place:]}"
