# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Letting an API key be followed by another one, so that at no moment there is none that works:
the only place that writes for it. After any interruption another run finishes what is open."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.icr.access.plugins.module_utils import (
    _api_key_change,
    _api_key_plan,
    _api_key_survey,
    _errors,
    _key_acceptance,
    _key_file,
    _plan,
    _rotation,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ansible_collections.icr.access.plugins.module_utils import (
        _api_key_survey,
        _clients,
        _identities,
        _rotation_schedule,
    )


@dataclass(frozen=True)
class Outcome:
    """The key as a result shows it. `trouble` came after its value had to be told: it goes
    beside it, not in its place."""

    key: dict[str, object] | None
    trouble: _errors.AccessError | None = None


class RotationChange:
    """What has to be done about a key that is to be present; reads only, until `apply`.

    Raises what the calls, `decide` and the plans of key and file raise.
    """

    def __init__(
        self,
        clients: _clients.Clients,
        schedule: _rotation_schedule.Schedule,
        want: _api_key_plan.Wanted,
        found: _api_key_survey.Found,
        look: _api_key_survey.Look | None,
        *,
        patience: int | None,
        now: float,
    ) -> None:
        self._clients, self._iam, self._want = clients, clients.iam, want
        self._found, self._look = found, look
        self._patience, self._now = patience, now
        self._family = _rotation.family_of(found.known, want.name or "", found.current)
        self._values = self._stored_values()
        is_stored = bool(self._values)
        stores = is_stored if want.store_value is None else want.store_value
        self._is_kept = look is not None or bool(stores)
        held = frozenset(self._values) | {self._holder_id or ""}
        self.rotation = _rotation.decide(
            self._family, schedule, want, held, is_kept=self._is_kept, now=now
        )
        self._new, self._name = _rotation.successor(
            want,
            self._family,
            is_stored=is_stored or self._is_model_stored(),
            now=now,
        )
        self.step = self._plan()
        self.file_step = self._plan_file()
        if self.file_step is not None:
            self.file_step.check()

    @property
    def is_change(self) -> bool:
        """Whether anything is to be done."""
        is_file_change = self.file_step is not None and self.file_step.is_change
        return self.rotation.is_change or self.step.is_change or is_file_change

    def diff(self) -> dict[str, dict[str, object]]:
        """What Ansible's diff mode shows: ids of the keys that were followed by another, too."""
        diff = self.step.diff()
        leaving = self.rotation.leaving
        retired = self.rotation.retired
        diff["before"]["previous"] = [
            each.key.id for each in leaving if each.key is not retired
        ]
        diff["after"]["previous"] = [
            each.key.id for each in leaving if not each.is_removed
        ]
        return diff

    def apply(self) -> Outcome:
        """Does what was planned. Raises as long as nobody needs to be told a value."""
        if not self.rotation.is_due:
            key = self._keep()
            self._remove_orphans()
            self._remove_previous()
            return Outcome(key.as_result())
        self._remove_orphans()
        key = self._put_in_force(self._new_key())
        value = key.value
        trouble = None
        try:
            want = replace(self._want, id=key.id)
            if _api_key_plan.plan(
                key, want, self._found.place, now=self._now
            ).is_change:
                key = _api_key_change.change(
                    self._iam, key, want, self._found.place, now=self._now
                )
            self._remove_previous()
        except _errors.AccessError as error:
            trouble = error.extended(
                f"API key {key.id} is in force. Run this again to finish the rotation."
            )
        return Outcome({**key.as_result(), "value": value}, trouble)

    # --- reading and deciding ---

    @property
    def _holder_id(self) -> str | None:
        holder = self._look.holder if self._look else None
        return holder.id if holder and holder.id in self._family.ids else None

    def _stored_values(self) -> dict[str, str]:
        """What IBM Cloud has kept of what is not in the file."""
        family = self._family
        asked = [*family.drafts, *([family.current] if family.current else [])]
        found = {
            key.id: _api_key_survey.stored_value(self._iam, key)
            for key in asked
            if key.id != self._holder_id
        }
        return {key_id: value for key_id, value in found.items() if value is not None}

    def _is_model_stored(self) -> bool:
        """Whether IBM Cloud has kept the value of the key that is followed, beside the file."""
        model = self._family.model
        is_made = self.rotation.is_due and self.rotation.adopted is None
        if model is None or not is_made or self._want.store_value is not None:
            return False
        return _api_key_survey.stored_value(self._iam, model) is not None

    def _plan(self) -> _plan.Plan:
        current, place = self._family.current, self._found.place
        if not self.rotation.is_due:
            return _api_key_plan.plan(current, self._want, place, now=self._now)
        adopted = self.rotation.adopted
        if adopted is None:
            after = dict(
                _api_key_plan.plan(None, self._new, place, now=self._now).after or {}
            )
        else:
            after = dict(
                _api_key_plan.plan(adopted, self._want, place, now=self._now).after
                or {}
            )
        after.update(name=self._name, locked=bool(self._want.locked))
        return _plan.Plan(_plan.CREATE, current.as_result() if current else None, after)

    def _plan_file(self) -> _key_file.FileStep | None:
        look, adopted = self._look, self.rotation.adopted
        if look is None:
            return None
        if not self.rotation.is_due and self._family.current is not None:
            return _api_key_survey.plan_file(self._iam, look, self._family.current)
        if adopted is None:
            return _api_key_survey.plan_new_file(look, self._family.ids)
        if adopted.id == self._holder_id:
            return _key_file.FileStep(look.key_file, look.content)
        _api_key_survey.plan_new_file(look, self._family.ids)
        return _key_file.FileStep(
            look.key_file, look.content, value=self._values[adopted.id]
        )

    # --- writing ---

    def _keep(self) -> _identities.ApiKey:
        current = self._family.current
        if current is None:
            raise AssertionError("without a key, another one would be due")
        if self.file_step is not None:
            self.file_step.apply()
        if self.step.is_change:
            current = _api_key_change.change(
                self._iam, current, self._want, self._found.place, now=self._now
            )
        return current

    def _remove_orphans(self) -> None:
        for orphan in self.rotation.orphans:
            _api_key_change.remove(self._iam, orphan)

    def _remove_previous(self) -> None:
        retired = self.rotation.retired
        for each in self.rotation.leaving:
            key = each.key
            if not each.is_removed or (key is retired and self._has_ended(key)):
                continue
            # unlocked on the way to its other name
            _api_key_change.remove(
                self._iam, replace(key, locked=False) if key is retired else key
            )

    def _new_key(self) -> _identities.ApiKey:
        """One that IAM accepts and whose value is where it belongs, under its first name."""
        adopted = self.rotation.adopted
        if adopted is None:
            return _api_key_change.make(
                self._iam,
                self._new,
                self._found.place,
                # the orphans, too: IBM Cloud may list for a while what is gone
                known=self._found.known,
                file_step=self.file_step,
                now=self._now,
                prove=self._prove,
            )
        value = self._values.get(adopted.id)
        adopted = replace(adopted, value=value)
        if value is not None:
            self._prove(adopted)
        if self.file_step is not None:
            self.file_step.apply()
        return adopted

    def _prove(self, key: _identities.ApiKey) -> None:
        stays = "The present key stays in force. " if self._family.current else ""
        _key_acceptance.await_acceptance(
            self._clients.caller,
            key.id,
            key.value or "",
            self._patience,
            kept=f"{stays}Run this again, or with a longer wait_timeout.",
        )

    def _put_in_force(self, key: _identities.ApiKey) -> _identities.ApiKey:
        retired = self.rotation.retired
        try:
            if retired is not None and self._has_ended(retired):
                _api_key_change.remove(self._iam, retired)
            elif retired is not None:
                self._rename(retired, _rotation.previous_name(self._name))
            return replace(self._rename(key, self._name), value=key.value)
        except _errors.AccessError as error:
            if self._is_kept:
                told = "its value is kept"
            else:
                told = "the next run replaces it, as its value is told by a task that succeeds"
            raise error.extended(
                f"The new API key {key.id} is made and {told}: run this again to finish the "
                f"rotation."
            ) from None

    def _rename(self, key: _identities.ApiKey, name: str) -> _identities.ApiKey:
        """Gives a key another name, unlocking it before; `decide` has allowed it."""
        want = _api_key_plan.Wanted(id=key.id, name=name, locked=False)
        return _api_key_change.change(
            self._iam, key, want, self._found.place, now=self._now
        )

    def _has_ended(self, key: _identities.ApiKey) -> bool:
        return _api_key_plan.is_expired(key.as_result(), self._now)
