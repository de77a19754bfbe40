# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What has to happen for a service ID to be as it should be. Everything here is pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ansible_collections.icr.access.plugins.module_utils import (
    _access,
    _errors,
    _grants,
    _identities,
    _plan,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What one PUT changes; locking is a call of its own.
_PUT_FIELDS = ("name", "description")


@dataclass(frozen=True)
class Wanted:
    """What was asked for; None is "not asked for". No grants at all are no access."""

    is_absent: bool = False
    id: str | None = None
    name: str | None = None
    description: str | None = None
    grants: tuple[_grants.Grant, ...] | None = None
    locked: bool | None = None


@dataclass(frozen=True)
class Found:
    """What there is: the service ID, None if there is none, and its access."""

    current: _identities.ServiceId | None
    account_id: str
    access: _access.Survey = field(default_factory=_access.Survey)

    @property
    def subject(self) -> _access.Subject:
        """Whose access it is; an IAM id of "" stands for that of a new service ID."""
        current = self.current
        label = f"service ID {current.name}" if current else "the new service ID"
        return _access.Subject(
            current.iam_id if current else "", self.account_id, label
        )


@dataclass(frozen=True)
class ServiceIdPlan:
    """What becomes of the service ID, as modules show it, and of its policies."""

    step: _plan.Plan
    access: tuple[_access.Step, ...] = ()


def wanted(params: Mapping) -> Wanted:
    """From a module's options. Raises `InputError` for what makes no sense."""
    name, service_id = checked_name(params["name"]), checked_id(params["id"])
    access = params["access"]
    return Wanted(
        is_absent=params["state"] == "absent",
        id=service_id,
        name=name,
        description=params["description"],
        grants=None if access is None else _grants.grants_of(access),
        locked=params["locked"],
    )


def checked_name(name: str | None) -> str | None:
    """The option `name`. Raises `InputError` for what would be a slip. Pure."""
    if name is None:
        return None
    if not name.strip():
        raise _errors.InputError("name is empty; where was it to come from?")
    if name != name.strip():
        raise _errors.InputError(f"name begins or ends with white space: {name!r}.")
    if name.startswith(
        (_identities.SERVICE_ID_PREFIX, _identities.SERVICE_IAM_ID_PREFIX)
    ):
        raise _errors.InputError(
            f"name is what an id looks like: {name!r}; give it in id."
        )
    return name


def checked_id(service_id: str | None) -> str | None:
    """The option `id`, which may be an IAM id, as `ServiceId-…`. Raises `InputError`. Pure."""
    if service_id is None:
        return None
    wanted_id = service_id.strip()
    if wanted_id.startswith(_identities.SERVICE_IAM_ID_PREFIX):
        wanted_id = wanted_id[len("iam-") :]
    if not wanted_id.startswith(_identities.SERVICE_ID_PREFIX):
        raise _errors.InputError(
            f"id takes the id of a service ID ({_identities.SERVICE_ID_PREFIX}...), not {service_id!r}; a "
            f"name goes into name."
        )
    return wanted_id


def only_match(
    found: Sequence[_identities.ServiceId], name: str | None
) -> _identities.ServiceId | None:
    """The service ID among those of one name. Raises `InputError`, listing the ids, when there
    are several."""
    if len(found) > 1:
        ids = ", ".join(sorted(each.id for each in found))
        raise _errors.InputError(
            f"{len(found)} service IDs are named {name!r}: {ids}. Give the id of one of them in "
            f"id."
        )
    return found[0] if found else None


def plan(found: Found, want: Wanted) -> ServiceIdPlan:
    """What becomes of the service ID and its policies.

    Raises `InputError` when it cannot be done: none of the id that was given, one that is
    locked and not to be unlocked, a policy that has to stay and is in the way.
    """
    current = found.current
    if current is None:
        if want.is_absent:
            return ServiceIdPlan(_plan.Plan.nothing(None))
        step = _plan.Plan.create(_new_service_id(found, want))
        return ServiceIdPlan(step, _steps(found, want))
    before = shown(current, found.access)
    if want.is_absent:
        _refuse_locked(current, want, "removed")
        return ServiceIdPlan(_plan.Plan.remove(before))
    step = _plan.Plan.update_if_different(before, _fields(want))
    access = _steps(found, want)
    if access:
        after = {**(step.after or {}), "access": _grants.as_access(want.grants or ())}
        step = replace(step, action=_plan.UPDATE, after=after)
    if step.is_change:
        _refuse_locked(current, want, "changed")
    return ServiceIdPlan(step, access)


def body_of_change(
    current: _identities.ServiceId, changes: Mapping[str, object]
) -> dict[str, object] | None:
    """What the API is told to change; None when that is nothing.

    The fields that stay are sent along: whether a PUT leaves alone what it does not name, IBM
    does not say.
    """
    if not any(name in changes for name in _PUT_FIELDS):
        return None
    body: dict[str, object] = {
        "name": current.name,
        "description": current.description,
    }
    if current.unique_instance_crns:
        body["unique_instance_crns"] = list(current.unique_instance_crns)
    body.update({name: changes[name] for name in _PUT_FIELDS if name in changes})
    return body


def shown(
    service_id: _identities.ServiceId, access: _access.Survey
) -> dict[str, object]:
    """The service ID and its access as modules return them."""
    return {
        **service_id.as_result(),
        "access": _grants.as_access(access.grants),
        "other_policies": [
            {"id": each.policy_id, "reason": each.reason} for each in access.others
        ],
    }


def _fields(want: Wanted) -> dict[str, object]:
    return {
        # without an id the name is what the service ID was found by
        "name": want.name if want.id is not None else None,
        "description": want.description,
        "locked": want.locked,
    }


def _steps(found: Found, want: Wanted) -> tuple[_access.Step, ...]:
    if want.grants is None:
        return ()
    return _access.reconcile(want.grants, found.access, found.subject)


def _new_service_id(found: Found, want: Wanted) -> dict[str, object]:
    if want.id is not None:
        raise _errors.InputError(
            f"There is no service ID {want.id} in account {found.account_id}. Leave id out and "
            f"give name to have one made."
        )
    return {
        "id": None,
        "name": want.name,
        "description": want.description or "",
        "iam_id": None,
        "account_id": found.account_id,
        "crn": None,
        "created_at": None,
        "modified_at": None,
        "locked": bool(want.locked),
        "access": _grants.as_access(want.grants or ()),
        "other_policies": [],
    }


def _refuse_locked(current: _identities.ServiceId, want: Wanted, what: str) -> None:
    if current.locked and want.locked is not False:
        raise _errors.InputError(
            f"Service ID {current.id} ({current.name}) is locked, so that neither it nor its "
            f"policies can be {what}. Set locked: false to have it unlocked."
        )
