# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What has to happen for a token that is an API key to be as it should be. Everything here is
pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.icr.access.plugins.module_utils._access import (
    Step,
    Subject,
    Survey,
    reconcile,
)
from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._key_token_obstacles import (
    refuse_disabled,
    refuse_locked,
    refuse_locked_key,
    refuse_strangers,
    refuse_untold,
)
from ansible_collections.icr.access.plugins.module_utils._key_tokens import (
    Access,
    end_of,
    has_ended,
    named_keys,
    shown,
)
from ansible_collections.icr.access.plugins.module_utils._plan import (
    REMOVE,
    UPDATE,
    Plan,
)
from ansible_collections.icr.access.plugins.module_utils._token_wanted import (
    NO_TOKEN,
    predicted,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.icr.access.plugins.module_utils._identities import (
        ApiKey,
        ServiceId,
    )
    from ansible_collections.icr.access.plugins.module_utils._token_wanted import Wanted


@dataclass(frozen=True)
class Found:
    """What IBM Cloud has for a token in a region: the service ID, None if there is none, all of
    its keys, and its policies.

    The value is there for each key that is neither expired nor disabled, if it is stored.
    `elsewhere` is how many policies there are that are not on the registry.
    """

    region: str
    service_id: ServiceId | None = None
    keys: tuple[ApiKey, ...] = ()
    survey: Survey = field(default_factory=Survey)
    elsewhere: int = 0

    @property
    def tokens(self) -> list[ApiKey]:
        """The keys that are tokens, the newest first."""
        if self.service_id is None:
            return []
        return named_keys(self.service_id, self.keys)

    @property
    def access(self) -> Access:
        """What they open."""
        return Access.of(self.survey.grants, self.region)


@dataclass(frozen=True)
class TokenPlan:
    """What is to be done: `step` tells it, and the other fields are what it consists of.

    `kept` is the key that is the token, None when one is to be made or all is to go. `surplus`
    are keys that go: once the token is proven to work, or, if `step` removes it, with it.
    `access` are the changes of policies that there are already; a service ID that is still to
    be made gets all that is wanted.
    """

    step: Plan
    kept: ApiKey | None = None
    surplus: tuple[ApiKey, ...] = ()
    access: tuple[Step, ...] = ()

    @property
    def removes_service_id(self) -> bool:
        """Whether the service ID goes, and with it all that it has."""
        return self.step.action == REMOVE and self.kept is None

    def diff(self) -> dict[str, dict[str, object]]:
        """What the step tells, and which other keys go."""
        diff = self.step.diff()
        if self.surplus:
            diff["before"]["superseded"] = [key.id for key in self.surplus]
            diff["after"]["superseded"] = []
        return diff


def plan(found: Found, want: Wanted, *, account_id: str, now: float) -> TokenPlan:
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
        return TokenPlan(Plan.create(predicted(want)))
    grants = Access(want.readwrite, want.namespaces).grants(found.region)
    access = reconcile(grants, found.survey, subject_of(service_id, account_id))
    tokens = found.tokens
    kept = next((key for key in tokens if why_unfit(key, want, now) is None), None)
    surplus = tuple(key for key in tokens if key is not kept)
    for key in surplus:
        if kept is None and not has_ended(key, now):
            refuse_disabled(key)
        refuse_locked_key(key)
    after = predicted(want)
    if kept is not None:
        refuse_untold(kept)
        before = shown(kept, found.access)
        after = {**before, **_access_of(after)}
        if not access and not surplus:
            return TokenPlan(Plan.nothing(before), kept)
    refuse_locked(service_id)
    newest = kept or (tokens[0] if tokens else None)
    if newest is None:
        return TokenPlan(Plan.create(after), None, (), access)
    step = Plan(UPDATE, shown(newest, found.access), after, after)
    return TokenPlan(step, kept, surplus, access)


def why_unfit(key: ApiKey, want: Wanted, now: float) -> str | None:
    """Why a key is not the token that is wanted, to be read after its name; None when it is.
    What it opens does not count, because that can be changed."""
    if has_ended(key, now):
        return "has expired"
    if key.disabled:
        return "is disabled"
    if key.expires_at is None:
        return None if want.non_expiring else "never expires, and non_expiring is false"
    if want.non_expiring:
        return "expires, and non_expiring is true"
    end = end_of(key)
    if end is not None and end - now < want.renew_before:
        return "has less time left than renew_before asks for"
    return None


def subject_of(service_id: ServiceId, account_id: str) -> Subject:
    """Whose policies they are."""
    label = f"service ID {service_id.id} ({service_id.name})"
    return Subject(service_id.iam_id, account_id, label)


def _plan_by_id(found: Found, want: Wanted, account_id: str, now: float) -> TokenPlan:
    key = next((each for each in found.tokens if each.id == want.token_id), None)
    if key is None or found.service_id is None:
        raise InputError(
            f"There is no token {want.token_id} in region {found.region}. IBM Cloud gives the "
            f"ids: to have a token made, give description instead of token_id."
        )
    if not has_ended(key, now):
        refuse_disabled(key)
    reason = why_unfit(key, want, now)
    if reason is None:
        grants = Access(want.readwrite, want.namespaces).grants(found.region)
        subject = subject_of(found.service_id, account_id)
        if reconcile(grants, found.survey, subject):
            reason = f"opens something else: it may {_told(found.access)}"
    if reason is not None:
        raise InputError(
            f"The token {key.id} {reason}. What is named by its id is neither changed nor "
            f"replaced: to have that done, give description: {key.name} instead of token_id."
        )
    refuse_untold(key)
    return TokenPlan(Plan.nothing(shown(key, found.access)), key)


def _plan_removal(found: Found, want: Wanted, now: float) -> TokenPlan:
    service_id, tokens = found.service_id, found.tokens
    by_id = want.token_id is not None
    meant = next((key for key in tokens if want.token_id in (None, key.id)), None)
    if service_id is None or (by_id and meant is None):
        return TokenPlan(Plan.nothing(None))
    before = {**NO_TOKEN, "description": service_id.name}
    if meant is not None:
        before = shown(meant, found.access)
    others = tuple(key for key in tokens if key is not meant)
    in_use = [key for key in others if not (has_ended(key, now) or key.disabled)]
    refuse_locked(service_id)
    if by_id and in_use and meant is not None:
        refuse_locked_key(meant)
        return TokenPlan(Plan.remove(before), in_use[0], (meant,))
    for key in tokens:
        refuse_locked_key(key)
    refuse_strangers(service_id, found.keys)
    return TokenPlan(Plan.remove(before), None, others)


def _access_of(told: Mapping[str, object]) -> dict[str, object]:
    return {name: told[name] for name in ("readwrite", "namespaces")}


def _told(access: Access) -> str:
    what = "pull and push" if access.readwrite else "pull"
    if access.namespaces is None:
        return f"{what} in all namespaces"
    return f"{what} in {', '.join(access.namespaces) or 'no namespace'}"
