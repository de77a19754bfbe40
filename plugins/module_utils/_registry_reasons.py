# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The words for what a registry answers when it does not accept. Pure."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from ansible_collections.icr.access.plugins.module_utils import (
    _error_body,
    _errors,
    _excerpt,
    _http,
    _repeating,
    _verdict,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.icr.access.plugins.module_utils import _challenge

_TRACE_HEADERS = (
    "X-Global-Transaction-Id",
    "Transaction-Id",
    "X-Request-Id",
    "X-Correlation-Id",
)
_LIKELY = {
    "iamapikey": "the API key is wrong, deleted, disabled or expired, or its account is "
    "not active",
    "iambearer": "the access token is expired (it lives an hour at most) or not one of IAM",
    "iamrefresh": "the refresh token is expired or its session has ended; log in with an API key",
    "token": "registry tokens are not accepted since 2021-08-19; use an API key (iamapikey)",
    "cp": "the entitlement key is wrong or no longer valid",
}
_LIKELY_PROFILE = (
    "the API key is not one of a service ID that may assume this trusted profile, or is no "
    "longer valid"
)
_LIKELY_OTHER = "the user name or the password is wrong"


def unproven(
    base: str,
    credential: _verdict.Credential,
    permissions: dict[str, dict[str, bool | None]],
) -> _verdict.Verdict:
    """What an open registry proves of a credential. Pure."""
    return _verdict.Verdict(
        None,
        f"{base} answers without asking for credentials, so it cannot be told whether those of "
        f"{credential.username} are right.",
        permissions,
    )


def unanswerable(
    answer: _http.Answer, challenges: Sequence[_challenge.Challenge]
) -> _errors.BadResponseError:
    """The error about an answer 401 to which no client has an answer. Pure."""
    asked = _excerpt.excerpt(", ".join(sorted({each.scheme for each in challenges})))
    return _errors.BadResponseError(
        f"{answer.method} {_errors.without_query(answer.url)} answers 401 and asks for "
        f"{asked or 'nothing'}; a registry asks for Bearer with a realm, or for Basic.",
        url=answer.url,
        status=answer.status,
    )


def refused(
    base: str,
    credential: _verdict.Credential,
    answer: _http.Answer,
    secrets: tuple[str, ...],
    permissions: dict[str, dict[str, bool | None]],
) -> _verdict.Verdict:
    """The verdict on a credential that was refused by that answer: permissions are unknown."""
    said = _said(answer, secrets)
    service = urlsplit(answer.url).netloc
    registry = urlsplit(base).netloc
    by = "" if service == registry else f" by its token service {service}"
    reason = (
        f"{registry} refuses the credentials of {credential.username}{by}: {answer.status}"
        f"{_told(said).rstrip('.')}. Likely: {likely_cause(credential, answer.status, said.code)}."
    )
    return _verdict.Verdict(
        False,
        reason,
        {action: dict.fromkeys(each) for action, each in permissions.items()},
        url=_errors.without_query(answer.url),
        status=answer.status,
        code=said.code,
        trace_id=said.trace_id,
    )


def likely_cause(credential: _verdict.Credential, status: int, code: str | None) -> str:
    """What people in this position mostly find. Pure."""
    username, secret = credential.username, credential.secret
    if not secret:
        return "the secret is empty"
    if secret != secret.strip():
        return "the secret begins or ends with white space, which is sent as part of it"
    if code == "UNSUPPORTED" and username not in _LIKELY:
        return "the user name is none that this registry knows (iamapikey, iambearer, iamrefresh)"
    if status == 403:
        return "the account's permissions, network rules or quota forbid it"
    if username.startswith("Profile-"):
        return _LIKELY_PROFILE
    return _LIKELY.get(username, _LIKELY_OTHER)


def unexpected(
    answer: _http.Answer, secrets: tuple[str, ...], *, before_credentials: bool
) -> _errors.BadResponseError:
    """The error for an answer that neither accepts nor refuses. Pure."""
    said = _said(answer, secrets)
    times = f" (tried {answer.attempts} times)" if answer.attempts > 1 else ""
    return _errors.BadResponseError(
        f"{answer.method} {_errors.without_query(answer.url)} answers {answer.status}{times}: "
        f"{_meaning(answer, secrets, before_credentials=before_credentials)}{_told(said)}",
        url=answer.url,
        status=answer.status,
        code=said.code,
        trace_id=said.trace_id,
    )


def _meaning(
    answer: _http.Answer, secrets: tuple[str, ...], *, before_credentials: bool
) -> str:
    status = answer.status
    if 300 <= status < 400:
        target = urlsplit(urljoin(answer.url, answer.header("Location"))).netloc
        host = _excerpt.excerpt(target.rpartition("@")[2], secrets)
        return f"a redirect to {host}, not followed; name the host that answers itself"
    if before_credentials and status == 200:
        return "a web page, not a registry; is a portal or proxy in between?"
    if status == 429 or (status >= 500 and status != 501):
        pause = answer.header("Retry-After")
        wish = (
            f", and wants to be left alone longer than {_repeating.LONGEST_PAUSE:g} seconds "
            f"(Retry-After: {_excerpt.excerpt(pause, secrets)})"
        )
        wants = (
            _repeating.retry_after(pause, answer.received_at) or 0
        ) > _repeating.LONGEST_PAUSE
        return f"it is overloaded or out of order{wish if wants else ''}"
    if before_credentials and status == 403:
        return (
            "blocked before any credential was sent; is this host kept out by a network rule, an "
            "allowlist or private-only access?"
        )
    if before_credentials and status == 404:
        return "there is no registry at that address"
    return "a registry does not answer this"


def _told(said: _error_body.ErrorBody) -> str:
    return f". It says: {said}" if str(said) else ""


def _said(answer: _http.Answer, secrets: tuple[str, ...]) -> _error_body.ErrorBody:
    said = _error_body.read_error_body(answer.body, secrets)
    if answer.status < 300:
        said = _error_body.ErrorBody(
            trace_id=said.trace_id
        )  # a page or data, and no error
    for name in _TRACE_HEADERS:
        if said.trace_id is None and answer.header(name):
            said = replace(
                said, trace_id=_excerpt.excerpt(answer.header(name), secrets)[:64]
            )
    return said
