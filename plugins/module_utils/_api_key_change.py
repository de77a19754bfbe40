# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Making, changing and removing an API key: the only place that writes."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.icr.access.plugins.module_utils._api_key_plan import (
    Place,
    Wanted,
    body_of_change,
    body_of_new_key,
    plan,
)
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    ApiError,
)
from ansible_collections.icr.access.plugins.module_utils._wire import RefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.icr.access.plugins.module_utils._iam import Iam
    from ansible_collections.icr.access.plugins.module_utils._identities import ApiKey
    from ansible_collections.icr.access.plugins.module_utils._key_file import KeyFile
    from ansible_collections.icr.access.plugins.module_utils._plan import Plan

# IBM Cloud's default; an account can have it raised.
_MOST_KEYS = 20
_STALE = (409, 412)
_LIMIT_REACHED = (409, 422)


def make(
    iam: Iam,
    want: Wanted,
    place: Place,
    *,
    known: Sequence[ApiKey],
    key_file: KeyFile | None,
    now: float,
) -> ApiKey:
    """Makes a key, and puts its value into the file if there is one.

    `known` are the keys that the owner has already. When the value cannot be written, the key
    is deleted again. Raises the errors of the calls and of the file.
    """
    if key_file is not None:
        key_file.prove_writable()
    try:
        key = iam.create_api_key(
            body_of_new_key(want, place, now=now),
            locked=bool(want.locked),
            disabled=bool(want.disabled),
        )
    except ApiError as error:
        if error.status in _LIMIT_REACHED and len(known) >= _MOST_KEYS:
            raise _extended(
                error,
                f"{place.iam_id} has {len(known)} API keys, and IBM Cloud allows {_MOST_KEYS} "
                f"unless an account's limit was raised: remove one that nobody uses.",
            ) from None
        raise
    except RefusedError:
        raise
    except AccessError as error:
        # The answer is lost, not necessarily the request.
        raise _extended(error, _what_became_of_it(iam, want, place, known)) from None
    if key_file is not None and key.value is not None:
        try:
            key_file.write(key.value)
        except (AccessError, OSError) as error:
            raise _undone(iam, key, error) from None
    return key


def change(
    iam: Iam, current: ApiKey, want: Wanted, place: Place, *, now: float
) -> ApiKey:
    """Makes an existing key what it should be, and gives it as it is then.

    When somebody else has changed it in the meantime it is read and looked at again, once.
    Raises the errors of the calls and of `plan`.
    """
    try:
        return _change_once(iam, current, plan(current, want, place, now=now))
    except ApiError as error:
        if error.status not in _STALE:
            raise
        fresh = iam.find_api_key(current.id)
        if fresh is None:
            raise
    return _change_once(iam, fresh, plan(fresh, want, place, now=now))


def remove(iam: Iam, current: ApiKey) -> None:
    """Deletes a key, unlocking it before where that is needed; `plan` has allowed it."""
    if current.locked:
        iam.set_locked(current.id, False)
    iam.delete_api_key(current.id)


def _change_once(iam: Iam, current: ApiKey, step: Plan) -> ApiKey:
    changes = step.changes
    body = body_of_change(current, changes)
    key = current
    if changes.get("locked") is False:
        iam.set_locked(key.id, False)
        # Unlocking counts as a change and gives the key another tag.
        fresh = iam.find_api_key(key.id) if body else None
        key = fresh or replace(key, locked=False)
    if body:
        key = iam.update_api_key(key.id, key.entity_tag, body)
    disabled = changes.get("disabled")
    if isinstance(disabled, bool):
        iam.set_disabled(key.id, disabled)
        key = replace(key, disabled=disabled)
    if changes.get("locked") is True:
        iam.set_locked(key.id, True)
        key = replace(key, locked=True)
    return key


def _undone(iam: Iam, key: ApiKey, reason: Exception) -> AccessError:
    kind = type(reason) if isinstance(reason, AccessError) else AccessError
    try:
        remove(iam, key)
    except AccessError as error:
        return kind(
            f"{reason} API key {key.id} was made before that, its value is lost, and deleting it "
            f"again failed too: {error} Delete it (state: absent, id: {key.id})."
        )
    return kind(f"{reason} The API key made before that ({key.id}) was deleted again.")


def _what_became_of_it(
    iam: Iam, want: Wanted, place: Place, known: Sequence[ApiKey]
) -> str:
    """What can be found out about a key whose making ended without a proper answer."""
    before = {key.id for key in known}
    try:
        keys = iam.list_api_keys(place.account_id, place.iam_id)
    except AccessError:
        return (
            f"It is unknown whether the key was made: look for one named {want.name} and remove "
            f"it, because its value is lost."
        )
    new = [key.id for key in keys if key.name == want.name and key.id not in before]
    if not new:
        return "As far as IBM Cloud tells, the key was not made."
    return (
        f"Since then there is {' and '.join(sorted(new))} of that name, whose value is lost with "
        f"the answer: remove it (state: absent, by its id) before you try again."
    )


def _extended(error: AccessError, sentence: str) -> AccessError:
    return type(error)(
        f"{error} {sentence}",
        url=error.url,
        status=error.status,
        code=error.code,
        trace_id=error.trace_id,
    )
