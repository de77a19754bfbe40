# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Whether a registry takes a credential, and what the credential permits.

Python's standard library alone, because this runs on hosts that have nothing else; and what a
run does not need (TLS, proxies, the words for failures) is not loaded by it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Sequence

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _verdict,
)

if TYPE_CHECKING:
    from ansible_collections.icr.access.plugins.module_utils import _tls


class RegistryLogin:
    """Asks registries. One for a whole task: all its questions trust the same.

    May be used by several threads at once.
    """

    def __init__(self, settings: _verdict.Settings) -> None:
        self._settings = settings
        self._trusted: _tls.Trust | None = None
        self._making_trust = threading.Lock()

    def verify(
        self,
        urls: Sequence[str],
        credential: _verdict.Credential,
        *,
        pull: Sequence[str] = (),
        push: Sequence[str] = (),
        try_push: bool = True,
    ) -> _verdict.Verdict:
        """Ask one registry whether it takes the credential, and what that permits.

        `urls` are base URLs of the registry; the next one is tried only when nobody listens, or
        nobody speaks TLS, at the one before. Plain http is for this machine only. `pull` and
        `push` are repositories without host and tag. A push is tried by opening an upload, which
        is cancelled at once; without `try_push` it is not, and its permission stays None.

        Raises when nothing can be concluded: `InputError` (URL, user name, repository, CA, proxy),
        `TransportError` and its children, `BadResponseError`. Sends requests, writes nothing.
        """
        _check_urls(urls)
        _check_credential(credential)
        _check_repositories((*pull, *push))
        # a run that verifies nothing need not load Python's HTTP client
        from ansible_collections.icr.access.plugins.module_utils import (
            _http,
            _registry_dialogue,
        )

        with _http.Session(self._settings, self._trust) as session:
            dialogue = _registry_dialogue.Dialogue(
                session, credential, self._settings.trusted_realms
            )
            return dialogue.hold(urls, pull=pull, push=push, try_push=try_push)

    def verify_all(
        self, jobs: Sequence[_verdict.Job]
    ) -> list[_verdict.Verdict | _errors.AccessError]:
        """The outcome of each job, in their order.

        Equal jobs are asked once; different ones side by side, each in a thread. Errors other
        than `AccessError` are raised.
        """
        outcomes: dict[_verdict.Job, _verdict.Verdict | Exception] = {}

        def ask(job: _verdict.Job) -> None:
            try:
                outcomes[job] = self.verify(
                    job.urls,
                    job.credential,
                    pull=job.pull,
                    push=job.push,
                    try_push=job.try_push,
                )
            except Exception as error:
                outcomes[job] = error

        distinct = list(dict.fromkeys(jobs))
        # an interrupted task need not wait for its threads
        threads = [
            threading.Thread(target=ask, args=(job,), daemon=True)
            for job in distinct[1:]
        ]
        for thread in threads:
            thread.start()
        for job in distinct[:1]:
            ask(job)
        for thread in threads:
            thread.join()
        return [_expected(outcomes[job]) for job in jobs]

    def _trust(self) -> _tls.Trust:
        with self._making_trust:
            if self._trusted is None:
                from ansible_collections.icr.access.plugins.module_utils import _tls

                self._trusted = _tls.make_trust(
                    self._settings.ca_path,
                    validate_certs=self._settings.validate_certs,
                )
            return self._trusted


def _expected(
    outcome: _verdict.Verdict | Exception,
) -> _verdict.Verdict | _errors.AccessError:
    if isinstance(outcome, (_verdict.Verdict, _errors.AccessError)):
        return outcome
    raise outcome


def _check_urls(urls: Sequence[str]) -> None:
    from ansible_collections.icr.access.plugins.module_utils import _wire

    if not urls:
        raise _errors.InputError("There is no URL of a registry to ask.")
    for url in urls:
        try:
            origin = _wire.Origin.of(url)
        except ValueError:
            raise _errors.InputError(
                f"{_errors.without_query(url)!r} is not the URL of a registry: give https://HOST."
            ) from None
        if origin.scheme == "http" and not origin.is_loopback:
            raise _errors.InputError(
                f"{_errors.without_query(url)} would send the credential unencrypted over the network. "
                f"Use https://; http:// is for localhost only."
            )


def _check_credential(credential: _verdict.Credential) -> None:
    username = credential.username
    if not username or ":" in username or not username.isprintable():
        raise _errors.InputError(
            "A user name cannot be empty nor hold a colon or control characters: HTTP has no "
            "way to send it."
        )
    try:
        credential.secret.encode("utf-8")
    except UnicodeEncodeError:
        raise _errors.InputError(
            f"The secret of {username} is not text: it cannot be encoded as UTF-8."
        ) from None


def _check_repositories(repositories: Sequence[str]) -> None:
    if not repositories:
        return
    from ansible_collections.icr.access.plugins.module_utils import _repositories

    for repository in repositories:
        if not _repositories.is_repository(repository):
            raise _errors.InputError(
                f"{repository!r} is not a repository: give NAMESPACE/NAME in lower case, "
                f"without host, tag and digest."
            )
