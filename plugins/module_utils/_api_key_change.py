# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Making, changing and removing an API key: the only place that writes."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from time import sleep

from ansible_collections.icr.access.plugins.module_utils import (
    _api_key_plan,
    _errors,
    _wire,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ansible_collections.icr.access.plugins.module_utils import (
        _iam,
        _identities,
        _key_file,
        _plan,
    )

# IBM Cloud's default; an account can have it raised.
_MOST_KEYS = 20
_STALE = (409, 412)
_LIMIT_REACHED = (409, 422)
# In seconds: long enough for another run to see our key and to delete its own.
_PAUSES = (1, 2, 4)


def make(
    iam: _iam.Iam,
    want: _api_key_plan.Wanted,
    place: _api_key_plan.Place,
    *,
    known: Sequence[_identities.ApiKey],
    file_step: _key_file.FileStep | None,
    now: float,
    prove: Callable[[_identities.ApiKey], None] | None = None,
) -> _identities.ApiKey:
    """Makes a key, and puts its value into the file if there is one.

    `known` are the keys that the owner has already. `prove` raises when the key is not to get
    as far as the file. Until the value is where it belongs,
    whatever goes wrong or interrupts deletes the key again; so does another run that makes a
    key of the same name meanwhile. Raises the errors of the calls and of the file.
    """
    if file_step is not None:
        file_step.prove_writable()
    key = _create(iam, want, place, known, now=now)
    try:
        if key.value is None:
            raise _errors.BadResponseError(
                "IBM Cloud made the API key without telling its value."
            )
        _settle_with_twin(iam, key, place, known)
        if prove is not None:
            prove(key)
        if file_step is not None:
            file_step.write(key.value)
    except (_errors.AccessError, OSError) as error:
        raise _undone(iam, key, error) from None
    except BaseException:
        with contextlib.suppress(Exception):
            remove(iam, key)
        raise
    return key


def change(
    iam: _iam.Iam,
    current: _identities.ApiKey,
    want: _api_key_plan.Wanted,
    place: _api_key_plan.Place,
    *,
    now: float,
) -> _identities.ApiKey:
    """Makes an existing key what it should be, and gives it as it is then.

    When somebody else has changed it in the meantime it is read and looked at again, once.
    Raises the errors of the calls and of `plan`.
    """
    try:
        return _change_once(
            iam, current, _api_key_plan.plan(current, want, place, now=now)
        )
    except _errors.AccessError as error:
        # not only ApiError: a gateway may say it without JSON
        if error.status not in _STALE:
            raise
        fresh = iam.find_api_key(current.id)
        if fresh is None:
            raise
    return _change_once(iam, fresh, _api_key_plan.plan(fresh, want, place, now=now))


def remove(iam: _iam.Iam, current: _identities.ApiKey) -> None:
    """Deletes a key, unlocking it before where that is needed; `plan` has allowed it."""
    if current.locked:
        iam.set_locked(current.id, False)
    iam.delete_api_key(current.id)


def _change_once(
    iam: _iam.Iam, current: _identities.ApiKey, step: _plan.Plan
) -> _identities.ApiKey:
    changes = step.changes
    body = _api_key_plan.body_of_change(current, changes)
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


def _create(
    iam: _iam.Iam,
    want: _api_key_plan.Wanted,
    place: _api_key_plan.Place,
    known: Sequence[_identities.ApiKey],
    *,
    now: float,
) -> _identities.ApiKey:
    try:
        return iam.create_api_key(
            _api_key_plan.body_of_new_key(want, place, now=now),
            locked=bool(want.locked),
            disabled=bool(want.disabled),
        )
    except _wire.RefusedError:
        raise
    except _errors.AccessError as error:
        if not _is_final(error):
            # The answer is lost, not necessarily the request.
            lost = _what_became_of_it(iam, want, place, known)
            raise error.extended(lost) from None
        if error.status in _LIMIT_REACHED and len(known) >= _MOST_KEYS:
            raise error.extended(
                f"{place.iam_id} has {len(known)} API keys, and IBM Cloud allows {_MOST_KEYS} "
                f"unless an account's limit was raised: remove one that nobody uses.",
            ) from None
        raise


def _is_final(error: _errors.AccessError) -> bool:
    """Whether the service itself says that it did nothing."""
    status = error.status or 0
    return isinstance(error, _errors.ApiError) and 400 <= status < 500 and status != 408


def _settle_with_twin(
    iam: _iam.Iam,
    key: _identities.ApiKey,
    place: _api_key_plan.Place,
    known: Sequence[_identities.ApiKey],
) -> None:
    """Raises `InputError` when the new key has to go because another run made one, too.

    Whoever comes second sees the first. Of two runs that see each other, the one whose key has
    the lower id waits for the other to give way; if it does not, it was over before.
    """
    twins = _twins(iam, key, place, known)
    for pause in _PAUSES:
        if not twins or min(twins) < key.id:
            break
        sleep(pause)
        twins = _twins(iam, key, place, known)
    if twins:
        raise _errors.InputError(
            f"Somebody else made API key {min(twins)} of the same name and owner at the same "
            f"time; that one stays. This task was most likely run twice at once, such as once "
            f"for each host: set run_once: true."
        )


def _twins(
    iam: _iam.Iam,
    key: _identities.ApiKey,
    place: _api_key_plan.Place,
    known: Sequence[_identities.ApiKey],
) -> list[str]:
    before = {each.id for each in (*known, key)}
    try:
        keys = iam.list_api_keys(place.account_id, place.iam_id)
    except _errors.AccessError:
        # A value in hand is worth more than being sure that there is no second key.
        return []
    return [each.id for each in keys if each.name == key.name and each.id not in before]


def _undone(
    iam: _iam.Iam, key: _identities.ApiKey, reason: Exception
) -> _errors.AccessError:
    kind = (
        type(reason) if isinstance(reason, _errors.AccessError) else _errors.AccessError
    )
    try:
        remove(iam, key)
    except _errors.AccessError as error:
        return kind(
            f"{reason} API key {key.id} was made before that, its value is lost, and deleting it "
            f"again failed too: {error} Delete it (state: absent, id: {key.id})."
        )
    return kind(f"{reason} The API key made before that ({key.id}) was deleted again.")


def _what_became_of_it(
    iam: _iam.Iam,
    want: _api_key_plan.Wanted,
    place: _api_key_plan.Place,
    known: Sequence[_identities.ApiKey],
) -> str:
    """What can be found out about a key whose making ended without a proper answer."""
    before = {key.id for key in known}
    try:
        keys = iam.list_api_keys(place.account_id, place.iam_id)
    except _errors.AccessError:
        return (
            f"It is unknown whether the key was made: look for one named {want.name} and remove "
            f"it, because its value is lost."
        )
    new = [key.id for key in keys if key.name == want.name and key.id not in before]
    if not new:
        return "As far as IBM Cloud tells, the key was not made."
    found = f"Since then there is {' and '.join(sorted(new))} of that name"
    if want.is_draft:
        return f"{found}, which the next run removes or puts to use."
    if want.store_value and len(new) == 1:
        return f"{found}, and its value is stored: run this again."
    return (
        f"{found}, probably the one made here, whose value is lost with the answer: remove it "
        f"(state: absent, by its id) before you try again."
    )
