# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""JSON Web Tokens: RS256 for IAM and the registries, HS256 for the registry tokens of old.

Sources: RFC 7515, RFC 7519; the key id that CNCF Distribution 2.8 looks for is libtrust's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_KEY_SIZE = 2048
_PUBLIC_EXPONENT = 65537

Claims = dict[str, object]


class TokenError(Exception):
    """The text is not a token, or not one of ours, or no longer valid."""


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise TokenError("not base64url") from error


def _json(value: Claims) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _parts(token: str) -> tuple[bytes, Claims, Claims, bytes]:
    pieces = token.split(".")
    if len(pieces) != 3 or not token.isascii():
        raise TokenError("a token has three parts")
    try:
        header, claims = json.loads(_decode(pieces[0])), json.loads(_decode(pieces[1]))
    except ValueError as error:
        raise TokenError("not JSON") from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise TokenError("not a JSON object")
    return f"{pieces[0]}.{pieces[1]}".encode(), header, claims, _decode(pieces[2])


def check_times(claims: Claims, now: float) -> None:
    """Raises TokenError unless `exp` lies ahead. Pure."""
    expiry = claims.get("exp")
    if not isinstance(expiry, (int, float)) or expiry <= now:
        raise TokenError("expired")


class SigningKey:
    """An RSA key that signs tokens and knows its own again."""

    def __init__(self) -> None:
        self.private_key = rsa.generate_private_key(_PUBLIC_EXPONENT, _KEY_SIZE)
        self._public_key = self.private_key.public_key()
        self.key_id = libtrust_fingerprint(self._public_key)
        header = _json({"typ": "JWT", "alg": "RS256", "kid": self.key_id})
        self._header = _encode(header)

    def sign(self, claims: Claims) -> str:
        signed = f"{self._header}.{_encode(_json(claims))}"
        signature = self.private_key.sign(signed.encode(), padding.PKCS1v15(), SHA256())
        return f"{signed}.{_encode(signature)}"

    def claims_of(self, token: str, now: float) -> Claims:
        """The claims of a token of ours. Raises TokenError when forged or expired."""
        signed, header, claims, signature = _parts(token)
        if header.get("alg") != "RS256":
            raise TokenError("not signed with RS256")
        try:
            self._public_key.verify(signature, signed, padding.PKCS1v15(), SHA256())
        except InvalidSignature as error:
            raise TokenError("not signed by this service") from error
        check_times(claims, now)
        return claims

    def as_jwk(self) -> dict[str, str]:
        """The public half, as a key set publishes it."""
        numbers = self._public_key.public_numbers()
        modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
        exponent = numbers.e.to_bytes(3, "big")
        return {
            "kty": "RSA",
            "n": _encode(modulus),
            "e": _encode(exponent),
            "alg": "RS256",
            "kid": self.key_id,
        }


def libtrust_fingerprint(key: rsa.RSAPublicKey) -> str:
    """The key id by which CNCF Distribution 2.8 finds the certificate of a token. Pure."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    text = base64.b32encode(hashlib.sha256(der).digest()[:30]).decode("ascii")
    return ":".join(text[start : start + 4] for start in range(0, len(text), 4))


def sign_hs256(claims: Claims, secret: bytes) -> str:
    signed = (
        f"{_encode(_json({'alg': 'HS256', 'typ': 'JWT'}))}.{_encode(_json(claims))}"
    )
    signature = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_encode(signature)}"
