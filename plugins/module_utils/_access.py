# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Which policies give a service ID the access to Container Registry that it is to have, and
what has to happen to those that it has. Everything here is pure.

Sources: https://cloud.ibm.com/docs/Registry?topic=Registry-iam,
https://cloud.ibm.com/apidocs/iam-policy-management
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _grants,
    _plan,
    _policies,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ansible_collections.icr.access.plugins.module_utils import _grants

SERVICE = "container-registry"
GLOBAL = "global"
_ROLE_CRN = "crn:v1:bluemix:public:iam::::serviceRole:"
# IBM Cloud answers with the first form; its documentation of the registry prints the second.
_ROLE_FORMS = (_ROLE_CRN, f"crn:v1:bluemix:public:{SERVICE}::::serviceRole:")


@dataclass(frozen=True)
class Subject:
    """Whose access it is, and in which account; `label` names it in messages."""

    iam_id: str
    account_id: str
    label: str


@dataclass(frozen=True)
class Present:
    """A policy that is there and gives nothing but this."""

    policy_id: str
    grant: _grants.Grant


@dataclass(frozen=True)
class Other:
    """A policy on the registry that says more than a grant can, and why. `target` is that of a
    policy which only has other roles, else None."""

    policy_id: str
    reason: str
    target: _grants.Target | None = None


@dataclass(frozen=True)
class Survey:
    """The access to the registry that an identity has by policies of its own."""

    present: tuple[Present, ...] = ()
    others: tuple[Other, ...] = ()

    @property
    def grants(self) -> tuple[_grants.Grant, ...]:
        """What there is as grants."""
        return tuple(each.grant for each in self.present)


@dataclass(frozen=True)
class Step:
    """One change: `action` is one of `_plan`. `policy_id` is None for a policy to be made,
    `grant` is what it is to give, or gives no longer."""

    action: str
    grant: _grants.Grant
    policy_id: str | None = None


def survey(policies: Iterable[_policies.Policy], subject: Subject) -> Survey:
    """Sorts out the policies of an identity. What is not for exactly this identity, or on
    another service, is in neither list."""
    present, others = [], []
    for policy in policies:
        if not _is_on_registry(policy, subject):
            continue
        read = read_policy(policy, subject)
        if isinstance(read, Other):
            others.append(read)
        else:
            present.append(Present(policy.id, read))
    return Survey(tuple(present), tuple(others))


def read_policy(policy: _policies.Policy, subject: Subject) -> _grants.Grant | Other:
    """What a policy on the registry gives, if a grant can say it."""
    reason = _oddity(policy, subject)
    if reason:
        return Other(policy.id, reason)
    values = {each.key: str(each.value) for each in policy.resource}
    region = GLOBAL if "geography" in values else values.get("region")
    target = (region, values.get("resource"))
    names = [_role_of(crn) for crn in policy.roles]
    foreign = [c for c, name in zip(policy.roles, names) if name is None]
    if foreign or not names:
        told = ", ".join(foreign) or "no role"
        return Other(policy.id, f"it gives {told}", target)
    return _grants.Grant(_grants.in_order(filter(None, names)), *target)


def reconcile(
    wanted: Sequence[_grants.Grant], found: Survey, subject: Subject
) -> tuple[Step, ...]:
    """What makes the policies that are there give what is wanted and no more.

    A policy for the same target is given other roles; then one that is not wanted becomes one
    that is missing, so that a namespace that changes never has two policies; what is left is
    made or removed, removals last. Raises `InputError` when one that has to stay is in the way.
    """
    for grant in wanted:
        for other in found.others:
            if other.target == grant.target:
                raise _errors.InputError(
                    f"Policy {other.policy_id} is in the way of giving {subject.label} {grant}: "
                    f"it is for the same and is left alone, because {other.reason}. IBM Cloud "
                    f"allows one policy for each: change that one by hand, or leave this out."
                )
    missing = list(wanted)
    spare = list(found.present)
    for present in found.present:
        if present.grant in missing:
            missing.remove(present.grant)
            spare.remove(present)
    steps = []
    # nearest first: what differs in the roles alone, then what keeps the roles
    for is_near in (_has_same_target, _has_same_roles, _is_any):
        for grant in tuple(missing):
            near = [each for each in spare if is_near(each.grant, grant)]
            if near:
                missing.remove(grant)
                spare.remove(near[0])
                steps.append(Step(_plan.UPDATE, grant, near[0].policy_id))
    steps += [Step(_plan.CREATE, grant) for grant in missing]
    steps += [Step(_plan.REMOVE, each.grant, each.policy_id) for each in spare]
    return tuple(steps)


def policy_document(
    grant: _grants.Grant, subject: Subject, description: str = ""
) -> dict[str, object]:
    """The policy that gives exactly this, as the API takes it."""
    values = {"accountId": subject.account_id, "serviceName": SERVICE}
    if grant.region == GLOBAL:
        values["geography"] = GLOBAL
    elif grant.region:
        values["region"] = grant.region
    if grant.namespace:
        values.update(resourceType="namespace", resource=grant.namespace)
    document: dict[str, object] = {
        "type": "access",
        "subject": {"attributes": [_equals("iam_id", subject.iam_id)]},
        "control": {
            "grant": {"roles": [{"role_id": _ROLE_CRN + role} for role in grant.roles]}
        },
        "resource": {"attributes": [_equals(*pair) for pair in values.items()]},
    }
    if description:
        document["description"] = description
    return document


def _is_on_registry(policy: _policies.Policy, subject: Subject) -> bool:
    return policy.subject == (
        _policies.Attribute("iam_id", subject.iam_id, "stringEquals"),
    ) and (
        _policies.Attribute("serviceName", SERVICE, "stringEquals") in policy.resource
    )


def _oddity(policy: _policies.Policy, subject: Subject) -> str:
    """What a grant cannot say, empty if there is nothing of that kind."""
    if policy.kind != "access":
        return f"its type is {policy.kind or 'not told'}"
    if policy.more:
        return f"it has a {policy.more[0]}"
    keys = [each.key for each in policy.resource]
    known = {
        "accountId",
        "serviceName",
        "region",
        "geography",
        "resourceType",
        "resource",
    }
    for each in policy.resource:
        if each.key not in known or keys.count(each.key) > 1:
            return f"it depends on {each.key or 'an attribute that is not told'}"
        if each.operator != "stringEquals" or not isinstance(each.value, str):
            return f"it compares {each.key} by {each.operator or 'a way not told'}"
    values = {each.key: each.value for each in policy.resource}
    if values.get("accountId") != subject.account_id:
        return "it names another account or none"
    if "geography" in values and (values["geography"] != GLOBAL or "region" in values):
        return f"it is for the geography {values['geography']}"
    if values.get("resourceType", "namespace") != "namespace" or (
        ("resourceType" in values) != ("resource" in values)
    ):
        return "it is limited to something else than a namespace"
    return ""


def _role_of(crn: str) -> str | None:
    for form in _ROLE_FORMS:
        if crn.startswith(form) and crn[len(form) :] in _grants.ROLES:
            return crn[len(form) :]
    return None


def _equals(key: str, value: str) -> dict[str, str]:
    return {"key": key, "operator": "stringEquals", "value": value}


def _has_same_target(present: _grants.Grant, wanted: _grants.Grant) -> bool:
    return present.target == wanted.target


def _has_same_roles(present: _grants.Grant, wanted: _grants.Grant) -> bool:
    return present.roles == wanted.roles


def _is_any(present: _grants.Grant, wanted: _grants.Grant) -> bool:
    return True
