# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Telling the user why no login of a task was written, without a secret in it."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils._errors import AccessError
from ansible_collections.icr.access.plugins.module_utils._verification import (
    Verification,
    find_objection,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.icr.access.plugins.module_utils._login_plan import Step


def failure_of(steps: Sequence[Step], verification: Verification) -> AccessError:
    """The error that lists each registry with its outcome, of which one at least objects.
    Pure."""
    outcomes = [verification.of(step) for step in steps]
    decisive = next(each for each in outcomes if find_objection(each) is not None)
    told: dict[str, str] = {}
    for step, outcome in zip(steps, outcomes):
        objection = find_objection(outcome)
        if objection is not None or step.registry.host not in told:
            unproven = getattr(outcome, "reason", "")
            told[step.registry.host] = objection or unproven or "The login is accepted."
    listed = " ".join(_sentence(host, text) for host, text in told.items())
    return AccessError(
        f"Nothing was written. {listed}",
        url=decisive.url,
        status=decisive.status,
        code=decisive.code,
        trace_id=decisive.trace_id,
    )


def _sentence(host: str, text: str) -> str:
    named = text if host in text else f"{host}: {text}"
    return named if named.endswith((".", "?")) else f"{named}."
