# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Whether IAM accepts an API key already, which it may not do in the minutes after it was made."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _waiting,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ansible_collections.icr.access.plugins.module_utils import _caller


def await_acceptance(
    caller: _caller.Caller, key_id: str, value: str, patience: int | None, *, kept: str
) -> None:
    """Waits until IAM gives an access token for the key; `patience` and `kept` are those of
    `wait_until`, whose error it raises, as well as those of the calls."""

    def attempt() -> _errors.AccessError | None:
        try:
            caller.with_key(value).access_token()
        except _errors.AuthError as error:
            return _errors.AuthError(
                f"IAM answers {error.status} ({error.code}).",
                url=error.url,
                status=error.status,
                code=error.code,
                trace_id=error.trace_id,
            )
        return None

    _waiting.wait_until(
        attempt, patience, awaited=f"IAM to accept API key {key_id}", kept=kept
    )
