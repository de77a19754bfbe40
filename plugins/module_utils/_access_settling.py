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

from ansible_collections.icr.access.plugins.module_utils._access import (
    Present,
    reconcile,
    survey,
)
from ansible_collections.icr.access.plugins.module_utils._access_change import (
    Outcome,
    change_access,
)
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    ApiError,
)
from ansible_collections.icr.access.plugins.module_utils._waiting import wait_until

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ansible_collections.icr.access.plugins.module_utils._access import (
        Subject,
        Survey,
    )
    from ansible_collections.icr.access.plugins.module_utils._grants import Grant
    from ansible_collections.icr.access.plugins.module_utils._policies import Policies

# A second look finds what the first did not list; a third that nobody writes meanwhile.
_LOOKS = 3


def settle_access(
    policies: Policies,
    subject: Subject,
    wanted: Sequence[Grant],
    settled: Sequence[Present],
    *,
    patience: int | None,
    kept: str,
) -> Outcome:
    """Waits for the policies in `settled` as `await_access` does, and then looks again, a few
    times at most. Gives what that changed.

    A policy that an earlier run made may be listed now only; if it is not `wanted` it goes.
    Without waiting, or with nothing to wait for, nothing is read. Raises what `await_access`,
    `reconcile` and `change_access` raise.
    """
    done = Outcome()
    if patience is None:
        return done
    end = monotonic() + patience
    for _look in range(_LOOKS):
        left = max(0, round(end - monotonic()))
        await_access(policies, subject, settled, patience=left, kept=kept)
        if not settled:
            break
        listed = policies.list_policies(subject.account_id, subject.iam_id)
        found = with_settled(survey(listed, subject), settled)
        outcome = change_access(policies, subject, reconcile(wanted, found, subject))
        done = Outcome(
            done.written + outcome.written,
            done.met + outcome.met,
            done.removed + outcome.removed,
        )
        settled = outcome.settled
    return done


def with_settled(found: Survey, settled: Sequence[Present]) -> Survey:
    """What was listed, and what is known to be there although a list may not have it yet, or as
    it was before. Pure."""
    known = {each.policy_id for each in settled}
    listed = [each for each in found.present if each.policy_id not in known]
    return replace(found, present=(*settled, *listed))


def await_access(
    policies: Policies,
    subject: Subject,
    settled: Iterable[Present],
    *,
    patience: int | None,
    kept: str,
) -> None:
    """Waits until each of these policies can be read as it was written; `patience` and `kept` are
    those of `wait_until`, whose error it raises, as well as those of the calls."""
    pending = list(settled)

    def attempt() -> AccessError | None:
        while pending:
            policy = policies.find_policy(pending[0].policy_id)
            found = survey([policy] if policy else [], subject)
            if pending[0] not in found.present:
                state = "as it was before" if policy else "not there"
                return ApiError(
                    f"Policy {pending[0].policy_id} ({pending[0].grant}) is {state}."
                )
            del pending[0]
        return None

    if pending:
        wait_until(
            attempt,
            patience,
            awaited=f"the policies of {subject.label} to be shown",
            kept=kept,
        )
