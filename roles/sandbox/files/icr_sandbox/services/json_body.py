# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Reading a JSON body field by field, so that nothing in it goes unnoticed."""

from __future__ import annotations

import json
from collections.abc import Callable

from icr_sandbox.messages import JSON_MEDIA_TYPE, Request
from icr_sandbox.wire_errors import RefusalError, unsupported_media_type

# From the name of a field and what is wrong with it to the refusal of that service.
Invalid = Callable[[str, str], RefusalError]


class JsonBody:
    """One JSON object. Every reader takes its field away; `done` refuses what is left."""

    def __init__(
        self, fields: dict[str, object], invalid: Invalid, where: str = ""
    ) -> None:
        self._left = dict(fields)
        self._invalid = invalid
        self._where = where

    @classmethod
    def of(cls, request: Request, family: str, invalid: Invalid) -> JsonBody:
        """Raises RefusalError: 415 for another content type, 400 for no JSON object."""
        if request.media_type() != JSON_MEDIA_TYPE:
            raise unsupported_media_type(family)
        try:
            fields = json.loads(request.body)
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            raise invalid("body", "a JSON object is expected")
        return cls(fields, invalid)

    def refuse(self, name: str, reason: str) -> RefusalError:
        return self._invalid(f"{self._where}{name}", reason)

    def has(self, name: str) -> bool:
        return self._left.get(name) is not None

    def text(self, name: str) -> str | None:
        value = self._left.pop(name, None)
        if value is not None and not isinstance(value, str):
            raise self.refuse(name, "a text is expected")
        return value

    def required_text(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise self.refuse(name, "it is missing or empty")
        return value

    def flag(self, name: str) -> bool:
        value = self._left.pop(name, None)
        if value is not None and not isinstance(value, bool):
            raise self.refuse(name, "true or false is expected")
        return bool(value)

    def whole_number(self, name: str) -> int | None:
        value = self._left.pop(name, None)
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, int)
        ):
            raise self.refuse(name, "a whole number is expected")
        return value

    def texts(self, name: str) -> list[str] | None:
        values = self._left.pop(name, None)
        if values is None:
            return None
        if not isinstance(values, list) or not all(
            isinstance(value, str) for value in values
        ):
            raise self.refuse(name, "a list of texts is expected")
        return values

    def inner(self, name: str) -> JsonBody | None:
        value = self._left.pop(name, None)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.refuse(name, "an object is expected")
        return JsonBody(value, self._invalid, f"{self._where}{name}.")

    def inners(self, name: str) -> list[JsonBody]:
        values = self._left.pop(name, None)
        if not isinstance(values, list) or not values:
            raise self.refuse(name, "a list that is not empty is expected")
        bodies = []
        for number, value in enumerate(values):
            if not isinstance(value, dict):
                raise self.refuse(name, "a list of objects is expected")
            where = f"{self._where}{name}[{number}]."
            bodies.append(JsonBody(value, self._invalid, where))
        return bodies

    def done(self, strict: bool) -> None:
        """Raises RefusalError in strict mode when a field is left that nobody read."""
        if strict and self._left:
            raise self.refuse(next(iter(self._left)), "the field is unknown")
