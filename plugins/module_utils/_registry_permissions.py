# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What a credential permits in a registry, by requests that change nothing.

Source: the Distribution specification and its token authentication
(https://distribution.github.io/distribution/spec/).
"""

from __future__ import annotations

from urllib.parse import quote, urljoin

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _realm,
    _verdict,
    _wire,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ansible_collections.icr.access.plugins.module_utils import (
        _http,
        _registry_dialogue,
    )

_DENIALS = (401, 403)  # of a repository


class Permissions:
    """The questions that a dialogue goes on with once it has greeted its registry."""

    def __init__(self, dialogue: _registry_dialogue.Dialogue) -> None:
        self._dialogue = dialogue

    def find(
        self, permissions: dict[str, dict[str, bool | None]], *, try_push: bool
    ) -> None:
        """Fills in what the credential permits, `{"pull": {REPOSITORY: ...}, "push": {...}}`, as
        it is found out; without `try_push` what may be pushed stays open. Raises as `may_pull`,
        and `RefusalError`."""
        for repository in permissions["pull"]:
            permissions["pull"][repository] = self.may_pull(repository)
        for repository in permissions["push"] if try_push else ():
            permissions["push"][repository] = self.may_push(repository)

    def may_pull(self, repository: str) -> bool:
        """Whether the credential permits to pull. Raises `BadResponseError`, `TransportError`."""
        scope = f"repository:{repository}:pull"
        answer, _authorization = self._ask(
            "GET", f"/v2/{quote(repository)}/tags/list?n=1", scope
        )
        if answer is None or answer.status in _DENIALS:
            return False
        if answer.status == 200 or _is_unknown_name(answer):
            return True
        raise self._dialogue.unexpected(answer)

    def may_push(self, repository: str) -> bool:
        """Whether it permits to push: an upload is opened, and cancelled at once. Raises as
        `may_pull`."""
        scope = f"repository:{repository}:pull,push"
        answer, authorization = self._ask(
            "POST", f"/v2/{quote(repository)}/blobs/uploads/", scope
        )
        if answer is None or answer.status in _DENIALS:
            return False
        if answer.status == 202:
            self._cancel(answer, authorization, f"repository:{repository}:delete")
            return True
        raise self._dialogue.unexpected(answer)

    def _cancel(
        self, opened: _http.Answer, authorization: str | None, scope: str
    ) -> None:
        """Best effort: registries also clear away uploads that nobody finishes."""
        location = opened.header("Location")
        if not location:
            return
        try:
            url = urljoin(opened.url, location)
            if not _realm.is_own_host(
                _wire.Origin.of(url), _wire.Origin.of(self._dialogue.base)
            ):
                return
            answer = self._dialogue.session.request(
                "DELETE", url, authorization=authorization, retries=0
            )
            if (
                answer.status in _DENIALS
                and self._dialogue.challenge.scheme == "bearer"
            ):
                # CNCF Distribution counts it as a deletion, which pushers need not have
                self._dialogue.session.request(
                    "DELETE",
                    url,
                    authorization=self._dialogue.authorization(scope),
                    retries=0,
                )
        except (_errors.AccessError, ValueError, _verdict.RefusalError):
            return

    def _ask(
        self, method: str, path: str, scope: str
    ) -> tuple[_http.Answer | None, str | None]:
        """The answer for a resource, None if the token service denies it, and what was sent as
        `Authorization`."""
        answer = None
        if self._dialogue.is_open:
            answer = self._dialogue.request(method, path)
            if answer.status != 401:
                return answer, None
            if not self._dialogue.challenge.scheme:
                self._dialogue.take_challenge(answer)
                self._dialogue.authorization(None)
        try:
            authorization = self._dialogue.authorization(scope)
        except _verdict.RefusalError:
            return None, None
        with_credential = self._dialogue.request(method, path, authorization)
        if answer is not None and with_credential.status not in _verdict.REFUSALS:
            self._dialogue.is_proven = True
        return with_credential, authorization


def _is_unknown_name(answer: _http.Answer) -> bool:
    """Permitted, but there is no such repository yet: a pull would be refused otherwise. Pure."""
    return answer.status == 404 and b'"NAME_UNKNOWN"' in answer.body
