# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Waiting until IBM Cloud shows everywhere what it has just been told."""

from __future__ import annotations

from dataclasses import dataclass
from random import random
from time import monotonic, sleep

from ansible_collections.icr.access.plugins.module_utils import (
    _durations,
    _errors,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FIRST_PAUSE = 0.25  # seconds
_LONGEST_PAUSE = 5.0
_LONGEST_TIMEOUT = 24 * 3600


class NotYetError(_errors.AccessError):
    """What was waited for did not come about in the time that was allowed."""


@dataclass(frozen=True)
class Clock:
    """The world's: seconds that only grow, a pause of so many seconds, a number below 1."""

    now: Callable[[], float]
    sleep: Callable[[float], object]
    random: Callable[[], float]


def patience_of(params: Mapping) -> int | None:
    """Seconds to wait by the options `wait` and `wait_timeout`, None for not at all. Pure.

    Raises `InputError` for what is no span of time, or longer than a day; without `wait`, too.
    """
    seconds = _durations.parse_duration(params["wait_timeout"], "wait_timeout")
    if seconds > _LONGEST_TIMEOUT:
        raise _errors.InputError(
            f"wait_timeout must be a day at most, not {params['wait_timeout']!r}."
        )
    return seconds if params["wait"] else None


def wait_until(
    attempt: Callable[[], _errors.AccessError | None],
    patience: int | None,
    *,
    awaited: str,
    kept: str,
    clock: Clock | None = None,
) -> None:
    """Tries at once, and again after longer and longer pauses, until it works.

    `attempt` gives None when all is there, else the error that says what came back instead.
    What it raises ends the waiting, but for what passes by itself: no answer, 429, and 5xx. A
    `patience` of None tries nothing, one of 0 seconds once. For the error, `awaited` names what
    is waited for, and `kept` is a sentence on what exists now and what to do.
    Raises `NotYetError`, with the fields of what came back last, when the time is over.
    """
    if patience is None:
        return
    clock = clock or Clock(monotonic, sleep, random)
    end = clock.now() + patience
    limit = _FIRST_PAUSE
    while True:
        last = _outcome(attempt)
        if last is None:
            return
        left = end - clock.now()
        if left <= 0:
            break
        # Half of it by chance, so that many who began together do not ask together.
        clock.sleep(min(limit * (0.5 + clock.random() / 2), left))
        limit = min(2 * limit, _LONGEST_PAUSE)
    raise NotYetError(
        f"Waited {patience} s for {awaited}, which did not come about. {last} {kept}",
        url=last.url,
        status=last.status,
        code=last.code,
        trace_id=last.trace_id,
    )


def _outcome(
    attempt: Callable[[], _errors.AccessError | None],
) -> _errors.AccessError | None:
    try:
        return attempt()
    except _errors.AccessError as error:
        status = error.status or 0
        if isinstance(error, _errors.TransportError) or status == 429 or status >= 500:
            return error
        raise
