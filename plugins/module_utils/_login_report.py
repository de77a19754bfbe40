# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Telling the user what became of the logins of a task, without a secret in it."""

from __future__ import annotations

import json

from ansible_collections.icr.access.plugins.module_utils._errors import AccessError
from ansible_collections.icr.access.plugins.module_utils._redaction import Fingerprints
from ansible_collections.icr.access.plugins.module_utils._secret_file import MODE
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
    results = []
    for step in steps:
        outcome = verification.of(step)
        credential = step.decision.credential
        is_verdict = not isinstance(outcome, AccessError)
        results.append(
            {
                "registry": step.registry.host,
                "region": step.registry.region,
                "username": credential.username if credential else None,
                "user": step.place.user.name,
                "config_path": step.place.path,
                "store": step.stored.store,
                "verified": outcome.accepted if is_verdict else None,
                "reason": find_objection(outcome) or getattr(outcome, "reason", None),
                "permissions": outcome.permissions if is_verdict else {},
                "shadowed_by": step.stored.shadowed_by if credential else None,
            }
        )
        results[-1]["reason"] = results[-1]["reason"] or None
    return results


def failure_of(steps: Sequence[Step], verification: Verification) -> AccessError | None:
    """The error that lists each registry with its outcome, when one of them objects. Pure."""
    objections: dict[str, str | None] = {}
    decisive = None
    for step in steps:
        outcome = verification.of(step)
        objection = find_objection(outcome)
        if objection is not None:
            decisive = decisive or outcome
        if objection is not None or step.registry.host not in objections:
            objections[step.registry.host] = objection
    if decisive is None:
        return None
    told = [
        f"{host}: {objection or 'the login is accepted.'}"
        for host, objection in objections.items()
    ]
    return AccessError(
        f"Nothing was written. {' '.join(told)}",
        url=getattr(decisive, "url", None),
        status=decisive.status,
        code=decisive.code,
        trace_id=decisive.trace_id,
    )


def warnings_of(steps: Sequence[Step], seen: Sequence[tuple[Place, Seen]]) -> list[str]:
    """What the user should know although nothing failed. Pure."""
    found = []
    for step in steps:
        host, place, stored = step.registry.host, step.place, step.stored
        if step.decision.credential is None:
            continue
        if stored.shadowed_by:
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
    return found + [f"Not looked at: {reason}" for reason in unreadable]


def diffs_of(steps: Sequence[Step], seen: Sequence[tuple[Place, Seen]]) -> list[dict]:
    """The change in each place, with fingerprints instead of secrets."""
    fingerprints = Fingerprints()

    def shown(username: str | None, secret: str | None, store: str) -> dict:
        fingerprint = fingerprints.of(secret)
        return {"username": username, "secret": f"#{fingerprint}", "store": store}

    diffs = []
    for place, found in seen:
        before: dict = {}
        after: dict = {}
        for step in steps:
            if step.place != place:
                continue
            host, login, new = (
                step.registry.host,
                step.stored.login,
                step.decision.credential,
            )
            if login is not None:
                before[host] = shown(login.username, login.secret, step.stored.store)
            elif step.stored.is_found:
                before[host] = {}
            if login is not None and not login.is_tidy:
                before[host]["beside it"] = (
                    "credentials that clients could take instead"
                )
            if new is not None:
                after[host] = shown(new.username, new.secret, step.stored.store)
        is_written = any(step.decision.changes for step in steps if step.place == place)
        if is_written and found.mode != MODE:
            before["mode"] = None if found.mode is None else f"{found.mode:04o}"
            after["mode"] = f"{MODE:04o}"
        diffs.append(
            {
                "before_header": place.path,
                "after_header": place.path,
                "before": json.dumps(before, indent=2) + "\n",
                "after": json.dumps(after, indent=2) + "\n",
            }
        )
    return diffs
