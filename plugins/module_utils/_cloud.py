# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""HTTP with IBM Cloud: a pooled session, bounded in time and size, that repeats what is safe to
repeat and turns every refusal into an error.

It follows no redirect and reads no netrc. Trust and proxies: `_tls.find_store` and the
environment variables `HTTPS_PROXY` and `NO_PROXY`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import ssl
import time
import warnings

from ansible_collections.icr.access.plugins.module_utils import (
    _deadline,
    _errors,
    _refusals,
    _repeating,
    _requests_errors,
    _tls,
    _verdict,
    _wire,
)

# Who has not got it is told so by `_requests_errors.HAS_REQUESTS`.
with contextlib.suppress(ImportError):
    import requests
    import requests.utils

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST_BODY = 16 * 1024 * 1024
_CHUNK = 64 * 1024
# None is asked for. Of these, a piece of 64 KiB becomes 64 MiB at the worst, while others, or
# several in a row, have no such bound.
_CODINGS = ("", "identity", "gzip", "x-gzip", "deflate")


class CloudSession:
    """The connections of one conversation with IBM Cloud. Not for two threads at once.

    Use it as a context manager: its end closes the connections. The time-out of the settings
    counts for each attempt to connect; the answer has to be complete within it, too. Raises
    `InputError` when the certificates to be trusted cannot be read.
    """

    def __init__(self, settings: _verdict.Settings) -> None:
        self._settings = settings
        self._verify = store_to_verify_with(settings)
        self._session = requests.Session()
        # What it would take from the environment includes credentials of a netrc file.
        self._session.trust_env = False
        self._deadline = _deadline.Deadline()
        self._deadline.keep(self._session.adapters.values())
        self._secrets: list[str] = []

    def __enter__(self) -> CloudSession:
        return self

    def __exit__(self, *_details: object) -> None:
        self._session.close()

    def hide(self, secret: str) -> None:
        """Keep this out of every message from now on, whatever an answer contains."""
        if secret and secret not in self._secrets:
            self._secrets.append(secret)

    def send(
        self,
        method: str,
        url: str,
        *,
        action: str,
        authorization: str | None = None,
        query: Mapping[str, str] | None = None,
        document: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        can_repeat: bool = True,
    ) -> _refusals.Answer:
        """The successful answer (status 2xx) to one request with JSON or a form in it.

        `action` says in messages what was tried. Broken connections, time-outs, 429 and 5xx but
        501 are tried again as often as the settings say; without `can_repeat`, for what must not
        happen twice, only refused connections and 429 are. The pause is random below a doubling
        limit, or what `Retry-After` says up to `LONGEST_PAUSE`; a longer one ends the attempts.
        Raises the errors of `refusal`, and `TransportError` and its children.
        """
        given = {
            "User-Agent": "icr.access",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        given.update(headers or {})

        def authorize(request: requests.PreparedRequest) -> requests.PreparedRequest:
            if authorization is not None:
                request.headers["Authorization"] = authorization
            return request

        def exchange() -> requests.Response:
            return self._session.request(
                method,
                url,
                params=dict(query or {}),
                json=document,
                data=None if form is None else dict(form),
                headers=given,
                auth=authorize,
                timeout=self._settings.timeout,
                allow_redirects=False,
                stream=True,
                verify=self._verify,
                proxies=_proxies(url),
            )

        # the rules know methods: what may be repeated counts as a GET
        nature = "GET" if can_repeat else "POST"
        answer = self._repeat(
            exchange, _refusals.Answer(action, url, 0, {}, b""), nature
        )
        if not 200 <= answer.status < 300:
            raise _refusals.refusal(answer, tuple(self._secrets))
        return answer

    def _repeat(
        self,
        exchange: Callable[[], requests.Response],
        blank: _refusals.Answer,
        nature: str,
    ) -> _refusals.Answer:
        attempt = 0
        while True:
            attempt += 1
            has_more = attempt <= self._settings.retries
            try:
                answer = self._exchange(exchange, blank)
            except _errors.TransportError as error:
                if not (has_more and _repeating.is_repeatable(nature, error)):
                    raise self._told(error, blank, attempt) from None
                pause = None
            else:
                now = self._settings.now()
                pause = _repeating.retry_after(
                    answer.headers.get("Retry-After") or "", now
                )
                if not (
                    has_more
                    and _repeating.is_passing(nature, answer.status)
                    and (pause or 0) <= _repeating.LONGEST_PAUSE
                ):
                    return dataclasses.replace(
                        answer, attempts=attempt, received_at=now
                    )
            if pause is None:
                pause = self._settings.random() * _repeating.longest_back_off(attempt)
            self._settings.sleep(pause)

    def _exchange(
        self, exchange: Callable[[], requests.Response], blank: _refusals.Answer
    ) -> _refusals.Answer:
        self._deadline.moment = time.monotonic() + self._settings.timeout
        with warnings.catch_warnings():
            # Whoever sets validate_certs to false knows; a line on stderr helps nobody.
            warnings.simplefilter("ignore")
            with _requests_errors.explained(
                blank.url, self._settings.timeout
            ), exchange() as response:
                body = self._body(response, blank)
        return dataclasses.replace(
            blank, status=response.status_code, headers=response.headers, body=body
        )

    def _body(self, response: requests.Response, blank: _refusals.Answer) -> bytes:
        told = f"{blank.action} failed: {_errors.without_query(blank.url)}"
        coding = response.headers.get("Content-Encoding", "").strip().lower()
        if coding not in _CODINGS:
            raise _errors.BadResponseError(
                f"{told} compresses its answer in a way that was not asked for.",
                url=blank.url,
                status=response.status_code,
            )
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > LONGEST_BODY:
                raise _errors.BadResponseError(
                    f"{told} answers with more than {LONGEST_BODY // 1024 // 1024} MiB.",
                    url=blank.url,
                    status=response.status_code,
                )
            if time.monotonic() > self._deadline.moment:
                raise socket.timeout("timed out")
        return bytes(body)

    def _told(
        self, error: _errors.TransportError, blank: _refusals.Answer, attempts: int
    ) -> _errors.AccessError:
        told = _repeating.with_tries(str(error), attempts)
        kind = (
            _errors.BadResponseError
            if isinstance(error, _requests_errors.BrokenOffError)
            else type(error)
        )
        return kind(f"{blank.action} failed: {told}", url=blank.url)


def store_to_verify_with(settings: _verdict.Settings) -> str | bool:
    """What requests takes for trust. Its own default, a list that it brings along, is never
    used: hosts trust what their administrators put into the system's store."""
    _tls.make_trust(settings.ca_path, validate_certs=settings.validate_certs)
    if not settings.validate_certs:
        return False
    path, _source = _tls.find_store(settings.ca_path)
    system = ssl.get_default_verify_paths()
    found = path or system.cafile or system.capath
    if found is None:
        raise _errors.InputError(
            "Python knows no store of trusted certificates on this host; name one by ca_path."
        )
    return found


def _proxies(url: str) -> dict[str, str]:
    if _wire.Origin.of(url).is_loopback:
        return {}
    return dict(requests.utils.get_environ_proxies(url, no_proxy=None))
