# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Telling the user what became of the logins of a task, without a secret in it."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils._errors import AccessError
from ansible_collections.icr.access.plugins.module_utils._verdict import Verdict
from ansible_collections.icr.access.plugins.module_utils._verification import (
    Verification,
    find_objection,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.icr.access.plugins.module_utils._login_place import (
        Place,
        Seen,
    )
    from ansible_collections.icr.access.plugins.module_utils._login_plan import Step


def results_of(steps: Sequence[Step], verification: Verification) -> list[dict]:
    """The elements of `registries` in the result. Pure."""
    return [_result_of(step, verification.of(step)) for step in steps]


def failure_of(steps: Sequence[Step], verification: Verification) -> AccessError | None:
    """The error that lists each registry with its outcome, when one of them objects. Pure."""
    told: dict[str, str] = {}
    decisive = None
    for step in steps:
        outcome = verification.of(step)
        objection = find_objection(outcome)
        if objection is not None:
            decisive = decisive or outcome
        if objection is not None or step.registry.host not in told:
            unproven = getattr(outcome, "reason", "")
            told[step.registry.host] = objection or unproven or "The login is accepted."
    if decisive is None:
        return None
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


def warnings_of(steps: Sequence[Step], seen: Sequence[tuple[Place, Seen]]) -> list[str]:
    """What the user should know although nothing failed. Pure."""
    found = []
    for step in steps:
        host, place, stored = step.registry.host, step.place, step.stored
        if step.decision.credential is None:
            found += [
                f"The login for {key} in {path} stays: the log-out is from {host} alone."
                for path, key in stored.parts
            ]
            continue
        found += [
            f"In {path}, the login for {key} is preferred for what lies under {key}."
            for path, key in stored.parts
        ]
        if stored.shadow:
            found.append(
                f"{stored.shadowed_by} has a login for {host} too, which {place.client} "
                f"prefers to the one in {place.path}; state=absent removes both."
            )
        if stored.ignored_helper:
            found.append(
                f"{place.client} asks the credential helper {stored.ignored_helper} for "
                f"{host} and will not read the login in {place.path}, which is kept there "
                f"because of credential_store=file."
            )
    unreadable = [
        reason for _place, found_there in seen for reason in found_there.unreadable
    ]
    barred = [
        f"{reason} Without XDG_RUNTIME_DIR, {place.client} fails there as well when "
        f"{place.user.name} uses it."
        for place, found_there in seen
        for reason in found_there.out_of_reach
    ]
    return found + [f"Not looked at: {reason}" for reason in unreadable + barred]


def _result_of(step: Step, outcome: Verdict | AccessError) -> dict:
    # An error proves nothing, and its text is the reason.
    verdict = outcome if isinstance(outcome, Verdict) else Verdict(None, str(outcome))
    credential = step.decision.credential
    return {
        "registry": step.registry.host,
        "region": step.registry.region,
        "username": credential.username if credential else None,
        "user": step.place.user.name,
        "config_path": step.place.path,
        "store": step.stored.store,
        "verified": verdict.accepted,
        "reason": find_objection(verdict) or verdict.reason or None,
        "permissions": verdict.permissions,
        "shadowed_by": step.stored.shadowed_by if credential else None,
    }
