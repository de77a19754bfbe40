# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The API for registry tokens, which IBM ended: none can be made since 2019-07-01, and none is
accepted for a login since 2021-08-19.

Source: IBM's client of that time, github.com/IBM-Cloud/bluemix-go
(api/container/registryv1/tokens.go), but for its `write`, which it set to what `permanent` was.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _registry_tokens,
    _wire,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ansible_collections.icr.access.plugins.module_utils import (
        _caller,
        _refusals,
        _registries,
    )

_GONE = (404, 410)


@dataclass(frozen=True)
class Listing:
    """All tokens, without their values, and the registry's time in seconds since 1970, UTC."""

    tokens: tuple[_registry_tokens.RegistryToken, ...]
    now: float


class TokensEndedError(_errors.ApiError):
    """IBM answers that there is no such API any more."""


class RegistryApi:
    """The calls on the tokens of one account in the registry of one region.

    All raise what `Caller.call` raises, and `TokensEndedError`.
    """

    def __init__(
        self, caller: _caller.Caller, registry: _registries.Registry, account_id: str
    ) -> None:
        self._caller = caller
        self._registry = registry
        self._url = f"{registry.urls[0]}/api/v1/tokens"
        self._headers = {"Account": account_id}

    def list_tokens(self) -> Listing:
        """The account's tokens in this region, expired and revoked ones included if the
        registry still tells them."""
        answer = self._call(
            "GET", self._url, f"Listing the registry tokens of {self._registry.host}"
        )
        listed = answer.document().get("tokens")
        # Go, in which the registry was written, has null for an empty list.
        elements = [] if listed is None else listed
        try:
            tokens = tuple(
                _registry_tokens.RegistryToken.from_wire(element)
                for element in elements
            )
        except (TypeError, ValueError, OverflowError):
            raise _errors.BadResponseError(
                f"{answer.action} failed: {answer.url} answers with what is no list of tokens.",
                url=answer.url,
                status=answer.status,
            ) from None
        return Listing(tokens, _moment_of(answer))

    def find_value(self, token_id: str) -> str | None:
        """The value of the token of that id, None when it is not there any more."""
        try:
            answer = self._caller.call(
                "GET",
                self._url_of(token_id),
                action=f"Reading registry token {token_id}",
                headers=self._headers,
            )
        except _errors.AccessError as error:
            if error.status != 404:
                raise self._explained(error) from None
            return None
        value = answer.document().get("token")
        if not isinstance(value, str) or not value:
            raise _errors.BadResponseError(
                f"{answer.action} failed: {answer.url} answers without a token.",
                url=answer.url,
                status=answer.status,
            )
        self._caller.hide(value)
        return value

    def create_token(
        self, description: str, *, readwrite: bool, non_expiring: bool
    ) -> _registry_tokens.RegistryToken:
        """A new token with its value. Never asked for twice: when it cannot be known whether it
        was made, the error says so."""
        action = f"Making the registry token {description!r} in {self._registry.host}"
        try:
            answer = self._call(
                "POST",
                self._url,
                action,
                query={
                    "description": description,
                    "permanent": _flag(non_expiring),
                    "write": _flag(readwrite),
                },
                can_repeat=False,
            )
            token = _registry_tokens.RegistryToken.from_value(
                answer.document().get("token")
            )
            if token is None:
                raise _errors.BadResponseError(
                    f"{action} failed: {answer.url} answers without a token that has an id.",
                    url=answer.url,
                    status=answer.status,
                )
        except _errors.AccessError as error:
            raise _perhaps_made(error, description) from None
        self._caller.hide(token.value or "")
        return replace(token, description=description, readwrite=readwrite)

    def delete_token(self, token_id: str) -> None:
        """Remove the token of that id, and no other; one that is gone already is no error."""
        # By description the API would remove every token that has it, so it is never asked to.
        try:
            answer = self._caller.call(
                "DELETE",
                self._url_of(token_id),
                action=f"Removing registry token {token_id}",
                headers=self._headers,
            )
        except _errors.AccessError as error:
            if error.status != 404:
                raise self._explained(error) from None
            return
        answer.refuse_page()

    def _url_of(self, token_id: str) -> str:
        return f"{self._url}/{quote(token_id, safe='')}"

    def _call(
        self,
        method: str,
        url: str,
        action: str,
        *,
        query: dict[str, str] | None = None,
        can_repeat: bool = True,
    ) -> _refusals.Answer:
        try:
            return self._caller.call(
                method,
                url,
                action=action,
                query=query,
                headers=self._headers,
                can_repeat=can_repeat,
            )
        except _errors.AccessError as error:
            if error.status == 404:
                raise self._ended(error) from None
            raise self._explained(error) from None

    def _explained(self, error: _errors.AccessError) -> _errors.AccessError:
        return self._ended(error) if error.status == 410 else error

    def _ended(self, error: _errors.AccessError) -> TokensEndedError:
        region = self._registry.region
        said = f"{error.status} {error.code}" if error.code else str(error.status)
        return TokensEndedError(
            "IBM ended registry tokens: none can be made since 2019-07-01, and none is accepted "
            f"for a login since 2021-08-19 ({self._registry.host} answers {said}). Use backend "
            f"iam instead: make a token with icr.access.cr_token: {{backend: iam, region: "
            f"{region}, description: TEXT}}, and log in with icr.access.cr_login: {{region: "
            f"{region}, api_key: TOKEN}}.",
            url=error.url,
            status=error.status,
            code=error.code,
            trace_id=error.trace_id,
        )


def _moment_of(answer: _refusals.Answer) -> float:
    """The registry's own time, by which it lets tokens expire, or else ours."""
    try:
        return parsedate_to_datetime(answer.headers.get("Date") or "").timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return time.time()


def _perhaps_made(error: _errors.AccessError, description: str) -> _errors.AccessError:
    """The error, with a warning unless it shows that no token can have been made."""
    if isinstance(error, (_errors.TlsError, _wire.LastingError, *_wire.NOT_THERE)):
        return error
    status = error.status
    # 408 comes from a proxy that has lost patience, whatever the registry did.
    if status is not None and 300 <= status < 500 and status != 408:
        return error
    return type(error)(
        f"{error} A token with the description {description!r} may have been made all the same: "
        "look for it with icr.access.cr_token_info, and run the task again.",
        url=error.url,
        status=error.status,
        code=error.code,
        trace_id=error.trace_id,
    )


def _flag(value: bool) -> str:
    return "true" if value else "false"
