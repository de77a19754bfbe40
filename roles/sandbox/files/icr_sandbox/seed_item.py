# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""One entry of a seed, as the control port receives it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from icr_sandbox.regions import REGIONS

Made = dict[str, object]


class SeedError(Exception):
    """The seed asks for something that is unknown or incomplete."""


class Item:
    """One entry of a seed, read field by field so that a misspelt one is noticed."""

    def __init__(self, kind: str, given: object) -> None:
        if not isinstance(given, dict):
            raise SeedError(f"{kind}: each entry is an object")
        self.kind = kind
        self._left = dict(given)

    def text(self, name: str, default: str | None = None) -> str:
        """A text that has to be there unless there is a default."""
        value = self.optional_text(name)
        if value is None:
            if default is None:
                raise SeedError(f"{self.kind}: {name} is missing")
            return default
        return value

    def optional_text(self, name: str) -> str | None:
        value = self._left.pop(name, None)
        if value is not None and (not isinstance(value, str) or not value):
            raise SeedError(f"{self.kind}: {name} is a text that is not empty")
        return value

    def has(self, name: str) -> bool:
        return name in self._left

    def one_of(self, name: str, allowed: tuple[int, ...]) -> int:
        """A number out of a few; the first of them is the default."""
        value = self._left.pop(name, allowed[0])
        if isinstance(value, bool) or value not in allowed:
            numbers = ", ".join(str(number) for number in allowed)
            raise SeedError(f"{self.kind}: {name} is one of {numbers}")
        return int(value)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self._left.pop(name, default)
        if not isinstance(value, bool):
            raise SeedError(f"{self.kind}: {name} is true or false")
        return value

    def items(self, name: str) -> list[object]:
        value = self._left.pop(name, [])
        if not isinstance(value, list):
            raise SeedError(f"{self.kind}: {name} is a list")
        return value

    def texts(self, name: str) -> list[str]:
        values = self.items(name)
        if not all(isinstance(value, str) for value in values):
            raise SeedError(f"{self.kind}: {name} is a list of texts")
        return [str(value) for value in values]

    def object(self, name: str) -> dict[str, object]:
        """An object, empty when it is not given."""
        value = self._left.pop(name, {})
        if not isinstance(value, dict):
            raise SeedError(f"{self.kind}: {name} is an object")
        return value

    def moment(self, name: str) -> float | None:
        """Epoch seconds or ISO 8601 text with an offset, UTC without one."""
        value = self._left.pop(name, None)
        return None if value is None else moment_of(value, f"{self.kind}: {name}")

    def region(self) -> str:
        region = self.text("region")
        if region not in REGIONS:
            raise SeedError(f"{self.kind}: unknown region {region}")
        return region

    def done(self) -> None:
        if self._left:
            raise SeedError(f"{self.kind}: unknown field {', '.join(self._left)}")


def make_from(kind: str, entry: object, make: Callable[[Item], Made]) -> Made:
    """What `make` makes of the entry. Raises SeedError, also for a field left unread."""
    item = Item(kind, entry)
    result = make(item)
    item.done()
    return result


def moment_of(value: object, what: str) -> float:
    """Raises SeedError for anything but a number or ISO 8601 text. Pure."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            if moment.tzinfo is None:
                moment = datetime.fromisoformat(f"{value}+00:00")
            return moment.timestamp()
    raise SeedError(f"{what} is a number of seconds or ISO 8601 text")
