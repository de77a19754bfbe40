# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Who calls IBM Cloud: an API key that is exchanged for access tokens, or such a token itself.

Source: https://cloud.ibm.com/apidocs/iam-identity-token-api#gettoken-apikey
"""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _access_token,
    _causes,
    _errors,
    _refusals,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.icr.access.plugins.module_utils import (
        _cloud,
        _refusals,
    )

_API_KEY_GRANT = "urn:ibm:params:oauth:grant-type:apikey"
_KEY_REFUSED = (
    "IAM does not take the API key that calls IBM Cloud. Give the value of another in api_key or "
    "IC_API_KEY."
)


class Caller:
    """Calls IBM Cloud in the name of one identity. Nothing is sent before it is needed.

    Give `api_key` or `iam_token`; `iam_url` is IAM's base URL, without a path.
    """

    def __init__(
        self,
        session: _cloud.CloudSession,
        iam_url: str,
        *,
        api_key: str | None = None,
        iam_token: str | None = None,
    ) -> None:
        self._session = session
        self._iam_url = iam_url
        self._api_key = api_key
        self._token = iam_token
        for secret in (api_key, iam_token):
            self.hide(secret or "")

    def hide(self, secret: str) -> None:
        """Keep this out of every message from now on."""
        self._session.hide(secret)

    def with_key(self, api_key: str) -> Caller:
        """Another identity on the same connections, by its API key, hidden from now on."""
        return Caller(self._session, self._iam_url, api_key=api_key)

    def claims(self) -> _access_token.Claims:
        """What the access token says of the identity. May exchange the key: errors as there."""
        claims = _access_token.read_claims(self.access_token())
        if claims is None:
            raise _errors.InputError(
                "iam_token is no IAM access token: it has to be a JSON web token (eyJ…), not an "
                "API key; for the latter there is api_key."
            )
        return claims

    def iam_id(self) -> str:
        """The IAM id of the calling identity."""
        iam_id = self.claims().iam_id
        if iam_id is None:
            raise _errors.BadResponseError(
                "The access token does not say whose it is (iam_id)."
            )
        return iam_id

    def account_id(self) -> str | None:
        """The account that the access token is for, if it says so."""
        return self.claims().account_id

    def call(
        self,
        method: str,
        url: str,
        *,
        action: str,
        query: Mapping[str, str] | None = None,
        document: object = None,
        headers: Mapping[str, str] | None = None,
        can_repeat: bool = True,
    ) -> _refusals.Answer:
        """As `CloudSession.send`, with the identity's access token.

        When the token is refused with 401 and there is an API key, another token is fetched,
        once, and the call repeated: the first may have expired on the way.
        """
        may_renew = self._api_key is not None and self._token is not None
        while True:
            try:
                return self._session.send(
                    method,
                    url,
                    action=action,
                    authorization=f"Bearer {self.access_token()}",
                    query=query,
                    document=document,
                    headers=headers,
                    can_repeat=can_repeat,
                )
            except _errors.AuthError as error:
                if error.status != 401 or not may_renew:
                    raise
            may_renew = False
            self._token = None

    def access_token(self) -> str:
        """The identity's access token. May exchange the API key: raises what sending raises,
        and `AuthError` when the key is refused."""
        if self._token is None:
            self._token = self._exchange()
            self.hide(self._token)
        return self._token

    def _exchange(self) -> str:
        try:
            answer = self._session.send(
                "POST",
                f"{self._iam_url}/identity/token",
                action="Getting an access token for the API key",
                form={
                    "grant_type": _API_KEY_GRANT,
                    "response_type": "cloud_iam",
                    "apikey": self._api_key or "",
                },
            )
        except _errors.ApiError as error:
            if error.status not in (400, 401, 403):
                raise
            # All that this request holds is the key, so that the refusal is about it.
            # What the status says in general is about tokens and roles.
            general = _causes.find_cause(error.status, ())
            is_known = _causes.find_cause(error.status, (error.code,)) is not general
            raise _errors.AuthError(
                str(error if is_known else _refusals.with_advice(error, _KEY_REFUSED)),
                url=error.url,
                status=error.status,
                code=error.code,
                trace_id=error.trace_id,
            ) from None
        token = answer.document().get("access_token")
        if not isinstance(token, str) or _access_token.read_claims(token) is None:
            raise _errors.BadResponseError(
                f"{answer.action} failed: {answer.url} answers without a JSON web token in "
                f"access_token.",
                url=answer.url,
                status=answer.status,
            )
        return token
