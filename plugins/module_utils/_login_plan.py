# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What has to happen for a login to be as it should be. Everything here is pure."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils._authfile import Login
from ansible_collections.icr.access.plugins.module_utils._errors import AuthFileError
from ansible_collections.icr.access.plugins.module_utils._login_place import (
    FILE,
    Place,
    Seen,
    Stored,
)
from ansible_collections.icr.access.plugins.module_utils._named_tuple import (
    NamedTuple,
)
from ansible_collections.icr.access.plugins.module_utils._secret_content import MODE
from ansible_collections.icr.access.plugins.module_utils._verdict import (
    USER_NAMES,
    Credential,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.icr.access.plugins.module_utils._registries import Registry


class Decision(NamedTuple):
    """What becomes of one login.

    `credential` is what will be stored afterwards, None for no login. `is_kept` tells that it
    is the stored one although another was given; `changes` that something must be written.
    """

    credential: Credential | None
    changes: bool
    is_kept: bool = False


class Step(NamedTuple):
    """One login: where it is kept, what is there, what becomes of it."""

    registry: Registry
    place: Place
    stored: Stored
    decision: Decision


def wanted_credential(params: Mapping) -> Credential:
    """The one credential among a module's options.

    Raises `InputError` when there is none, more than one, half of one, or one that no client
    could send.
    """
    given = [
        (username, params[option])
        for option, username in USER_NAMES.items()
        if params[option] is not None
    ]
    if len(given) == 1 and params["username"] is params["password"] is None:
        username, secret = given[0]
        if secret and secret.isprintable() and " " not in secret:
            return Credential(username, secret)
    # A user name with a password, or what makes no sense.
    from ansible_collections.icr.access.plugins.module_utils._given_credential import (
        given_credential,
    )

    return given_credential(params)


def decide(
    stored: Stored,
    mode: int | None,
    wanted: Credential | None,
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
    is_open = stored.store == FILE and mode is not None and mode != MODE
    login = stored.login
    if login is not None and can_keep(
        login, wanted, now=now, renew_before=renew_before
    ):
        kept = Credential(login.username or "", login.secret or "")
        return Decision(kept, is_open or not login.is_tidy, kept != wanted)
    differs = login != Login(wanted.username, wanted.secret)
    return Decision(wanted, is_open or differs)


def plan(
    registries: tuple[Registry, ...],
    seen: list[tuple[Place, Seen]],
    wanted: Credential | None,
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


def refuse_unreadable(seen: list[tuple[Place, Seen]]) -> None:
    """Raises `AuthFileError` if a file could not be looked at: it may hold a login. Pure."""
    for _place, found in seen:
        for reason in found.unreadable:
            raise AuthFileError(reason)


def places_to_change(steps: list[Step]) -> list[Place]:
    """The places in which something is to be written, each once. Pure."""
    return list(dict.fromkeys(step.place for step in steps if step.decision.changes))


def can_keep(
    login: Login, wanted: Credential, *, now: float, renew_before: int
) -> bool:
    """Whether a stored access token serves as well as the one that was given.

    It does while it belongs to the same identity and account and has `renew_before` left.
    """
    if (
        not login.username == wanted.username == USER_NAMES["iam_token"]
        or login.is_token
    ):
        return False
    # Only access tokens need to be looked into.
    from ansible_collections.icr.access.plugins.module_utils._access_token import (
        serves_as_well,
    )

    return serves_as_well(
        login.secret or "", wanted.secret, now=now, renew_before=renew_before
    )
