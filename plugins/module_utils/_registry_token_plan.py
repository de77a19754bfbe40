# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What has to happen for a registry token, of the kind that IBM ended, to be as it should be.
Everything here is pure."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _plan,
    _token_wanted,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.icr.access.plugins.module_utils import (
        _registry_tokens,
        _token_wanted,
    )


def find_token(
    tokens: Sequence[_registry_tokens.RegistryToken],
    want: _token_wanted.Wanted,
    now: float,
) -> _registry_tokens.RegistryToken | None:
    """The token that is meant, None when there is none.

    Raises `InputError` when a description means several that could be used. `now` in seconds
    since 1970, UTC.
    """
    if want.token_id is not None:
        return next((token for token in tokens if token.id == want.token_id), None)
    found = [
        token
        for token in tokens
        if token.description == want.description and token.is_alive(now)
    ]
    if len(found) > 1:
        ids = ", ".join(sorted(token.id for token in found))
        raise _errors.InputError(
            f"{len(found)} tokens have the description {want.description!r}: {ids}. "
            f"{what_to_remove(found, want, now)}"
        )
    return found[0] if found else None


def what_to_remove(
    found: Sequence[_registry_tokens.RegistryToken],
    want: _token_wanted.Wanted,
    now: float,
) -> str:
    """What to do about several tokens of one description.

    When one alone is as wanted, the others are most likely what it was to replace.
    """
    unfit = [(token.id, why_unfit(token, want, now)) for token in found]
    reasons = [f"{token_id} {reason}" for token_id, reason in unfit if reason]
    if want.absent or len(reasons) != len(found) - 1:
        return "Say by token_id which one is meant, or remove what is too much."
    return f"Remove what is not as wanted (state: absent, by its token_id): {'; '.join(reasons)}."


def plan(
    current: _registry_tokens.RegistryToken | None,
    want: _token_wanted.Wanted,
    now: float,
) -> _plan.Plan:
    """What to do about the token that is meant.

    Raises `InputError` when a token that is named by its id is not there, or is not as wanted:
    whatever replaces it would have another id.
    """
    if want.absent:
        if current is None:
            return _plan.Plan.nothing(None)
        return _plan.Plan.remove(current.shown())
    if want.token_id is not None and current is None:
        raise _errors.InputError(
            f"There is no token {want.token_id} in this region. The registry gives the ids: to "
            "have a token made, give description instead of token_id."
        )
    reason = None if current is None else why_unfit(current, want, now)
    if want.token_id is not None and reason is not None:
        raise _errors.InputError(
            f"The token {want.token_id} {reason}. What takes its place would have another id: to "
            "have it replaced, give description instead of token_id."
        )
    if current is not None and reason is None:
        return _plan.Plan.nothing(current.shown())
    expected = _token_wanted.predicted(want)
    if current is None:
        return _plan.Plan.create(expected)
    return _plan.Plan(_plan.UPDATE, current.shown(), expected, expected)


def why_unfit(
    current: _registry_tokens.RegistryToken, want: _token_wanted.Wanted, now: float
) -> str | None:
    """Why a token is not as wanted, to be read after its name; None when it is."""
    if not current.is_alive(now):
        return "is revoked" if current.is_revoked else "has expired"
    if current.readwrite != want.readwrite:
        may = "may push" if current.readwrite else "may only pull"
        return f"{may}, and readwrite is {str(want.readwrite).lower()}"
    if current.expires_at is None:
        return None if want.non_expiring else "never expires, and non_expiring is false"
    if want.non_expiring:
        return "expires, and non_expiring is true"
    if current.expires_at - now < want.renew_before:
        return "has less time left than renew_before asks for"
    return None
