# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What an IAM access token says of itself.

Nothing is verified here: only IBM Cloud can tell whether a token is good, and it is asked.
Source: the claims of https://cloud.ibm.com/apidocs/iam-identity-token-api.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

# ISO 8601 writes years with four digits; a date beyond them is no date that IBM Cloud gave.
_YEAR_10000 = 253402300800


@dataclass(frozen=True)
class Claims:
    """Whose token it is, for which account, until when, its own id, and since when; times in
    seconds since 1970, UTC. None for what it does not say."""

    iam_id: str | None
    account_id: str | None
    expires_at: int | None
    token_id: str | None = None
    issued_at: int | None = None


def read_claims(token: str) -> Claims | None:
    """The claims of a JSON web token, or None when this is something else. Pure."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    payload = parts[1] + "=" * (-len(parts[1]) % 4)
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload.encode("ascii")))
    except (ValueError, RecursionError):
        return None
    if not isinstance(claims, dict):
        return None
    account = claims.get("account")
    return Claims(
        _text(claims.get("iam_id")),
        _text(account.get("bss")) if isinstance(account, dict) else None,
        _time(claims.get("exp")),
        _text(claims.get("jti")),
        _time(claims.get("iat")),
    )


def serves_as_well(stored: str, given: str, *, now: float, renew_before: int) -> bool:
    """Whether a stored access token is one of the same identity and account as the given one and
    lives for another `renew_before` seconds; `now` is in seconds since 1970, UTC. Pure."""
    old, new = read_claims(stored), read_claims(given)
    if old is None or new is None or old.iam_id is None or old.expires_at is None:
        return False
    same_identity = (old.iam_id, old.account_id) == (new.iam_id, new.account_id)
    return same_identity and old.expires_at - now >= renew_before


def _time(value: object) -> int | None:
    # The limits keep out infinity, too, and what is no number.
    if isinstance(value, (int, float)) and 0 <= value < _YEAR_10000:
        return int(value)
    return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
