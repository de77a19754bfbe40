# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Which logins of a plan have to be verified, and what their registries said."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
)
from ansible_collections.icr.access.plugins.module_utils._settings import (
    settings_of,
)
from ansible_collections.icr.access.plugins.module_utils._verdict import (
    Job,
    Verdict,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.icr.access.plugins.module_utils._login_plan import (
        Decision,
        Step,
    )
    from ansible_collections.icr.access.plugins.module_utils._registries import Registry
    from ansible_collections.icr.access.plugins.module_utils._registry_login import (
        RegistryLogin,
    )
    from ansible_collections.icr.access.plugins.module_utils._verdict import Credential


class Verification:
    """What the registries said of the logins of a task; none is asked the same thing twice.

    Raises `InputError` when `pull` or `push` name what is no repository of the registries.
    """

    def __init__(
        self, params: Mapping, registries: Sequence[Registry], *, try_push: bool
    ) -> None:
        self._settings = settings_of(params)
        self._registry_login: RegistryLogin | None = None
        self._verify = params["verify"]
        self._try_push = try_push
        hosts = [registry.host for registry in registries]
        self._repositories = {
            host: _repositories(params, host, hosts) for host in hosts
        }
        self._outcomes: dict[Job, Verdict | AccessError] = {}

    def ask(self, steps: Sequence[Step]) -> None:
        """Asks what the steps need to know and nobody has said yet, side by side."""
        needed = [step for step in steps if is_needed(step.decision, self._verify)]
        jobs = [
            job for job in map(self._job, needed) if job and job not in self._outcomes
        ]
        if not jobs:
            return
        # A task that verifies nothing need not load how registries are asked.
        from ansible_collections.icr.access.plugins.module_utils._registry_login import (
            RegistryLogin,
        )

        if self._registry_login is None:
            self._registry_login = RegistryLogin(self._settings)
        self._outcomes.update(zip(jobs, self._registry_login.verify_all(jobs)))

    def of(self, step: Step) -> Verdict | AccessError:
        """The outcome for a step; where nobody was asked, one that proves nothing."""
        job = self._job(step)
        if job is None:
            return Verdict(None)
        if job in self._outcomes:
            return self._outcomes[job]
        repositories = self._repositories[step.registry.host]
        return Verdict(
            None,
            f"not asked, because verify is {self._verify}",
            {kind: dict.fromkeys(names) for kind, names in repositories.items()},
        )

    def _job(self, step: Step) -> Job | None:
        if step.decision.credential is None:
            return None
        repositories = self._repositories[step.registry.host]
        return Job(
            step.registry.urls,
            step.decision.credential,
            repositories["pull"],
            repositories["push"],
            self._try_push,
        )


def _repositories(
    params: Mapping, host: str, hosts: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """What is to be checked in a registry, by `pull` and `push`. Pure."""
    if not params["pull"] and not params["push"]:
        return {"pull": (), "push": ()}
    from ansible_collections.icr.access.plugins.module_utils._repositories import (
        repositories_of,
    )

    return {
        option: repositories_of(host, params[option], hosts, option)
        for option in ("pull", "push")
    }


def is_needed(decision: Decision, verify: str) -> bool:
    """Whether the registry has to be asked. A stored login that is kept in place of the
    given one has to prove itself unless nothing at all is verified. Pure."""
    if decision.credential is None or verify == "never":
        return False
    return verify == "always" or decision.changes or decision.is_kept


def verified(
    steps: list[Step], wanted: Credential, verification: Verification
) -> list[Step]:
    """The steps once the registries have been asked about them."""
    verification.ask(steps)
    if any(step.decision.is_kept for step in steps):
        from ansible_collections.icr.access.plugins.module_utils._kept_login import (
            without_refused,
        )

        steps = without_refused(steps, wanted, verification)
        verification.ask(steps)
    return steps


def is_objection(outcome: Verdict | AccessError) -> bool:
    """Whether a login must not be written because of that. Pure."""
    return (
        isinstance(outcome, AccessError)
        or outcome.accepted is False
        or any(False in answers.values() for answers in outcome.permissions.values())
    )
