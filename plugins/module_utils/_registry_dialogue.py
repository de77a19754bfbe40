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
from urllib.parse import quote, urlencode, urljoin, urlsplit

from ansible_collections.icr.access.plugins.module_utils._challenge import (
    Challenge,
    choose,
    parse_challenges,
)
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    BadResponseError,
    excerpt,
    without_query,
)
from ansible_collections.icr.access.plugins.module_utils._http import Answer, Session
from ansible_collections.icr.access.plugins.module_utils._realm import (
    check_realm,
    is_own_host,
)
from ansible_collections.icr.access.plugins.module_utils._verdict import (
    Credential,
    Verdict,
)
from ansible_collections.icr.access.plugins.module_utils._wire import (
    NOT_THERE,
    Origin,
)

_REFUSALS = (
    400,
    401,
    403,
)  # of a credential: IBM's token service answers 400, others 401
_DENIALS = (401, 403)  # of a repository


class _RefusalError(Exception):
    """A token service or a registry does not take the credential."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class Dialogue:
    """For one use, in one thread."""

    def __init__(
        self, session: Session, credential: Credential, trusted_realms: Sequence[str]
    ) -> None:
        self._session = session
        self._credential = credential
        self._trusted_realms = trusted_realms
        self._secrets: tuple[str, ...] = (credential.secret,)
        self._base = ""
        self._challenge = Challenge("", {})  # none yet
        self._is_proven = False
        self._is_open = False  # /v2/ answers anybody, so each resource may or may not

    def hold(
        self,
        urls: Sequence[str],
        *,
        pull: Sequence[str],
        push: Sequence[str],
        try_push: bool,
    ) -> Verdict:
        """As `RegistryLogin.verify`, which has checked the arguments."""
        may_pull: dict[str, bool | None] = dict.fromkeys(pull)
        may_push: dict[str, bool | None] = dict.fromkeys(push)
        permissions = {"pull": may_pull, "push": may_push}
        try:
            self._greet(urls)
            for repository in may_pull:
                may_pull[repository] = self._may_pull(repository)
            for repository in may_push if try_push else ():
                may_push[repository] = self._may_push(repository)
        except _RefusalError as refusal:
            from ansible_collections.icr.access.plugins.module_utils._registry_reasons import (
                refused,
            )

            return refused(
                self._base, self._credential, refusal.answer, self._secrets, permissions
            )
        if self._is_proven:
            return Verdict(True, permissions=permissions)
        return Verdict(
            None,
            f"{self._base} answers without asking for credentials, so it cannot be told whether "
            f"those of {self._credential.username} are right.",
            permissions,
        )

    def _greet(self, urls: Sequence[str]) -> None:
        answer = self._first_answer(urls)
        if answer.status == 401:
            self._take_challenge(answer)
            answer = self._request("GET", "/v2/", self._authorization(None))
            if answer.status in _REFUSALS:
                raise _RefusalError(answer)
            if answer.status != 200:
                raise self._unexpected(answer)
            self._is_proven = True
        elif answer.status == 200 and not _is_page(answer.body):
            self._is_open = True
        else:
            raise self._unexpected(answer, before_credentials=True)

    def _first_answer(self, urls: Sequence[str]) -> Answer:
        for url in urls[:-1]:
            self._base = url.rstrip("/")
            try:
                return self._session.request(
                    "GET", f"{self._base}/v2/", is_last_resort=False
                )
            except NOT_THERE:
                pass  # what is wrong shows at the next, too
        self._base = urls[-1].rstrip("/")
        return self._session.request("GET", f"{self._base}/v2/")

    def _take_challenge(self, answer: Answer) -> None:
        challenges = parse_challenges(answer.all_headers("WWW-Authenticate"))
        challenge = choose(challenges)
        if challenge is None:
            asked = excerpt(", ".join(sorted({c.scheme for c in challenges})))
            raise BadResponseError(
                f"{answer.method} {without_query(answer.url)} answers 401 and asks for "
                f"{asked or 'nothing'}; a registry asks for Bearer with a realm, or for Basic.",
                url=answer.url,
                status=answer.status,
            )
        if challenge.scheme == "bearer":
            check_realm(
                challenge.parameters["realm"],
                Origin.of(self._base),
                self._trusted_realms,
            )
        self._challenge = challenge

    def _may_pull(self, repository: str) -> bool:
        scope = f"repository:{repository}:pull"
        answer, _authorization = self._ask(
            "GET", f"/v2/{quote(repository)}/tags/list?n=1", scope
        )
        if answer is None or answer.status in _DENIALS:
            return False
        if answer.status == 200 or _is_unknown_name(answer):
            return True
        raise self._unexpected(answer)

    def _may_push(self, repository: str) -> bool:
        scope = f"repository:{repository}:pull,push"
        answer, authorization = self._ask(
            "POST", f"/v2/{quote(repository)}/blobs/uploads/", scope
        )
        if answer is None or answer.status in _DENIALS:
            return False
        if answer.status == 202:
            self._cancel(answer, authorization, f"repository:{repository}:delete")
            return True
        raise self._unexpected(answer)

    def _cancel(self, opened: Answer, authorization: str | None, scope: str) -> None:
        """Best effort: registries also clear away uploads that nobody finishes."""
        location = opened.header("Location")
        if not location:
            return
        try:
            url = urljoin(opened.url, location)
            if not is_own_host(Origin.of(url), Origin.of(self._base)):
                return
            answer = self._session.request(
                "DELETE", url, authorization=authorization, retries=0
            )
            if answer.status in _DENIALS and self._challenge.scheme == "bearer":
                # CNCF Distribution counts it as a deletion, which pushers need not have
                self._session.request(
                    "DELETE",
                    url,
                    authorization=self._authorization(scope),
                    retries=0,
                )
        except (AccessError, ValueError, _RefusalError):
            return

    def _ask(
        self, method: str, path: str, scope: str
    ) -> tuple[Answer | None, str | None]:
        """The answer for a resource, None if the token service denies it, and what was sent as
        `Authorization`."""
        answer = None
        if self._is_open:
            answer = self._request(method, path)
            if answer.status != 401:
                return answer, None
            if not self._challenge.scheme:
                self._take_challenge(answer)
                self._authorization(None)
        try:
            authorization = self._authorization(scope)
        except _RefusalError:
            return None, None
        with_credential = self._request(method, path, authorization)
        if answer is not None and with_credential.status not in _REFUSALS:
            self._is_proven = True
        return with_credential, authorization

    def _authorization(self, scope: str | None) -> str:
        """The value of `Authorization` for that scope, None for none in particular."""
        if self._challenge.scheme == "basic":
            return self._basic()
        realm = urlsplit(self._challenge.parameters["realm"])
        query = {"service": self._challenge.parameters.get("service"), "scope": scope}
        asked = urlencode({k: v for k, v in query.items() if v}, quote_via=quote)
        url = realm._replace(
            query="&".join(part for part in (realm.query, asked) if part), fragment=""
        ).geturl()
        answer = self._session.request("GET", url, authorization=self._basic())
        if answer.status in _REFUSALS:
            raise _RefusalError(answer)
        if answer.status != 200:
            raise self._unexpected(answer)
        token = _read_token(answer)
        self._secrets += (token,)
        return f"Bearer {token}"

    def _basic(self) -> str:
        pair = f"{self._credential.username}:{self._credential.secret}"
        return "Basic " + base64.b64encode(pair.encode("utf-8")).decode("ascii")

    def _request(
        self, method: str, path: str, authorization: str | None = None
    ) -> Answer:
        return self._session.request(
            method, self._base + path, authorization=authorization
        )

    def _unexpected(
        self, answer: Answer, *, before_credentials: bool = False
    ) -> BadResponseError:
        from ansible_collections.icr.access.plugins.module_utils._registry_reasons import (
            unexpected,
        )

        return unexpected(answer, self._secrets, before_credentials=before_credentials)


def _is_page(body: bytes) -> bool:
    """Whether this is HTML, which no registry sends but every portal in between does. Pure."""
    return body[:200].lstrip().lower().startswith((b"<!doctype", b"<html"))


def _is_unknown_name(answer: Answer) -> bool:
    """Permitted, but there is no such repository yet: a pull would be refused otherwise. Pure."""
    return answer.status == 404 and b'"NAME_UNKNOWN"' in answer.body


def _is_visible(token: str) -> bool:
    """Whether a header can carry it: ASCII without spaces and control characters. Pure."""
    return bool(token) and token.isascii() and token.isprintable() and " " not in token


def _read_token(answer: Answer) -> str:
    """The token in a token service's answer. Raises `BadResponseError` without its text. Pure."""
    try:
        document = None if answer.is_cut else json.loads(answer.body)
    except (ValueError, RecursionError):
        document = None
    token = None
    if isinstance(document, dict):
        token = document.get("token") or document.get("access_token")
    if not isinstance(token, str) or not _is_visible(token):
        raise BadResponseError(
            f"{answer.method} {without_query(answer.url)} answers 200, but not with JSON that "
            f"holds a usable token; is a portal or proxy in between?",
            url=answer.url,
            status=answer.status,
        )
    return token
