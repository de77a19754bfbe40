# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Making, replacing and removing a registry token of the kind that IBM ended: the only place
that writes."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _plan,
    _registry_api,
    _registry_token_plan,
    _registry_tokens,
    _token_wanted,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.icr.access.plugins.module_utils import (
        _clients,
        _registries,
        _registry_tokens,
        _token_wanted,
    )


class RegistryTokenChange:
    """What has to be done about the token that is meant; reads only, until `apply`.

    Raises what the calls and `plan` raise.
    """

    username = _registry_tokens.USERNAME
    warnings: tuple[str, ...] = ()

    def __init__(
        self,
        clients: _clients.Clients,
        registry: _registries.Registry,
        want: _token_wanted.Wanted,
    ) -> None:
        if want.namespaces is not None:
            raise _errors.InputError(
                "namespaces is for backend iam: a token of backend registry opens all namespaces "
                "of its region."
            )
        self._want = want
        self._api = _registry_api.RegistryApi(
            clients.caller, registry, clients.account_id()
        )
        listing = self._api.list_tokens()
        self._known = listing.tokens
        self._current = _registry_token_plan.find_token(
            listing.tokens, want, listing.now
        )
        self.step = _registry_token_plan.plan(self._current, want, listing.now)

    def diff(self) -> dict[str, dict[str, object]]:
        """What Ansible's diff mode shows."""
        return self.step.diff()

    def predicted(self) -> _token_wanted.Outcome:
        """What `apply` will give, as far as it can be told beforehand."""
        value = None
        if not self.step.is_change and self._current is not None:
            value = value_of(self._current, self._api)
        told = self.step.after or self.step.before or _token_wanted.NO_TOKEN
        return _token_wanted.Outcome(told, value, self.step.is_change)

    def apply(self) -> _token_wanted.Outcome:
        """Does what was planned, and gives the token that there is then, or was."""
        if not self.step.is_change:
            return self.predicted()
        made = apply(self.step, self._current, self._want, self._api, self._known)
        if made is None:
            return _token_wanted.Outcome(self.step.before or _token_wanted.NO_TOKEN)
        return _token_wanted.Outcome(made.shown(), made.value)


def apply(
    step: _plan.Plan,
    current: _registry_tokens.RegistryToken | None,
    want: _token_wanted.Wanted,
    api: _registry_api.RegistryApi,
    known: Sequence[_registry_tokens.RegistryToken],
) -> _registry_tokens.RegistryToken | None:
    """Does what was planned. Gives the token that it made, if any.

    `known` are the tokens that were there before. Raises `AccessError` when another run has
    made one of that description at the same time; ours is removed then.
    """
    made = None
    if step.action in (_plan.CREATE, _plan.UPDATE):
        made = api.create_token(
            want.description or "",
            readwrite=want.readwrite,
            non_expiring=want.non_expiring,
        )
        rivals = find_rivals(made, want, api, known)
        if rivals:
            raise withdrawn(made, rivals, api)
    if step.action in (_plan.UPDATE, _plan.REMOVE) and current is not None:
        try:
            api.delete_token(current.id)
        except _errors.AccessError as error:
            raise (told_of_both(error, current, made) if made else error) from None
    return made


def find_rivals(
    made: _registry_tokens.RegistryToken,
    want: _token_wanted.Wanted,
    api: _registry_api.RegistryApi,
    known: Sequence[_registry_tokens.RegistryToken],
) -> list[str]:
    """The ids of tokens of that description that others have made since we looked."""
    try:
        listing = api.list_tokens()
    except _errors.AccessError:
        # A token that was made is worth more than the proof that there is no second one.
        return []
    ours = {made.id, *(token.id for token in known)}
    return sorted(
        token.id
        for token in listing.tokens
        if token.id not in ours
        and token.description == want.description
        and token.is_alive(listing.now)
    )


def withdrawn(
    made: _registry_tokens.RegistryToken,
    rivals: Sequence[str],
    api: _registry_api.RegistryApi,
) -> _errors.AccessError:
    """Removes our token again, for the error that tells why.

    Whoever sees a rival gives way, whichever is first in any order: the other run may have
    looked before ours was there, and would never know that it has to.
    """
    told = f"Another run has made token {', '.join(rivals)} of the same description at the same time"
    advice = (
        "Give the task run_once: true where several hosts run it, and run it again."
    )
    try:
        api.delete_token(made.id)
    except _errors.AccessError as error:
        return type(error)(
            f"{told}, and {made.id}, made here, could not be removed: {error} Remove it (state: "
            f"absent, token_id: {made.id}). {advice}",
            url=error.url,
            status=error.status,
            code=error.code,
            trace_id=error.trace_id,
        )
    return _errors.ApiError(
        f"{told}; {made.id}, made here, was removed again. {advice}"
    )


def told_of_both(
    error: _errors.AccessError,
    old: _registry_tokens.RegistryToken,
    new: _registry_tokens.RegistryToken,
) -> _errors.AccessError:
    """Why the old token could not be removed, and what is left behind by that. Pure."""
    return type(error)(
        f"{error} Token {new.id} has been made to take the place of {old.id}, so that both are "
        f"there now: remove the old one (state: absent, token_id: {old.id}).",
        url=error.url,
        status=error.status,
        code=error.code,
        trace_id=error.trace_id,
    )


def value_of(
    token: _registry_tokens.RegistryToken, api: _registry_api.RegistryApi
) -> str:
    """The token itself. Raises `ApiError` when it is not there any more."""
    value = api.find_value(token.id)
    if value is None:
        raise _errors.ApiError(
            f"Token {token.id} has vanished while it was looked at. Run the task again."
        )
    return value
