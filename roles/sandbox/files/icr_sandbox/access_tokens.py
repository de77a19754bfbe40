# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""IAM access tokens: issued for an identity, and known again when they come back."""

from __future__ import annotations

from dataclasses import dataclass

from icr_sandbox.jwt import Claims, SigningKey, TokenError
from icr_sandbox.messages import Call
from icr_sandbox.records import Identity, Profile, ServiceId, User
from icr_sandbox.state import State

LIFETIME = 3600
ISSUER = "https://iam.cloud.ibm.com/identity"


@dataclass(frozen=True)
class Caller:
    """Who makes a call, and the id of the credential that it goes back to."""

    identity: Identity
    account_id: str
    credential: str | None

    @property
    def iam_id(self) -> str:
        return self.identity.iam_id


@dataclass(frozen=True)
class IssuedToken:
    text: str
    expires_at: int


class AccessTokens:
    """Follows the IAM token API: RS256, one hour, claims by kind of identity [documented]."""

    def __init__(self, state: State, key: SigningKey) -> None:
        self._state = state
        self.key = key

    def issue(
        self, identity: Identity, *, client_id: str, grant: str, credential: str | None
    ) -> IssuedToken:
        now = int(self._state.clock.now())
        token_id = self._state.ids.uuid()
        claims: Claims = {
            "iam_id": identity.iam_id,
            "id": identity.iam_id,
            "jti": token_id,
            **_claims_by_kind(identity),
            "iat": now,
            "exp": now + LIFETIME,
            "iss": ISSUER,
            "grant_type": grant,
            "scope": "ibm openid",
            "client_id": client_id,
            "acr": 1,
            "amr": ["pwd"],
        }
        self._state.remember_token(token_id, credential)
        return IssuedToken(self.key.sign(claims), now + LIFETIME)

    def caller_of(self, token: str) -> Caller:
        """Who the token speaks for. Raises TokenError when it is forged, expired or its
        identity is gone; a token outlives the API key that it was made from."""
        claims = self.key.claims_of(token, self._state.clock.now())
        identity = self._state.identity(str(claims.get("iam_id")))
        if identity is None or claims.get("iss") != ISSUER:
            raise TokenError("unknown identity")
        credential = self._state.credential_of(str(claims.get("jti")))
        return Caller(identity, identity.account_id, credential)

    def caller_of_call(self, call: Call) -> Caller | None:
        """The caller by the Authorization header, noted for the journal; None without such
        a header. Raises TokenError."""
        header = call.request.header("authorization")
        if header is None:
            return None
        scheme, _space, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise TokenError("not a bearer token")
        caller = self.caller_of(token.strip())
        call.note(caller.iam_id, caller.credential)
        return caller


def _claims_by_kind(identity: Identity) -> Claims:
    account: Claims = {
        "valid": True,
        "bss": identity.account_id,
        "boundary": "global",
    }
    if isinstance(identity, User):
        account["ims"] = "1000001"
        number = identity.iam_id.partition("-")[2]
        return {
            "realmid": "IBMid",
            "identifier": number,
            "sub": identity.email,
            "name": identity.name,
            "given_name": identity.name.partition(" ")[0],
            "family_name": identity.name.rpartition(" ")[2],
            "email": identity.email,
            "account": account,
            "authn": {"sub": identity.email, "iam_id": identity.iam_id},
        }
    kinds: dict[type, str] = {ServiceId: "ServiceId", Profile: "Profile"}
    return {
        "realmid": "iam",
        "identifier": identity.id,
        "sub": identity.id,
        "sub_type": kinds[type(identity)],
        "name": identity.name,
        "account": account,
        "authn": {"sub": identity.id, "iam_id": identity.iam_id},
    }
