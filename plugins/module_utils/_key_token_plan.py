# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What has to happen for a token that is an API key to be as it should be. Everything here is
pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.icr.access.plugins.module_utils import (
    _access,
    _errors,
    _key_token_obstacles,
    _key_tokens,
    _plan,
    _token_wanted,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.icr.access.plugins.module_utils import (
        _identities,
        _token_wanted,
    )


@dataclass(frozen=True)
class Found:
    """What IBM Cloud has for a token in a region: the service ID, None if there is none, all of
    its keys, and its policies.

    The value is there for each key that is neither expired nor disabled, if it is stored.
    `elsewhere` is how many policies there are that are not on the registry.
    """

    region: str
    service_id: _identities.ServiceId | None = None
    keys: tuple[_identities.ApiKey, ...] = ()
    survey: _access.Survey = field(default_factory=_access.Survey)
    elsewhere: int = 0

    @property
    def tokens(self) -> list[_identities.ApiKey]:
        """The keys that are tokens, the newest first."""
        if self.service_id is None:
            return []
        return _key_tokens.named_keys(self.service_id, self.keys)

    @property
    def access(self) -> _key_tokens.Access:
        """What they open."""
        return _key_tokens.Access.of(self.survey.grants, self.region)


@dataclass(frozen=True)
class TokenPlan:
    """What is to be done: `step` tells it, and the other fields are what it consists of.

    `kept` is the key that is the token, None when one is to be made or all is to go. `surplus`
    are keys that go: once the token is proven to work, or, if `step` removes it, with it.
    `access` are the changes of policies that there are already; a service ID that is still to
    be made gets all that is wanted.
    """

    step: _plan.Plan
    kept: _identities.ApiKey | None = None
    surplus: tuple[_identities.ApiKey, ...] = ()
    access: tuple[_access.Step, ...] = ()

    @property
    def removes_service_id(self) -> bool:
        """Whether the service ID goes, and with it all that it has."""
        return self.step.action == _plan.REMOVE and self.kept is None

    def diff(self) -> dict[str, dict[str, object]]:
        """What the step tells, and which other keys go."""
        diff = self.step.diff()
        if self.surplus:
            diff["before"]["superseded"] = [key.id for key in self.surplus]
            diff["after"]["superseded"] = []
        return diff


def plan(
    found: Found, want: _token_wanted.Wanted, *, account_id: str, now: float
) -> TokenPlan:
    """What to do about the token that is meant; `now` is in seconds since 1970, UTC.

    Raises `InputError` when something stands in the way: see `_key_token_obstacles`, and a
    token that is named by its id and not as wanted.
    """
    if want.absent:
        return _plan_removal(found, want, now)
    service_id = found.service_id
    if want.token_id is not None:
        return _plan_by_id(found, want, account_id, now)
    if service_id is None:
        return TokenPlan(_plan.Plan.create(_token_wanted.predicted(want)))
    grants = _key_tokens.Access(want.readwrite, want.namespaces).grants(found.region)
    access = _access.reconcile(grants, found.survey, subject_of(service_id, account_id))
    tokens = found.tokens
    kept = next((key for key in tokens if why_unfit(key, want, now) is None), None)
    surplus = tuple(key for key in tokens if key is not kept)
    for key in surplus:
        if kept is None and not _key_tokens.has_ended(key, now):
            _key_token_obstacles.refuse_disabled(key)
        _key_token_obstacles.refuse_locked_key(key)
    after = _token_wanted.predicted(want)
    if kept is not None:
        _key_token_obstacles.refuse_untold(kept)
        before = _key_tokens.shown(kept, found.access)
        after = {**before, **_access_of(after)}
        if not access and not surplus:
            return TokenPlan(_plan.Plan.nothing(before), kept)
    _key_token_obstacles.refuse_locked(service_id)
    newest = kept or (tokens[0] if tokens else None)
    if newest is None:
        return TokenPlan(_plan.Plan.create(after), None, (), access)
    step = _plan.Plan(
        _plan.UPDATE, _key_tokens.shown(newest, found.access), after, after
    )
    return TokenPlan(step, kept, surplus, access)


def why_unfit(
    key: _identities.ApiKey, want: _token_wanted.Wanted, now: float
) -> str | None:
    """Why a key is not the token that is wanted, to be read after its name; None when it is.
    What it opens does not count, because that can be changed."""
    if _key_tokens.has_ended(key, now):
        return "has expired"
    if key.disabled:
        return "is disabled"
    if key.expires_at is None:
        return None if want.non_expiring else "never expires, and non_expiring is false"
    if want.non_expiring:
        return "expires, and non_expiring is true"
    end = _key_tokens.end_of(key)
    if end is not None and end - now < want.renew_before:
        return "has less time left than renew_before asks for"
    return None


def subject_of(service_id: _identities.ServiceId, account_id: str) -> _access.Subject:
    """Whose policies they are."""
    label = f"service ID {service_id.id} ({service_id.name})"
    return _access.Subject(service_id.iam_id, account_id, label)


def _plan_by_id(
    found: Found, want: _token_wanted.Wanted, account_id: str, now: float
) -> TokenPlan:
    key = next((each for each in found.tokens if each.id == want.token_id), None)
    if key is None or found.service_id is None:
        raise _errors.InputError(
            f"There is no token {want.token_id} in region {found.region}. IBM Cloud gives the "
            f"ids: to have a token made, give description instead of token_id."
        )
    if not _key_tokens.has_ended(key, now):
        _key_token_obstacles.refuse_disabled(key)
    reason = why_unfit(key, want, now)
    if reason is None:
        grants = _key_tokens.Access(want.readwrite, want.namespaces).grants(
            found.region
        )
        subject = subject_of(found.service_id, account_id)
        if _access.reconcile(grants, found.survey, subject):
            reason = f"opens something else: it may {_told(found.access)}"
    if reason is not None:
        raise _errors.InputError(
            f"The token {key.id} {reason}. What is named by its id is neither changed nor "
            f"replaced: to have that done, give description: {key.name} instead of token_id."
        )
    _key_token_obstacles.refuse_untold(key)
    return TokenPlan(_plan.Plan.nothing(_key_tokens.shown(key, found.access)), key)


def _plan_removal(found: Found, want: _token_wanted.Wanted, now: float) -> TokenPlan:
    service_id, tokens = found.service_id, found.tokens
    by_id = want.token_id is not None
    meant = next((key for key in tokens if want.token_id in (None, key.id)), None)
    if service_id is None or (by_id and meant is None):
        return TokenPlan(_plan.Plan.nothing(None))
    before = {**_token_wanted.NO_TOKEN, "description": service_id.name}
    if meant is not None:
        before = _key_tokens.shown(meant, found.access)
    others = tuple(key for key in tokens if key is not meant)
    in_use = [
        key for key in others if not (_key_tokens.has_ended(key, now) or key.disabled)
    ]
    _key_token_obstacles.refuse_locked(service_id)
    if by_id and in_use and meant is not None:
        _key_token_obstacles.refuse_locked_key(meant)
        return TokenPlan(_plan.Plan.remove(before), in_use[0], (meant,))
    for key in tokens:
        _key_token_obstacles.refuse_locked_key(key)
    _key_token_obstacles.refuse_strangers(service_id, found.keys)
    return TokenPlan(_plan.Plan.remove(before), None, others)


def _access_of(told: Mapping[str, object]) -> dict[str, object]:
    return {name: told[name] for name in ("readwrite", "namespaces")}


def _told(access: _key_tokens.Access) -> str:
    what = "pull and push" if access.readwrite else "pull"
    if access.namespaces is None:
        return f"{what} in all namespaces"
    return f"{what} in {', '.join(access.namespaces) or 'no namespace'}"
