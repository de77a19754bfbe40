# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Making the policies of an identity give what they should: the only place that writes them."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.icr.access.plugins.module_utils import (
    _access,
    _errors,
    _plan,
    _policies,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.icr.access.plugins.module_utils import (
        _access,
        _grants,
        _policies,
    )

    _Given = tuple[_access.Present, bool]

_STALE = (409, 412)


@dataclass(frozen=True)
class Outcome:
    """What was really done: less than was planned when IBM Cloud had not shown all there was.

    `written` are the policies that were made or changed, as they are now; `met` those that turned
    out to be right already; `removed` are ids.
    """

    written: tuple[_access.Present, ...] = ()
    met: tuple[_access.Present, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def is_change(self) -> bool:
        """Whether anything was done."""
        return bool(self.written or self.removed)

    @property
    def settled(self) -> tuple[_access.Present, ...]:
        """What everybody may not see yet."""
        return self.written + self.met


def change_access(
    policies: _policies.Policies,
    subject: _access.Subject,
    steps: Sequence[_access.Step],
) -> Outcome:
    """Takes the steps in their order, so that nothing is removed before all else is there.

    A policy that is in the way of a new one, because another run made it or IBM Cloud did not
    list it yet, is made what the new one was to be. One that somebody else has changed is read
    and looked at again, once. Raises the errors of the calls, saying how far it came, and
    `InputError` for a policy that has meanwhile become what a grant cannot say.
    """
    written: list[_access.Present] = []
    met: list[_access.Present] = []
    removed: list[str] = []
    for number, step in enumerate(steps):
        try:
            if step.action == _plan.REMOVE and step.policy_id is not None:
                policies.delete_policy(step.policy_id)
                removed.append(step.policy_id)
                continue
            present, is_change = _give(policies, subject, step)
        except _errors.AccessError as error:
            raise _with_progress(error, number, len(steps)) from None
        (written if is_change else met).append(present)
    return Outcome(tuple(written), tuple(met), tuple(removed))


def _give(
    policies: _policies.Policies, subject: _access.Subject, step: _access.Step
) -> _Given:
    """The policy that gives it now, and whether anything had to be done for that."""
    if step.policy_id is not None:
        policy = policies.find_policy(step.policy_id)
        if policy is not None:
            return _change(policies, subject, step.grant, policy)
    try:
        document = _access.policy_document(step.grant, subject)
        made = policies.create_policy(document, f"{subject.label}: {step.grant}")
    except _errors.AccessError as error:
        conflict = _policies.conflict_of(error)
        if conflict is None:
            raise
        policy = policies.find_policy(conflict.policy_id) or conflict.policy
        if policy is None:
            raise error.extended(
                f"IBM Cloud does not show that policy ({conflict.policy_id}) yet: run this again "
                f"in a minute."
            ) from None
        return _change(policies, subject, step.grant, policy)
    return _access.Present(made.id, step.grant), True


def _change(
    policies: _policies.Policies,
    subject: _access.Subject,
    grant: _grants.Grant,
    policy: _policies.Policy,
) -> _Given:
    try:
        return _replace_if_different(policies, subject, grant, policy)
    except _errors.AccessError as error:
        conflict = _policies.conflict_of(error)
        if conflict is not None and conflict.policy_id != policy.id:
            return _change_other(policies, subject, grant, policy, conflict.policy_id)
        # not only ApiError: a gateway may say it without JSON
        if error.status not in _STALE:
            raise
        fresh = policies.find_policy(policy.id)
        if fresh is None:
            raise
    present, _is_change = _replace_if_different(policies, subject, grant, fresh)
    # One that is right by now is so since it was sent: that answer may have been lost.
    return present, True


def _change_other(
    policies: _policies.Policies,
    subject: _access.Subject,
    grant: _grants.Grant,
    policy: _policies.Policy,
    other_id: str,
) -> _Given:
    """What `policy` was to become is there already; so that one has to go instead."""
    other = policies.find_policy(other_id)
    if other is None:
        raise _errors.InputError(
            f"Policy {policy.id} cannot be changed to {grant}: IBM Cloud says that {other_id} is "
            f"for the same, but does not show it yet. Run this again in a minute."
        )
    present, _is_change = _replace_if_different(policies, subject, grant, other)
    policies.delete_policy(policy.id)
    return present, True


def _replace_if_different(
    policies: _policies.Policies,
    subject: _access.Subject,
    grant: _grants.Grant,
    policy: _policies.Policy,
) -> _Given:
    found = _access.survey([policy], subject)
    if not found.present:
        reason = found.others[0].reason if found.others else "it is for something else"
        raise _errors.InputError(
            f"Policy {policy.id} cannot be changed to {grant} for {subject.label}: {reason}. "
            f"Somebody else has changed it meanwhile; look at it and run this again."
        )
    wanted = _access.Present(policy.id, grant)
    if wanted in found.present:
        return wanted, False
    document = _access.policy_document(grant, subject, policy.description)
    policies.replace_policy(policy.id, policy.entity_tag or "*", document)
    return wanted, True


def _with_progress(
    error: _errors.AccessError, done: int, planned: int
) -> _errors.AccessError:
    if planned < 2:
        return error
    return error.extended(
        f"{done} of {planned} changes of access were made before that; running this again makes "
        f"the others."
    )
