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
    """Whose token it is, for which account, and until when (seconds since 1970, UTC)."""

    iam_id: str | None
    account_id: str | None
    expires_at: int | None


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
    )


def _time(value: object) -> int | None:
    # The limits keep out infinity, too, and what is no number.
    if isinstance(value, (int, float)) and 0 <= value < _YEAR_10000:
        return int(value)
    return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
