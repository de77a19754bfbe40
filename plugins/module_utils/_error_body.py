# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What an error body says, whichever of the known shapes it has. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from ansible_collections.icr.access.plugins.module_utils import _excerpt

_LONGEST_BODY = 64 * 1024
_LONGEST_CODE = 64


@dataclass(frozen=True)
class ErrorBody:
    """Fit to be shown: one line each, short, without secrets. Empty or None if not said."""

    message: str = ""
    code: str | None = None
    trace_id: str | None = None

    def __str__(self) -> str:
        return ": ".join(part for part in (self.code, self.message) if part)


def read_error_body(body: bytes, secrets: tuple[str, ...] = ()) -> ErrorBody:
    """What the service says, from JSON of any of its known shapes, from a page, or from text.

    The shapes: `errors` with `code`, `message`, `detail` (registry and identity services),
    `code`/`message`/`request-id` (registry API), `errorCode`/`errorMessage` (token
    service), `details` alone, `error`/`error_description` (OAuth). Pure.
    """
    text = body[:_LONGEST_BODY].decode("utf-8", "replace")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        return ErrorBody(message=_excerpt.excerpt(_without_markup(text), secrets))
    said = _first_error(document)
    message = _text(said, "message", "errorMessage", "error_description")
    detail = _text(said, "detail", "details", "errorDetails")
    if detail and detail not in message:
        message = f"{message} ({detail})" if message else detail
    code = _text(said, "code", "errorCode", "error")
    trace_id = _text(document, "request-id", "trace", "requestId") or _text(
        document.get("context"), "requestId"
    )
    return ErrorBody(
        message=_excerpt.excerpt(message, secrets),
        code=_excerpt.excerpt(code, secrets)[:_LONGEST_CODE] or None,
        trace_id=_excerpt.excerpt(trace_id, secrets)[:_LONGEST_CODE] or None,
    )


def _first_error(document: dict[str, object]) -> object:
    errors = document.get("errors")
    if isinstance(errors, list) and errors:
        return errors[0]
    error = document.get("error")
    return error if isinstance(error, dict) else document


def _text(holder: object, *names: str) -> str:
    if isinstance(holder, str):
        return holder if "message" in names else ""
    if isinstance(holder, dict):
        for name in names:
            value = holder.get(name)
            if isinstance(value, (str, int)) and str(value).strip():
                return str(value)
    return ""


def _without_markup(text: str) -> str:
    if "<" not in text:
        return text
    text = re.sub(r"(?is)<(script|style|head)\b.*?(</\1\s*>|$)", " ", text)
    return re.sub(r"<[^<>]*>", " ", text)
