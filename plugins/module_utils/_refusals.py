# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The words for what IBM Cloud answers when it declines. Everything here is pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

from ansible_collections.icr.access.plugins.module_utils import (
    _causes,
    _error_body,
    _errors,
    _excerpt,
    _repeating,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_TRACE_HEADERS = ("Transaction-Id", "X-Global-Transaction-Id", "X-Correlation-Id")
_LONGEST_TRACE = 64


@dataclass(frozen=True)
class Answer:
    """One answer to what `action` names, such as `Listing the API keys of …`.

    `attempts` counts how often the request was sent until this answer was taken, at
    `received_at` seconds since the epoch.
    """

    action: str
    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    attempts: int = 1
    received_at: float = 0.0

    def document(self) -> dict:
        """The JSON object in the body. Raises `BadResponseError` when there is none."""
        document = self._parsed()
        if not isinstance(document, dict):
            raise self._unexpected("JSON object")
        return document

    def elements(self) -> list:
        """The JSON list in the body, in place of which an empty one may be written as null.
        Raises `BadResponseError` when there is none."""
        # Go, in which IBM's services are written, has null for an empty list.
        document = [] if self.body.strip() == b"null" else self._parsed()
        if not isinstance(document, list):
            raise self._unexpected("JSON list")
        return document

    def refuse_page(self) -> None:
        """Raises `BadResponseError` for a web page, which a portal in between may give with 200
        and without anything being done. For answers of which nothing else is needed."""
        if self.body.lstrip().startswith(b"<"):
            raise self._unexpected("JSON")

    def _parsed(self) -> object:
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def _unexpected(self, wanted: str) -> _errors.BadResponseError:
        what = f"no {wanted}" if self.body.strip() else "nothing"
        return _errors.BadResponseError(
            f"{self.action} failed: {_errors.without_query(self.url)} answers {self.status} with "
            f"{what} in it. Is a proxy or portal in between?",
            url=self.url,
            status=self.status,
            trace_id=trace_id_of(self, ()),
        )


def refusal(answer: Answer, secrets: tuple[str, ...] = ()) -> _errors.AccessError:
    """The error for an answer that is no success, without the secrets in any spelling.

    `AuthError` when it is about who calls, `ApiError` when the service speaks in one of its
    known shapes, else `BadResponseError`.
    """
    said = _error_body.read_error_body(answer.body, secrets)
    codes = (said.code, *other_codes(answer.body))
    is_known = bool(str(said)) and _is_object(answer.body)
    cause = _causes.find_cause(answer.status, codes) if is_known else None
    kind: type[_errors.AccessError] = (
        _errors.ApiError if is_known else _errors.BadResponseError
    )
    if cause is not None and cause.is_caller:
        kind = _errors.AuthError
    said = replace(said, trace_id=said.trace_id or trace_id_of(answer, secrets))
    parts = [
        f"{answer.action} failed: {_errors.without_query(answer.url)} answers {answer.status}"
        f"{_times(answer)}{_told(said, codes, secrets)}",
        _about_pause(answer, secrets),
        str(cause or "") if is_known else _meaning(answer.status),
        f"Request id: {said.trace_id}." if said.trace_id else "",
    ]
    error = kind(
        " ".join(part for part in parts if part),
        url=answer.url,
        status=answer.status,
        code=said.code,
        trace_id=said.trace_id,
    )
    error.details = _of_first_error(answer.body, "details")
    return error


def with_advice(error: _errors.AccessError, advice: str) -> _errors.AccessError:
    """The same error with other words on why and what to do, for a call in which status and
    code mean something of their own. Left as it is when no service of IBM Cloud spoke."""
    if not isinstance(error, _errors.ApiError) or error.status is None:
        return error
    general = str(_causes.find_cause(error.status, (error.code,)) or "")
    told = str(error)
    is_told = general and general in told
    return type(error)(
        told.replace(general, advice) if is_told else f"{told} {advice}",
        url=error.url,
        status=error.status,
        code=error.code,
        trace_id=error.trace_id,
    )


def other_codes(body: bytes) -> tuple[str, ...]:
    """The `message_code` of IAM's errors, which stands beside `code`."""
    code = _of_first_error(body, "message_code")
    return (code,) if isinstance(code, str) and code else ()


def _of_first_error(body: bytes, name: str) -> object:
    try:
        return json.loads(body)["errors"][0][name]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return None


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False


def trace_id_of(answer: Answer, secrets: tuple[str, ...]) -> str | None:
    """What IBM's support asks for, from the headers."""
    for name in _TRACE_HEADERS:
        value = answer.headers.get(name)
        if value:
            return _excerpt.excerpt(value, secrets)[:_LONGEST_TRACE]
    return None


def _times(answer: Answer) -> str:
    return f" (tried {answer.attempts} times)" if answer.attempts > 1 else ""


def _told(
    said: _error_body.ErrorBody, codes: tuple[str | None, ...], secrets: tuple[str, ...]
) -> str:
    if not str(said):
        return "."
    known = dict.fromkeys(
        _excerpt.excerpt(code, secrets)[:64] for code in codes if code
    )
    head = f"{' '.join(known)}: " if known else ""
    return f": {head}{said.message.rstrip('.') or 'no reason given'}."


def _about_pause(answer: Answer, secrets: tuple[str, ...]) -> str:
    asked = answer.headers.get("Retry-After") or ""
    if (
        _repeating.retry_after(asked, answer.received_at) or 0
    ) <= _repeating.LONGEST_PAUSE:
        return ""
    return (
        f"It wants to be left alone longer than {_repeating.LONGEST_PAUSE:g} seconds "
        f"(Retry-After: {_excerpt.excerpt(asked, secrets)})."
    )


def _meaning(status: int) -> str:
    if 300 <= status < 400:
        return "Redirects are not followed; name the host that answers itself."
    if status == 429:
        return "Too many requests in a short time. Try later or raise retries."
    if status >= 500:
        return "The service is overloaded or out of order. Try later or raise retries."
    return "IBM Cloud does not answer like this. Is a proxy or portal in between?"
