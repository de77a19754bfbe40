# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Fuzzing that is guided by coverage: inputs that reach a step of the code which none before has
reached are kept, and changed further.

A loop of our own, because what is found on the package indexes for this wants a compiler or one
kind of machine, and `make setup` has to work everywhere.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

_LONGEST = 4096
_INTERESTING = (b"\0", b"\xff", b"\n", b'"', b"\\", b"0", b"-1", b"[", b"{", b"}", b",")

Step = tuple[str, int, int]  # a file, and two lines that ran one after the other


@dataclass
class Guided:
    """Calls `promise` with changed copies of what `corpus` holds, and keeps those that take new
    steps in the files whose names end with one of `watched`. `words` are pieces that mean
    something in the format. The same `seed` gives the same inputs.

    Whatever `promise` raises ends the search, with the input in a note.
    """

    promise: Callable[[bytes], None]
    watched: tuple[str, ...]
    corpus: list[bytes]
    words: Sequence[bytes]
    seed: int = 0
    steps: set[Step] = field(default_factory=set)
    tried: int = 0

    def search(self, *, inputs: int, seconds: float) -> None:
        """Until so many inputs were tried, or so much time has passed."""
        chance = random.Random(self.seed)  # noqa: S311 - nobody has to be surprised by it
        for raw in list(self.corpus):
            self.steps |= self._steps_of(raw)
        deadline = time.monotonic() + seconds
        while self.tried < inputs and time.monotonic() < deadline:
            raw = self._changed(chance)
            found = self._steps_of(raw)
            if not found <= self.steps:
                self.steps |= found
                self.corpus.append(raw)

    def _changed(self, chance: random.Random) -> bytes:
        # what was kept lately has led furthest
        recent = self.corpus[-8:] if chance.random() < 0.5 else self.corpus
        raw = chance.choice(recent)
        for _change in range(chance.choice((1, 1, 2, 4, 8))):
            start, end = sorted(chance.randint(0, len(raw)) for _end in range(2))
            other = chance.choice(self.corpus)
            piece = chance.choice(
                (
                    b"",
                    chance.choice(_INTERESTING),
                    chance.choice(self.words),
                    raw[start:end] * 2,
                    bytes([chance.randrange(256)]),
                    other[start:end],
                )
            )
            raw = raw[:start] + piece + raw[chance.choice((start, end)) :]
        return raw[:_LONGEST]

    def _steps_of(self, raw: bytes) -> set[Step]:
        self.tried += 1
        steps: set[Step] = set()

        def watch(frame: FrameType, _event: str, _argument: Any) -> Any:
            name = frame.f_code.co_filename
            if not name.endswith(self.watched):
                return None
            last = 0

            def follow(inner: FrameType, _event: str, _argument: Any) -> Any:
                nonlocal last
                steps.add((name, last, inner.f_lineno))
                last = inner.f_lineno
                return follow

            return follow

        before = sys.gettrace()
        sys.settrace(watch)
        try:
            self.promise(raw)
        except BaseException as error:
            error.add_note(f"the input was {raw!r}")
            raise
        finally:
            sys.settrace(before)
        return steps
