# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Making, changing, replacing and removing a token that is an API key: the only place that
writes.

What is made is made in the order service ID, policies, key, and each part is found again by the
one before it, so that a run which was interrupted is taken up by the next one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ansible_collections.icr.access.plugins.module_utils._access import (
    Survey,
    reconcile,
)
from ansible_collections.icr.access.plugins.module_utils._access_change import (
    await_access,
    change_access,
)
from ansible_collections.icr.access.plugins.module_utils._api_key_change import make
from ansible_collections.icr.access.plugins.module_utils._api_key_plan import Place
from ansible_collections.icr.access.plugins.module_utils._api_key_plan import (
    Wanted as WantedKey,
)
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    ApiError,
    InputError,
)
from ansible_collections.icr.access.plugins.module_utils._key_token_plan import (
    plan,
    subject_of,
)
from ansible_collections.icr.access.plugins.module_utils._key_token_proof import Proof
from ansible_collections.icr.access.plugins.module_utils._key_token_survey import look
from ansible_collections.icr.access.plugins.module_utils._key_tokens import (
    USERNAME,
    Access,
    mark,
    shown,
)
from ansible_collections.icr.access.plugins.module_utils._token_wanted import (
    LIFETIME,
    NO_TOKEN,
    Outcome,
)
from ansible_collections.icr.access.plugins.module_utils._waiting import (
    NotYetError,
    wait_until,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.icr.access.plugins.module_utils._access import Present
    from ansible_collections.icr.access.plugins.module_utils._clients import Clients
    from ansible_collections.icr.access.plugins.module_utils._identities import (
        ApiKey,
        ServiceId,
    )
    from ansible_collections.icr.access.plugins.module_utils._key_token_plan import (
        Found,
    )
    from ansible_collections.icr.access.plugins.module_utils._registries import Registry
    from ansible_collections.icr.access.plugins.module_utils._token_wanted import Wanted
    from ansible_collections.icr.access.plugins.module_utils._verdict import Settings

_COLLISIONS_END = (
    30  # seconds after which a service ID that still cannot be removed is told
)


@dataclass(frozen=True)
class Ways:
    """How it is done: `settings` for asking the registry, `patience` as `wait_until` takes it,
    `now` in seconds since 1970, UTC."""

    settings: Settings
    patience: int | None
    now: float = field(default_factory=time.time)


class KeyTokenChange:
    """What has to be done about the token that is meant; reads only, until `apply`.

    Raises what the calls and `plan` raise.
    """

    username = USERNAME

    def __init__(
        self, clients: Clients, registry: Registry, want: Wanted, ways: Ways
    ) -> None:
        self._clients = clients
        self._registry = registry
        self._region = registry.region or ""
        self._want = want
        self._ways = ways
        self._access = Access(want.readwrite, want.namespaces)
        if not want.absent:
            self._access.grants(self._region)  # before anything is asked
        self._found = look(clients, want, self._region, ways.now)
        account_id = clients.account_id()
        self._plan = plan(self._found, want, account_id=account_id, now=ways.now)
        self.step = self._plan.step
        self.warnings = _warnings(self._found)

    def diff(self) -> dict[str, dict[str, object]]:
        """What Ansible's diff mode shows."""
        return self._plan.diff()

    def predicted(self) -> Outcome:
        """What `apply` will give, as far as it can be told beforehand."""
        kept = None if self._want.absent else self._plan.kept
        told = self.step.after or self.step.before or NO_TOKEN
        return Outcome(told, kept.value if kept else None)

    def apply(self) -> Outcome:
        """Does what was planned, and gives the token that there is then, or was."""
        if not self.step.is_change:
            return self.predicted()
        if self._want.absent:
            self._remove()
            return Outcome(self.step.before or NO_TOKEN)
        service_id = self._found.service_id
        try:
            if service_id is None:
                service_id = self._make_service_id()
            written = self._change_access(service_id)
            key = self._plan.kept or self._make_key(service_id)
        except AccessError as error:
            raise _resumable(error) from None
        self._prove(service_id, key, written)
        return Outcome(shown(key, self._access), key.value)

    def _make_service_id(self) -> ServiceId:
        """Raises `InputError`, and leaves none behind, when another run has made one, too."""
        account_id, name = self._clients.account_id(), self._want.description or ""
        service_ids = self._clients.service_ids
        made = service_ids.create_service_id(account_id, name, mark(self._region))
        try:
            same = service_ids.list_service_ids(account_id, name)
        except AccessError:
            # What is made is worth more than the proof that there is no second one.
            return made
        rivals = [each.id for each in same if each.description == mark(self._region)]
        rivals = sorted(set(rivals) - {made.id})
        if not rivals:
            return made
        # Whoever sees a rival gives way: the other may have looked before ours was there.
        service_ids.delete_service_id(made.id)
        raise InputError(
            f"Another run has made service ID {rivals[0]} for the same token at the same time; "
            f"{made.id}, made here, was removed again. Give the task run_once: true where several "
            f"hosts run it."
        )

    def _change_access(self, service_id: ServiceId) -> tuple[Present, ...]:
        subject = subject_of(service_id, self._clients.account_id())
        steps = self._plan.access
        if self._found.service_id is None:
            grants = self._access.grants(self._region)
            steps = reconcile(grants, Survey(), subject)
        return change_access(self._clients.policies, subject, steps).written

    def _make_key(self, service_id: ServiceId) -> ApiKey:
        want = WantedKey(
            name=service_id.name,
            description=mark(self._region),
            expires_in=None if self._want.non_expiring else LIFETIME,
            store_value=True,
        )
        return make(
            self._clients.iam,
            want,
            Place(service_id.iam_id, self._clients.account_id()),
            known=self._found.keys,
            key_file=None,
            now=self._ways.now,
        )

    def _prove(
        self, service_id: ServiceId, key: ApiKey, written: Sequence[Present]
    ) -> None:
        """Waits until the token works, and removes then what it took the place of.

        Without waiting, what has to go stays until it is found to work by the next run.
        """
        patience, began = self._ways.patience, time.monotonic()
        kept = (
            f"The token {key.id} is there and is kept: run this again later, which gives it as "
            f"it is, or set wait: false."
        )
        subject = subject_of(service_id, self._clients.account_id())
        await_access(
            self._clients.policies, subject, written, patience=patience, kept=kept
        )
        if patience is not None:
            patience = max(0, round(patience - (time.monotonic() - began)))
        surplus = self._plan.surplus
        proof = Proof(
            self._clients, self._registry, self._ways.settings, self._want.namespaces
        )
        try:
            wait_until(
                proof.attempt(key.value or ""),
                0 if patience is None and surplus else patience,
                awaited=f"the token {key.id} to be accepted",
                kept=kept,
            )
        except NotYetError as error:
            if patience is not None:
                raise
            ids = ", ".join(each.id for each in surplus)
            self.warnings += (
                f"The token {key.id} is not accepted yet, so that {ids}, in whose place it was "
                f"made, stays until this is run again: {error}",
            )
            return
        for each in surplus:
            self._clients.iam.delete_api_key(each.id)

    def _remove(self) -> None:
        service_id = self._found.service_id
        if service_id is None:
            return
        if not self._plan.removes_service_id:
            for key in self._plan.surplus:
                self._clients.iam.delete_api_key(key.id)
            return

        def attempt() -> AccessError | None:
            try:
                self._clients.service_ids.delete_service_id(service_id.id)
            except ApiError as error:
                # IBM Cloud may still be busy with the keys, and says so
                if error.status != 409:
                    raise
                return error
            return None

        # in one call with its keys and policies, so that nothing can be left of it
        wait_until(
            attempt,
            _COLLISIONS_END,
            awaited=f"service ID {service_id.id} to be removed",
            kept=f"Run this again, with description: {service_id.name} if the token is gone.",
        )


def _warnings(found: Found) -> tuple[str, ...]:
    return tuple(
        f"Policy {other.policy_id} of the token's service ID is left alone, because "
        f"{other.reason}; what it permits, the token permits, too."
        for other in found.survey.others
    )


def _resumable(error: AccessError) -> AccessError:
    if isinstance(error, InputError):
        return error
    return error.extended(
        "What has been made so far is kept, and the next run goes on from there; with state: "
        "absent it is removed."
    )
