# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Generated input: so many examples of each kind, counted for the table at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.icr.access.plugins.module_utils._errors import AccessError
from ansible_collections.icr.access.tests.reliability.tally import Tally

_LONGEST_MESSAGE = 2000

# Every character there is, half surrogate pairs too, which JSON can express by escapes.
any_text = st.text(st.characters(exclude_categories=()), max_size=20)


@dataclass(frozen=True)
class Fuzz:
    """Tries a promise on examples of some strategies.

    Bounded, they are the same in every run, so that a test fails always or never; in a soak they
    are others each time.
    """

    tally: Tally
    is_soak: bool

    def try_out(
        self,
        promise: Callable[..., None],
        *strategies: st.SearchStrategy[Any],
        bounded: int,
        soak: int,
    ) -> None:
        """Calls `promise` with one example of each strategy, `bounded` or `soak` times. Raises
        what it raises, with the smallest example for which it does."""
        tried = 0

        def counted(example: tuple[Any, ...]) -> None:
            nonlocal tried
            tried += 1
            promise(*example)

        setting = settings(
            max_examples=soak if self.is_soak else bounded,
            derandomize=not self.is_soak,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        crashes = 1
        try:
            setting(given(st.tuples(*strategies))(counted))()
            crashes = 0
        finally:
            self.tally.count("fuzzed inputs", tried, crashes=crashes)


def check_error(error: Exception) -> None:
    """What is refused is refused by an error of ours: one line, short, fit for a terminal."""
    assert isinstance(error, AccessError), repr(error)
    message = str(error)
    assert message
    assert message.isprintable(), ascii(message)
    assert len(message) < _LONGEST_MESSAGE
