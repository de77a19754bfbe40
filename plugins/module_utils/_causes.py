# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What IBM Cloud's error codes mean, and what helps. Everything here is pure.

Sources: https://cloud.ibm.com/apidocs/iam-identity-token-api,
https://cloud.ibm.com/apidocs/iam-policy-management,
https://cloud.ibm.com/docs/Registry?topic=Registry-troubleshoot-auth-req and its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Cause:
    """Why something was declined, and the cure. `is_caller`: who we are is the reason."""

    why: str
    cure: str
    is_caller: bool = False

    def __str__(self) -> str:
        return f"{self.why[:1].upper()}{self.why[1:]}. {self.cure}"


_API_KEY_UNKNOWN = Cause(
    "the API key that calls IBM Cloud is unknown: mistyped, deleted or expired",
    "Give the value of an existing key in api_key or IC_API_KEY.",
    is_caller=True,
)
_TOKEN_BAD = Cause(
    "the access token is not valid or has expired; it lives an hour at most",
    "Give api_key, or a fresh iam_token.",
    is_caller=True,
)
_FORBIDDEN = Cause(
    "the calling identity has no right to do this",
    "Give it a role in the account (Operator or higher on the IAM Identity Service for keys and "
    "service IDs, Administrator for policies, Manager on Container Registry for namespaces).",
    is_caller=True,
)
_USER_INACTIVE = Cause(
    "the user behind the API key is unknown, not active or not a member of the account",
    "Have an account owner invite or reactivate the user, or call with another key.",
    is_caller=True,
)
_SESSION_OVER = Cause(
    "the refresh token or its session has ended", "Log in again.", is_caller=True
)
_LOGIN_REFUSED = Cause(
    "IAM does not accept this kind of login", "Use an API key.", is_caller=True
)
_FIELD_WRONG = Cause(
    "a field is missing or has a value that IBM Cloud does not accept",
    "The details above name it.",
)
_NOT_FOUND = Cause(
    "there is no such object any more, or not in this account",
    "Look for its id in the account.",
)
_COLLIDED = Cause("another operation on the same object came in between", "Try again.")
_STATE = Cause(
    "the object's state forbids it; it is most likely locked",
    "Unlock it first (locked: false).",
)
_POLICY_EXISTS = Cause(
    "another policy already has the same subject and resource, or covers them",
    "Change the roles of that policy instead.",
)
_THROTTLED = Cause(
    "too many requests in a short time",
    "Try later, raise retries, or let fewer tasks run at once.",
)
_REGISTRY_CALLER = Cause(
    "the registry does not accept the access token for this account",
    "Is account_id the account of the calling key, and is that account active?",
    is_caller=True,
)

_BY_CODE = {
    # the token service
    "BXNIM0415E": _API_KEY_UNKNOWN,
    "BXNIM0462E": Cause(
        "the API key that calls IBM Cloud is disabled",
        "Have it enabled, or call with another key.",
        is_caller=True,
    ),
    "BXNIM0109E": _FIELD_WRONG,
    "BXNIM0106E": _FIELD_WRONG,
    "BXNIM0113E": _FIELD_WRONG,
    "BXNIM0410E": _USER_INACTIVE,
    "BXNIM0141E": _USER_INACTIVE,
    "BXNIM0436E": Cause(
        "the user behind the API key is suspended in the account",
        "Have an account owner reactivate the user, or call with another key.",
        is_caller=True,
    ),
    "BXNIM0407E": _SESSION_OVER,
    "BXNIM0408E": _SESSION_OVER,
    "BXNIM0439E": _SESSION_OVER,
    "BXNIM0400E": _LOGIN_REFUSED,
    "BXNIM0602E": _LOGIN_REFUSED,
    "BXNIM0608E": _LOGIN_REFUSED,
    "BXNIM0310E": _LOGIN_REFUSED,
    "BXNIM0401E": _TOKEN_BAD,
    # identities and policies
    "BXNIM0308E": _TOKEN_BAD,
    "invalid_access_token": _TOKEN_BAD,
    "invalid_token": _TOKEN_BAD,
    "BXNIM0513E": _FORBIDDEN,
    "insufficent_permissions": _FORBIDDEN,  # IBM spells it so
    "insufficient_permissions": _FORBIDDEN,
    "BXNIM0102E": _NOT_FOUND,
    "not_found": _NOT_FOUND,
    "policy_not_found": _NOT_FOUND,
    "BXNIM0105E": _COLLIDED,
    "delete_not_possible": _COLLIDED,
    "BXNIM0908E": _STATE,
    "invalid_state": _STATE,
    "policy_conflict_error": _POLICY_EXISTS,
    "role_conflict_error": _POLICY_EXISTS,
    "too_many_requests": _THROTTLED,
    # the registry's own API
    "CRG0009E": _REGISTRY_CALLER,
    "CRG0014E": _REGISTRY_CALLER,
    "CRG0020E": _FORBIDDEN,
    "CRT0002E": Cause(
        "IBM ended the creation of registry tokens on 2019-07-01 and their use on 2021-08-19",
        "Use icr.access.cr_token with backend iam.",
    ),
}
_BY_STATUS = {
    401: _TOKEN_BAD,
    403: _FORBIDDEN,
    404: _NOT_FOUND,
    412: _COLLIDED,
    429: _THROTTLED,
}


def find_cause(status: int, codes: Iterable[str | None]) -> Cause | None:
    """The cause of an answer with that status and those codes, the first known one counting;
    by the status alone when no code is known; else None."""
    for code in codes:
        if code in _BY_CODE:
            return _BY_CODE[code]
    return _BY_STATUS.get(status)
