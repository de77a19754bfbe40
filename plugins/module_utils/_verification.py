# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Which logins of a plan have to be verified, and what their registries said."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _settings,
    _verdict,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.icr.access.plugins.module_utils import (
        _login_plan,
        _registries,
        _registry_login,
        _verdict,
    )


class Verification:
    """What the registries said of the logins of a task; none is asked the same thing twice.

    Raises `InputError` when `pull` or `push` name what is no repository of the registries.
    """

    def __init__(
        self,
        params: Mapping,
        registries: Sequence[_registries.Registry],
        *,
        try_push: bool,
    ) -> None:
        self._settings = _settings.settings_of(params)
        self._registry_login: _registry_login.RegistryLogin | None = None
        self._verify = params["verify"]
        self._try_push = try_push
        hosts = [registry.host for registry in registries]
        self._repositories = {
            host: _repositories_of(params, host, hosts) for host in hosts
        }
        self._outcomes: dict[_verdict.Job, _verdict.Verdict | _errors.AccessError] = {}

    def ask(self, steps: Sequence[_login_plan.Step]) -> None:
        """Asks what the steps need to know and nobody has said yet, side by side."""
        needed = [step for step in steps if is_needed(step.decision, self._verify)]
        jobs = [
            job for job in map(self._job, needed) if job and job not in self._outcomes
        ]
        if not jobs:
            return
        # A task that verifies nothing need not load how registries are asked.
        from ansible_collections.icr.access.plugins.module_utils import _registry_login

        if self._registry_login is None:
            self._registry_login = _registry_login.RegistryLogin(self._settings)
        self._outcomes.update(zip(jobs, self._registry_login.verify_all(jobs)))

    def of(self, step: _login_plan.Step) -> _verdict.Verdict | _errors.AccessError:
        """The outcome for a step; where nobody was asked, one that proves nothing."""
        job = self._job(step)
        if job is None:
            return _verdict.Verdict(None)
        if job in self._outcomes:
            return self._outcomes[job]
        repositories = self._repositories[step.registry.host]
        return _verdict.Verdict(
            None,
            f"not asked, because verify is {self._verify}",
            {kind: dict.fromkeys(names) for kind, names in repositories.items()},
        )

    def _job(self, step: _login_plan.Step) -> _verdict.Job | None:
        if step.decision.credential is None:
            return None
        repositories = self._repositories[step.registry.host]
        return _verdict.Job(
            step.registry.urls,
            step.decision.credential,
            repositories["pull"],
            repositories["push"],
            self._try_push,
        )


def _repositories_of(
    params: Mapping, host: str, hosts: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """What is to be checked in a registry, by `pull` and `push`. Pure."""
    if not params["pull"] and not params["push"]:
        return {"pull": (), "push": ()}
    from ansible_collections.icr.access.plugins.module_utils import _repositories

    return {
        option: _repositories.repositories_of(host, params[option], hosts, option)
        for option in ("pull", "push")
    }


def is_needed(decision: _login_plan.Decision, verify: str) -> bool:
    """Whether the registry has to be asked. A stored login that is kept in place of the
    given one has to prove itself unless nothing at all is verified. Pure."""
    if decision.credential is None or verify == "never":
        return False
    return verify == "always" or decision.changes or decision.is_kept


def verified(
    steps: list[_login_plan.Step],
    wanted: _verdict.Credential,
    verification: Verification,
) -> list[_login_plan.Step]:
    """The steps once the registries have been asked about them."""
    verification.ask(steps)
    if any(step.decision.is_kept for step in steps):
        from ansible_collections.icr.access.plugins.module_utils import _kept_login

        steps = _kept_login.without_refused(steps, wanted, verification)
        verification.ask(steps)
    return steps


def is_objection(outcome: _verdict.Verdict | _errors.AccessError) -> bool:
    """Whether a login must not be written because of that. Pure."""
    return (
        isinstance(outcome, _errors.AccessError)
        or outcome.accepted is False
        or any(False in answers.values() for answers in outcome.permissions.values())
    )
