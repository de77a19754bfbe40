# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What has to happen for a login to be as it should be. Everything here is pure."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _authfile,
    _errors,
    _login_place,
    _named_tuple,
    _secret_content,
    _verdict,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.icr.access.plugins.module_utils import _registries


class Decision(_named_tuple.NamedTuple):
    """What becomes of one login.

    `credential` is what will be stored afterwards, None for no login. `is_kept` tells that it
    is the stored one although another was given; `changes` that something must be written.
    """

    credential: _verdict.Credential | None
    changes: bool
    is_kept: bool = False


class Step(_named_tuple.NamedTuple):
    """One login: where it is kept, what is there, what becomes of it."""

    registry: _registries.Registry
    place: _login_place.Place
    stored: _login_place.Stored
    decision: Decision


def wanted_credential(params: Mapping) -> _verdict.Credential:
    """The one credential among a module's options.

    Raises `InputError` when there is none, more than one, half of one, or one that no client
    could send.
    """
    given = [
        (username, params[option])
        for option, username in _verdict.USER_NAMES.items()
        if params[option] is not None
    ]
    if len(given) == 1 and params["username"] is params["password"] is None:
        username, secret = given[0]
        if secret and secret.isprintable() and " " not in secret:
            return _verdict.Credential(username, secret)
    # A user name with a password, or what makes no sense.
    from ansible_collections.icr.access.plugins.module_utils import _given_credential

    return _given_credential.given_credential(params)


def decide(
    stored: _login_place.Stored,
    mode: int | None,
    wanted: _verdict.Credential | None,
    *,
    now: float,
    renew_before: int,
) -> Decision:
    """What becomes of a stored login when `wanted` is asked for, or None for a log-out.

    `mode` is that of the auth file, None without one; `now` is in seconds since 1970, UTC, and
    `renew_before` in seconds.
    """
    if wanted is None:
        return Decision(None, stored.is_found)
    is_open = (
        stored.store == _login_place.FILE
        and mode is not None
        and mode != _secret_content.MODE
    )
    login = stored.login
    if login is not None and can_keep(
        login, wanted, now=now, renew_before=renew_before
    ):
        kept = _verdict.Credential(login.username or "", login.secret or "")
        return Decision(kept, is_open or not login.is_tidy, kept != wanted)
    differs = login != _authfile.Login(wanted.username, wanted.secret)
    return Decision(wanted, is_open or differs)


def plan(
    registries: tuple[_registries.Registry, ...],
    seen: list[tuple[_login_place.Place, _login_place.Seen]],
    wanted: _verdict.Credential | None,
    *,
    now: float,
    renew_before: int,
) -> list[Step]:
    """A step for each registry in each place; `now` in seconds since 1970, UTC. Pure."""
    steps = []
    for place, found in seen:
        for registry in registries:
            stored = found.stored[registry.host]
            decision = decide(
                stored, found.mode, wanted, now=now, renew_before=renew_before
            )
            if found.has_drafts:
                decision = decision._replace(changes=True)
            steps.append(Step(registry, place, stored, decision))
    return steps


def refuse_unreadable(seen: list[tuple[_login_place.Place, _login_place.Seen]]) -> None:
    """Raises `AuthFileError` if a file could not be looked at: it may hold a login. Pure."""
    for _place, found in seen:
        for reason in found.unreadable:
            raise _errors.AuthFileError(reason)


def places_to_change(steps: list[Step]) -> list[_login_place.Place]:
    """The places in which something is to be written, each once. Pure."""
    return list(dict.fromkeys(step.place for step in steps if step.decision.changes))


def can_keep(
    login: _authfile.Login,
    wanted: _verdict.Credential,
    *,
    now: float,
    renew_before: int,
) -> bool:
    """Whether a stored access token serves as well as the one that was given.

    It does while it belongs to the same identity and account and has `renew_before` left.
    """
    if (
        not login.username == wanted.username == _verdict.USER_NAMES["iam_token"]
        or login.is_token
    ):
        return False
    # Only access tokens need to be looked into.
    from ansible_collections.icr.access.plugins.module_utils import _access_token

    return _access_token.serves_as_well(
        login.secret or "", wanted.secret, now=now, renew_before=renew_before
    )
