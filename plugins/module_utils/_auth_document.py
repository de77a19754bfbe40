# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The JSON document in an auth file, read so strictly that it can be written back as it was."""

from __future__ import annotations

import contextlib
import json

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _secret_content,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Clients nest four levels. A limit of our own, because how deep Python can read and how deep it
# can write depends on its version and its stack: what was read must be fit to be written.
_DEEPEST = 100
_TOO_DEEP = "is nested too deeply to be an auth file"


class MalformedError(_errors.AuthFileError):
    """The document is not an auth file. The message goes on after the name of the file."""


def load(path: str) -> tuple[dict, _secret_content.Content | None]:
    """The document at `path`, empty without a file, and the content it was read from."""
    content = _secret_content.read(path)
    with naming(path):
        return parse(content.raw if content else b""), content


@contextlib.contextmanager
def naming(path: str) -> Iterator[None]:
    """Has an error about a document say which file it is."""
    try:
        yield
    except MalformedError as error:
        raise _errors.AuthFileError(
            f"{path} {error}. It was left as it is; mend or remove it first."
        ) from None


def parse(raw: bytes) -> dict:
    """The document in the bytes of an auth file; no bytes at all count as `{}`.

    Raises `MalformedError` for what is not a JSON object, and for what could not be written
    back as it was: a key that stands twice in one object, a number beyond all range. Pure.
    """
    if not raw.strip():
        return {}
    try:
        document = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_float=_float,
        )
    except RecursionError:
        raise MalformedError(_TOO_DEEP) from None
    except UnicodeDecodeError:
        raise MalformedError("is not UTF-8 text, as JSON has to be") from None
    except ValueError as error:
        # Without the document: json's own error carries the whole text along.
        raise MalformedError(f"is not valid JSON ({_place(error)})") from None
    if not isinstance(document, dict):
        raise MalformedError("holds JSON, but not an object")
    if _is_deeper_than(_DEEPEST, document):
        raise MalformedError(_TOO_DEEP)
    return document


def _object(pairs: list) -> dict:
    found: dict = {}
    for key, value in pairs:
        if key in found:
            from ansible_collections.icr.access.plugins.module_utils import _excerpt

            raise MalformedError(
                f'has the key "{_excerpt.excerpt(key)}" twice in one object, of which one would be lost'
            )
        found[key] = value
    return found


def _is_deeper_than(limit: int, document: dict) -> bool:
    level: list = [document]
    for _depth in range(limit):
        inner = [
            value.values() if isinstance(value, dict) else value for value in level
        ]
        level = [
            value
            for values in inner
            for value in values
            if value and isinstance(value, (dict, list))
        ]
        if not level:
            return False
    return True


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("a number beyond all range")
    return number


def _place(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}: {error.msg}"
    return "a number beyond all range"
