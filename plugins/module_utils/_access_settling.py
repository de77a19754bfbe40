# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Waiting until the policies of an identity give what they should, and looking whether they do:
IBM Cloud lists a new policy later than it confirms it."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

from ansible_collections.icr.access.plugins.module_utils import (
    _access,
    _access_change,
    _errors,
    _waiting,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ansible_collections.icr.access.plugins.module_utils import (
        _access,
        _grants,
        _policies,
    )

# A second look finds what the first did not list; a third that nobody writes meanwhile.
_LOOKS = 3


def settle_access(
    policies: _policies.Policies,
    subject: _access.Subject,
    wanted: Sequence[_grants.Grant],
    settled: Sequence[_access.Present],
    *,
    patience: int | None,
    kept: str,
) -> _access_change.Outcome:
    """Waits for the policies in `settled` as `await_access` does, and then looks again, a few
    times at most. Gives what that changed.

    A policy that an earlier run made may be listed now only; if it is not `wanted` it goes.
    Without waiting, or with nothing to wait for, nothing is read. Raises what `await_access`,
    `reconcile` and `change_access` raise.
    """
    done = _access_change.Outcome()
    if patience is None:
        return done
    end = monotonic() + patience
    for _look in range(_LOOKS):
        left = max(0, round(end - monotonic()))
        await_access(policies, subject, settled, patience=left, kept=kept)
        if not settled:
            break
        listed = policies.list_policies(subject.account_id, subject.iam_id)
        found = with_settled(_access.survey(listed, subject), settled)
        outcome = _access_change.change_access(
            policies, subject, _access.reconcile(wanted, found, subject)
        )
        done = _access_change.Outcome(
            done.written + outcome.written,
            done.met + outcome.met,
            done.removed + outcome.removed,
        )
        settled = outcome.settled
    return done


def with_settled(
    found: _access.Survey, settled: Sequence[_access.Present]
) -> _access.Survey:
    """What was listed, and what is known to be there although a list may not have it yet, or as
    it was before. Pure."""
    known = {each.policy_id for each in settled}
    listed = [each for each in found.present if each.policy_id not in known]
    return replace(found, present=(*settled, *listed))


def await_access(
    policies: _policies.Policies,
    subject: _access.Subject,
    settled: Iterable[_access.Present],
    *,
    patience: int | None,
    kept: str,
) -> None:
    """Waits until each of these policies can be read as it was written; `patience` and `kept` are
    those of `wait_until`, whose error it raises, as well as those of the calls."""
    pending = list(settled)

    def attempt() -> _errors.AccessError | None:
        while pending:
            policy = policies.find_policy(pending[0].policy_id)
            found = _access.survey([policy] if policy else [], subject)
            if pending[0] not in found.present:
                state = "as it was before" if policy else "not there"
                return _errors.ApiError(
                    f"Policy {pending[0].policy_id} ({pending[0].grant}) is {state}."
                )
            del pending[0]
        return None

    if pending:
        _waiting.wait_until(
            attempt,
            patience,
            awaited=f"the policies of {subject.label} to be shown",
            kept=kept,
        )
