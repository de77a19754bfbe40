# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""A stored login that stays although another was given, as long as its registry takes it."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import _verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ansible_collections.icr.access.plugins.module_utils import (
        _errors,
        _login_plan,
        _verdict,
        _verification,
    )


def is_refused(outcome: _verdict.Verdict | _errors.AccessError) -> bool:
    """Whether a registry has said no to the login itself. Pure."""
    return isinstance(outcome, _verdict.Verdict) and outcome.accepted is False


def without_refused(
    steps: list[_login_plan.Step],
    wanted: _verdict.Credential,
    verification: _verification.Verification,
) -> list[_login_plan.Step]:
    """The steps in which a kept login that its registry refuses gives way to the new one."""
    return [
        step._replace(
            decision=step.decision._replace(
                credential=wanted, changes=True, is_kept=False
            )
        )
        if step.decision.is_kept and is_refused(verification.of(step))
        else step
        for step in steps
    ]
