# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Making, changing, replacing and removing a token that is an API key.

What is made is made in the order service ID, policies, key, and each part is found again by the
one before it, so that a run which was interrupted is taken up by the next one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ansible_collections.icr.access.plugins.module_utils import (
    _access,
    _access_change,
    _access_settling,
    _errors,
    _key_token_parts,
    _key_token_plan,
    _key_token_proof,
    _key_token_survey,
    _key_token_warnings,
    _key_tokens,
    _service_id_change,
    _token_wanted,
    _waiting,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ansible_collections.icr.access.plugins.module_utils import (
        _access,
        _clients,
        _identities,
        _registries,
        _token_wanted,
        _verdict,
    )


@dataclass(frozen=True)
class Ways:
    """How it is done: `settings` for asking the registry, `patience` as `wait_until` takes it,
    `now` in seconds since 1970, UTC."""

    settings: _verdict.Settings
    patience: int | None
    now: float = field(default_factory=time.time)


class KeyTokenChange:
    """What has to be done about the token that is meant; reads only, until `apply`.

    Raises what the calls and `plan` raise.
    """

    username = _key_tokens.USERNAME

    def __init__(
        self,
        clients: _clients.Clients,
        registry: _registries.Registry,
        want: _token_wanted.Wanted,
        ways: Ways,
    ) -> None:
        self._clients = clients
        self._registry = registry
        self._region = registry.region or ""
        self._want = want
        self._ways = ways
        self._access = _key_tokens.Access(want.readwrite, want.namespaces)
        if not want.absent:
            self._access.grants(self._region)  # before anything is asked
        self._found = _key_token_survey.look(clients, want, self._region, ways.now)
        account_id = clients.account_id()
        self._plan = _key_token_plan.plan(
            self._found, want, account_id=account_id, now=ways.now
        )
        self.step = self._plan.step
        self.warnings = _key_token_warnings.warnings_of(self._plan, self._found)
        # a policy that is to be made may turn out to be there
        self._is_change = False

    def diff(self) -> dict[str, dict[str, object]]:
        """What Ansible's diff mode shows."""
        return self._plan.diff()

    def predicted(self) -> _token_wanted.Outcome:
        """What `apply` will give, as far as it can be told beforehand."""
        kept = None if self._want.absent else self._plan.kept
        told = self.step.after or self.step.before or _token_wanted.NO_TOKEN
        return _token_wanted.Outcome(
            told, kept.value if kept else None, self.step.is_change
        )

    def apply(self) -> _token_wanted.Outcome:
        """Does what was planned, and gives the token that there is then, or was."""
        if not self.step.is_change:
            return self._kept()
        if self._want.absent:
            self._remove()
            return _token_wanted.Outcome(self.step.before or _token_wanted.NO_TOKEN)
        service_id = self._found.service_id
        if service_id is None:
            return self._make()
        settled = self._change_access(service_id, self._plan.access)
        key = self._plan.kept or self._make_key(service_id)
        return self._proven(service_id, key, settled)

    def _kept(self) -> _token_wanted.Outcome:
        """The token that there is. A run that ended too early may have left it before it
        worked."""
        service_id, key = self._found.service_id, self._plan.kept
        patience = self._ways.patience
        if service_id is None or key is None or patience is None:
            return self.predicted()
        if _key_tokens.is_young(key, self._ways.now):
            self._wait(service_id, key, (), patience)
        return self.predicted()

    def _make(self) -> _token_wanted.Outcome:
        service_id = _key_token_parts.make_service_id(
            self._clients, self._want.description or "", self._region
        )
        subject = _key_token_plan.subject_of(service_id, self._clients.account_id())
        steps = _access.reconcile(
            self._access.grants(self._region), _access.Survey(), subject
        )
        try:
            settled = self._change_access(service_id, steps)
            key = self._make_key(service_id)
        except _errors.AccessError as error:
            raise error.extended(
                f"Service ID {service_id.id} was made before that and is kept: the next run goes "
                f"on from there, or removes it with state: absent."
            ) from None
        return self._proven(service_id, key, settled)

    def _change_access(
        self, service_id: _identities.ServiceId, steps: Sequence[_access.Step]
    ) -> tuple[_access.Present, ...]:
        subject = _key_token_plan.subject_of(service_id, self._clients.account_id())
        outcome = _access_change.change_access(self._clients.policies, subject, steps)
        self._is_change |= outcome.is_change
        return outcome.settled

    def _make_key(self, service_id: _identities.ServiceId) -> _identities.ApiKey:
        self._is_change = True
        return _key_token_parts.make_key(
            self._clients,
            service_id,
            known=self._found.keys,
            non_expiring=self._want.non_expiring,
            now=self._ways.now,
        )

    def _proven(
        self,
        service_id: _identities.ServiceId,
        key: _identities.ApiKey,
        settled: Sequence[_access.Present],
    ) -> _token_wanted.Outcome:
        """The token, once it works, and what it took the place of is removed."""
        surplus = self._plan.surplus
        if self._ways.patience is not None:
            self._wait(service_id, key, settled, self._ways.patience)
        elif surplus and not self._is_accepted(key):
            ids = ", ".join(each.id for each in surplus)
            self.warnings += (
                f"The token {key.id} is not accepted yet, so that {ids}, in whose place it was "
                f"made, stays until a later run.",
            )
            surplus = ()
        for each in surplus:
            self._remove_key(each, f"The token {key.id} is there in its place.")
        return _token_wanted.Outcome(
            _key_tokens.shown(key, self._access), key.value, self._is_change
        )

    def _wait(
        self,
        service_id: _identities.ServiceId,
        key: _identities.ApiKey,
        settled: Sequence[_access.Present],
        patience: int,
    ) -> None:
        end = time.monotonic() + patience
        kept = (
            f"The token {key.id} is there and is kept: run this again later, which gives it as "
            f"it is, or set wait: false."
        )
        later = _access_settling.settle_access(
            self._clients.policies,
            _key_token_plan.subject_of(service_id, self._clients.account_id()),
            self._access.grants(self._region),
            settled,
            patience=patience,
            kept=kept,
        )
        self._is_change |= later.is_change
        _waiting.wait_until(
            self._proof(key),
            max(0, round(end - time.monotonic())),
            awaited=f"the token {key.id} to be accepted",
            kept=kept,
        )

    def _is_accepted(self, key: _identities.ApiKey) -> bool:
        try:
            return self._proof(key)() is None
        except _errors.AccessError:
            return False

    def _proof(
        self, key: _identities.ApiKey
    ) -> Callable[[], _errors.AccessError | None]:
        settings, namespaces = self._ways.settings, self._want.namespaces
        proof = _key_token_proof.Proof(
            self._clients, self._registry, settings, namespaces
        )
        return proof.attempt(key.value or "")

    def _remove_key(self, key: _identities.ApiKey, sentence: str) -> None:
        self._is_change = True
        try:
            self._clients.iam.delete_api_key(key.id)
        except _errors.AccessError as error:
            raise error.extended(f"{sentence} Run this again to remove it.") from None

    def _remove(self) -> None:
        service_id = self._found.service_id
        if service_id is None:
            return
        if self._plan.removes_service_id:
            # Without its id, for the token may be gone when it is run again.
            again = f"Run this again, with description: {service_id.name}."
            _service_id_change.remove(self._clients.service_ids, service_id, kept=again)
            return
        for key in self._plan.surplus:
            self._clients.iam.delete_api_key(key.id)
