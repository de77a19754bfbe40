# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Why the logins of a task must not be written, without a secret in it. Pure."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _verification,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.icr.access.plugins.module_utils import (
        _login_plan,
        _verdict,
    )


def failure_of(
    steps: Sequence[_login_plan.Step], verification: _verification.Verification
) -> _errors.AccessError:
    """The error that lists each registry with its outcome; one of them objects. Pure."""
    told: dict[str, str] = {}
    outcomes = [verification.of(step) for step in steps]
    decisive = next(
        outcome for outcome in outcomes if _verification.is_objection(outcome)
    )
    for step, outcome in zip(steps, outcomes):
        objection = find_objection(outcome)
        if objection is not None or step.registry.host not in told:
            unproven = getattr(outcome, "reason", "")
            told[step.registry.host] = objection or unproven or "The login is accepted."
    listed = " ".join(_sentence(host, text) for host, text in told.items())
    return _errors.AccessError(
        f"Nothing was written. {listed}",
        url=decisive.url,
        status=decisive.status,
        code=decisive.code,
        trace_id=decisive.trace_id,
    )


def find_objection(outcome: _verdict.Verdict | _errors.AccessError) -> str | None:
    """Why a login must not be written, None when nothing speaks against it. Pure."""
    if isinstance(outcome, _errors.AccessError):
        return str(outcome)
    if outcome.accepted is False:
        return outcome.reason or "The login is refused."
    denied = [
        f"{kind} {repository}"
        for kind, repositories in outcome.permissions.items()
        for repository, is_permitted in repositories.items()
        if is_permitted is False
    ]
    if not denied:
        return None
    return (
        f"The login is accepted, but it is not permitted to {' or to '.join(denied)}."
    )


def _sentence(host: str, text: str) -> str:
    named = text if host in text else f"{host}: {text}"
    return named if named.endswith((".", "?")) else f"{named}."
