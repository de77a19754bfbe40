# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Telling the user what became of the logins of a task, without a secret in it."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _verdict,
    _verification,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.icr.access.plugins.module_utils import (
        _login_place,
        _login_plan,
    )


def results_of(
    steps: Sequence[_login_plan.Step], verification: _verification.Verification
) -> list[dict]:
    """The elements of `registries` in the result. Pure."""
    return [_result_of(step, verification.of(step)) for step in steps]


def has_warnings(
    steps: Sequence[_login_plan.Step],
    seen: Sequence[tuple[_login_place.Place, _login_place.Seen]],
) -> bool:
    """Whether `_login_warnings` has something to tell. Pure."""
    return any(found.unreadable or found.out_of_reach for _place, found in seen) or any(
        stored.parts or stored.shadow or stored.ignored_helper
        for _registry, _place, stored, _decision in steps
    )


def _result_of(
    step: _login_plan.Step, outcome: _verdict.Verdict | _errors.AccessError
) -> dict:
    # An error proves nothing, and its text is the reason.
    verdict = (
        outcome
        if isinstance(outcome, _verdict.Verdict)
        else _verdict.Verdict(None, str(outcome))
    )
    credential = step.decision.credential
    reason = verdict.reason or None
    if _verification.is_objection(verdict):
        from ansible_collections.icr.access.plugins.module_utils import (
            _login_objections,
        )

        reason = _login_objections.find_objection(verdict)
    return {
        "registry": step.registry.host,
        "region": step.registry.region,
        "username": credential.username if credential else None,
        "user": step.place.user.name,
        "config_path": step.place.path,
        "store": step.stored.store,
        "verified": verdict.accepted,
        "reason": reason,
        "permissions": verdict.permissions,
        "shadowed_by": step.stored.shadowed_by if credential else None,
    }
