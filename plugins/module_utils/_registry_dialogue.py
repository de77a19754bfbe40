# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""One conversation with one registry about one credential.

The sequence is that of container clients: the challenge of `/v2/`, a token or Basic, `/v2/`
again; then, for each repository, a request that changes nothing. Source: the Distribution
specification and its token authentication (https://distribution.github.io/distribution/spec/).
"""

from __future__ import annotations

import base64
import json
from typing import Sequence
from urllib.parse import quote, urlencode, urlsplit

from ansible_collections.icr.access.plugins.module_utils import (
    _challenge,
    _errors,
    _http,
    _verdict,
    _wire,
)


class Dialogue:
    """For one use, in one thread. What is not private is for `Permissions`.

    `base` is the URL that answers, `challenge` what the registry asks for, `is_proven` whether
    the credential was needed, and taken; `is_open` tells that `/v2/` answers anybody, so that
    each resource may or may not.
    """

    def __init__(
        self,
        session: _http.Session,
        credential: _verdict.Credential,
        trusted_realms: Sequence[str],
    ) -> None:
        self.session = session
        self._credential = credential
        self._trusted_realms = trusted_realms
        self._secrets: tuple[str, ...] = (credential.secret,)
        self.base = ""
        self.challenge = _challenge.Challenge("", {})  # none yet
        self.is_proven = False
        self.is_open = False

    def hold(
        self,
        urls: Sequence[str],
        *,
        pull: Sequence[str],
        push: Sequence[str],
        try_push: bool,
    ) -> _verdict.Verdict:
        """As `RegistryLogin.verify`, which has checked the arguments."""
        permissions: dict[str, dict[str, bool | None]]
        permissions = {"pull": dict.fromkeys(pull), "push": dict.fromkeys(push)}
        try:
            self._greet(urls)
            if pull or push:
                # most logins are not asked what they permit
                from ansible_collections.icr.access.plugins.module_utils import (
                    _registry_permissions,
                )

                _registry_permissions.Permissions(self).find(
                    permissions, try_push=try_push
                )
        except _verdict.RefusalError as refusal:
            from ansible_collections.icr.access.plugins.module_utils import (
                _registry_reasons,
            )

            return _registry_reasons.refused(
                self.base, self._credential, refusal.answer, self._secrets, permissions
            )
        if self.is_proven:
            return _verdict.Verdict(True, permissions=permissions)
        from ansible_collections.icr.access.plugins.module_utils import (
            _registry_reasons,
        )

        return _registry_reasons.unproven(self.base, self._credential, permissions)

    def _greet(self, urls: Sequence[str]) -> None:
        answer = self._first_answer(urls)
        if answer.status == 401:
            self.take_challenge(answer)
            answer = self.request("GET", "/v2/", self.authorization(None))
            if answer.status in _verdict.REFUSALS:
                raise _verdict.RefusalError(answer)
            if answer.status != 200:
                raise self.unexpected(answer)
            self.is_proven = True
        elif answer.status == 200 and not _is_page(answer.body):
            self.is_open = True
        else:
            raise self.unexpected(answer, before_credentials=True)

    def _first_answer(self, urls: Sequence[str]) -> _http.Answer:
        for url in urls[:-1]:
            self.base = url.rstrip("/")
            try:
                return self.session.request(
                    "GET", f"{self.base}/v2/", is_last_resort=False
                )
            except _wire.NOT_THERE:
                pass  # what is wrong shows at the next, too
        self.base = urls[-1].rstrip("/")
        return self.session.request("GET", f"{self.base}/v2/")

    def take_challenge(self, answer: _http.Answer) -> None:
        """Answer from now on to what this answer asks for. Raises `BadResponseError` if nobody
        can, or if the credential must not go where it says."""
        challenges = _challenge.parse_challenges(answer.all_headers("WWW-Authenticate"))
        challenge = _challenge.choose(challenges)
        if challenge is None:
            from ansible_collections.icr.access.plugins.module_utils import (
                _registry_reasons,
            )

            raise _registry_reasons.unanswerable(answer, challenges)
        if challenge.scheme == "bearer":
            # Basic goes nowhere else
            from ansible_collections.icr.access.plugins.module_utils import _realm

            _realm.check_realm(
                challenge.parameters["realm"],
                _wire.Origin.of(self.base),
                self._trusted_realms,
            )
        self.challenge = challenge

    def authorization(self, scope: str | None) -> str:
        """The value of `Authorization` for that scope, None for none in particular. Raises
        `RefusalError` if the token service does not take the credential, `BadResponseError`."""
        if self.challenge.scheme == "basic":
            return self._basic()
        realm = urlsplit(self.challenge.parameters["realm"])
        query = {"service": self.challenge.parameters.get("service"), "scope": scope}
        asked = urlencode({k: v for k, v in query.items() if v}, quote_via=quote)
        url = realm._replace(
            query="&".join(part for part in (realm.query, asked) if part), fragment=""
        ).geturl()
        answer = self.session.request("GET", url, authorization=self._basic())
        if answer.status in _verdict.REFUSALS:
            raise _verdict.RefusalError(answer)
        if answer.status != 200:
            raise self.unexpected(answer)
        token = _read_token(answer)
        self._secrets += (token,)
        return f"Bearer {token}"

    def _basic(self) -> str:
        pair = f"{self._credential.username}:{self._credential.secret}"
        return "Basic " + base64.b64encode(pair.encode("utf-8")).decode("ascii")

    def request(
        self, method: str, path: str, authorization: str | None = None
    ) -> _http.Answer:
        """The answer of the registry."""
        return self.session.request(
            method, self.base + path, authorization=authorization
        )

    def unexpected(
        self, answer: _http.Answer, *, before_credentials: bool = False
    ) -> _errors.BadResponseError:
        """The error about an answer that is none of those that are documented."""
        from ansible_collections.icr.access.plugins.module_utils import (
            _registry_reasons,
        )

        return _registry_reasons.unexpected(
            answer, self._secrets, before_credentials=before_credentials
        )


def _is_page(body: bytes) -> bool:
    """Whether this is HTML, which no registry sends but every portal in between does. Pure."""
    return body[:200].lstrip().lower().startswith((b"<!doctype", b"<html"))


def _is_visible(token: str) -> bool:
    """Whether a header can carry it: ASCII without spaces and control characters. Pure."""
    return bool(token) and token.isascii() and token.isprintable() and " " not in token


def _read_token(answer: _http.Answer) -> str:
    """The token in a token service's answer. Raises `BadResponseError` without its text. Pure."""
    try:
        document = None if answer.is_cut else json.loads(answer.body)
    except (ValueError, RecursionError):
        document = None
    token = None
    if isinstance(document, dict):
        token = document.get("token") or document.get("access_token")
    if not isinstance(token, str) or not _is_visible(token):
        raise _errors.BadResponseError(
            f"{answer.method} {_errors.without_query(answer.url)} answers 200, but not with JSON that "
            f"holds a usable token; is a portal or proxy in between?",
            url=answer.url,
            status=answer.status,
        )
    return token
