# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Showing what a task changes in the places of logins, without a secret in it."""

from __future__ import annotations

import json

from ansible_collections.icr.access.plugins.module_utils import (
    _login_place,
    _redaction,
    _secret_content,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.icr.access.plugins.module_utils import (
        _authfile,
        _login_place,
        _login_plan,
        _verdict,
    )


def diffs_of(
    steps: Sequence[_login_plan.Step],
    seen: Sequence[tuple[_login_place.Place, _login_place.Seen]],
) -> list[dict]:
    """The change in each place, with fingerprints instead of secrets."""
    fingerprints = _redaction.Fingerprints()
    diffs = []
    for place, found in seen:
        here = [step for step in steps if step.place == place]
        before: dict[str, object] = {
            step.registry.host: _shown_before(step, fingerprints)
            for step in here
            if step.stored.is_found
        }
        after: dict[str, object] = {
            step.registry.host: _shown(
                step.decision.credential, step.stored.store, fingerprints
            )
            for step in here
            if step.decision.credential is not None
        }
        if found.mode != _secret_content.MODE and any(map(_changes_file, here)):
            before["mode"] = None if found.mode is None else f"{found.mode:04o}"
            after["mode"] = f"{_secret_content.MODE:04o}"
        diffs.append(
            {
                "before_header": place.path,
                "after_header": place.path,
                "before": json.dumps(before, indent=2) + "\n",
                "after": json.dumps(after, indent=2) + "\n",
            }
        )
    return diffs


def _shown(
    login: _authfile.Login | _verdict.Credential,
    store: str,
    fingerprints: _redaction.Fingerprints,
) -> dict[str, str | None]:
    secret = None if login.secret is None else f"#{fingerprints.of(login.secret)}"
    return {"username": login.username, "secret": secret, "store": store}


def _shown_before(
    step: _login_plan.Step, fingerprints: _redaction.Fingerprints
) -> dict[str, str | None]:
    login = step.stored.login
    if login is None:
        return {}
    shown = _shown(login, step.stored.store, fingerprints)
    if login.secret is not None and not login.is_tidy:
        shown["form"] = "in another spelling of the host, or with other credentials"
    return shown


def _changes_file(step: _login_plan.Step) -> bool:
    """Whether a step has the auth file itself written, not only a helper or a runtime file."""
    if not step.decision.changes or step.stored.store != _login_place.FILE:
        return False
    return step.decision.credential is not None or step.stored.login is not None
