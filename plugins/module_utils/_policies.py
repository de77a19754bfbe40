# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""IBM Cloud's access policies, version 2 of the API.

Source: https://cloud.ibm.com/apidocs/iam-policy-management
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from urllib.parse import quote

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _iam_calls,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.icr.access.plugins.module_utils import (
        _caller,
        _refusals,
    )

_CONFLICT = "policy_conflict_error"
_UUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# What a policy may have besides what `Policy` holds, and what makes it mean something else:
# times at which it counts, an enterprise that manages it.
_MORE = ("rule", "pattern", "template", "template_id")


@dataclass(frozen=True)
class Attribute:
    """One condition on whom a policy is for, or on what."""

    key: str
    value: object
    operator: str


@dataclass(frozen=True)
class Policy:
    """An access policy. `roles` are CRNs, `more` names the parts of it that only their makers
    understand. `entity_tag` is None where the answer did not tell it, as in lists."""

    id: str
    kind: str
    subject: tuple[Attribute, ...]
    resource: tuple[Attribute, ...]
    roles: tuple[str, ...]
    description: str = ""
    is_active: bool = True
    more: tuple[str, ...] = ()
    entity_tag: str | None = None

    @classmethod
    def from_wire(cls, wire: object) -> Policy:
        """From an answer. Raises `BadResponseError` when there is no id in it; what else is
        odd makes it a policy that is not understood. Pure."""
        policy_id = wire.get("id") if isinstance(wire, dict) else None
        if (
            not isinstance(wire, dict)
            or not isinstance(policy_id, str)
            or not policy_id
        ):
            raise _errors.BadResponseError("IBM Cloud answers with what is no policy.")
        description = wire.get("description")
        more = [name for name in _MORE if wire.get(name)]
        resource = wire.get("resource")
        if isinstance(resource, dict) and resource.get("tags"):
            more.append("tags")
        return cls(
            id=policy_id,
            kind=str(wire.get("type") or ""),
            subject=_attributes(wire.get("subject")),
            resource=_attributes(resource),
            roles=_roles(wire.get("control")),
            description=description if isinstance(description, str) else "",
            is_active=wire.get("state") in (None, "active"),
            more=tuple(more),
        )


@dataclass(frozen=True)
class Conflict:
    """The policy that is in the way of a new one. `policy` is None where only its id is told."""

    policy_id: str
    policy: Policy | None = None


def conflict_of(error: _errors.AccessError) -> Conflict | None:
    """What a refused policy collides with; None when that is not why, or is not told. Pure.

    The answer holds that policy, or its id alone, and its tag.
    """
    if error.code != _CONFLICT or not isinstance(error.details, dict):
        return None
    told = error.details.get("conflicts_with")
    if not isinstance(told, dict):
        return None
    wire, tag = told.get("policy"), told.get("etag")
    if isinstance(wire, str) and wire.lstrip().startswith("{"):
        wire = _object_in(wire)
    policy_id = wire.get("id") if isinstance(wire, dict) else wire
    # It goes into messages and addresses, other than all else that a refusal says.
    if not isinstance(policy_id, str) or _UUID.fullmatch(policy_id) is None:
        return None
    if isinstance(wire, str):
        return Conflict(policy_id)
    policy = Policy.from_wire(wire)
    if isinstance(tag, str) and tag:
        policy = replace(policy, entity_tag=tag)
    return Conflict(policy.id, policy)


class Policies:
    """The calls, one method each. `find_` gives None for what does not exist, `list_` reads all
    pages. All raise what `Caller.call` raises. `url` is IAM's base URL, without a path."""

    def __init__(self, caller: _caller.Caller, url: str) -> None:
        self._caller = caller
        self._url = f"{url}/v2/policies"

    def list_policies(self, account_id: str, iam_id: str | None = None) -> list[Policy]:
        """The access policies that are in force, on whatever service: those of one identity,
        without those that it has by way of a group, or all of the account."""
        query = {"account_id": account_id, "type": "access"}
        if iam_id is not None:
            query["iam_id"] = iam_id
        action = f"Listing the policies of {iam_id or f'account {account_id}'}"
        wires = _iam_calls.pages(
            self._caller, self._url, query, action, paging=_iam_calls.POLICY_PAGES
        )
        found = {each.id: each for each in map(Policy.from_wire, wires)}
        return [each for each in found.values() if each.is_active]

    def find_policy(self, policy_id: str) -> Policy | None:
        """The policy of that id, unless it has been deleted."""
        action = f"Reading policy {policy_id}"
        answer = _iam_calls.find(self._caller, self._url_of(policy_id), action)
        policy = None if answer is None else _tagged(answer)
        return policy if policy and policy.is_active else None

    def create_policy(self, document: Mapping[str, object], label: str) -> Policy:
        """A new policy; `label` says in messages what it grants. Raises `ApiError` when there is
        one for the same subject and resource already: see `conflict_of`."""
        answer = self._caller.call(
            "POST",
            self._url,
            action=f"Making the policy for {label}",
            document=dict(document),
            can_repeat=False,
        )
        return _tagged(answer)

    def replace_policy(
        self, policy_id: str, entity_tag: str, document: Mapping[str, object]
    ) -> Policy:
        """Make it another policy, if nobody has changed it since `entity_tag` was read. Raises
        `ApiError` with status 409 or 412 if somebody has, and as `create_policy` does."""
        answer = self._caller.call(
            "PUT",
            self._url_of(policy_id),
            action=f"Changing policy {policy_id}",
            document=dict(document),
            headers={"If-Match": entity_tag},
        )
        return _tagged(answer)

    def delete_policy(self, policy_id: str) -> None:
        """Delete a policy; one that is gone already is no error."""
        action = f"Deleting policy {policy_id}"
        _iam_calls.delete(self._caller, self._url_of(policy_id), action)

    def _url_of(self, policy_id: str) -> str:
        return f"{self._url}/{quote(policy_id, safe='')}"


def _tagged(answer: _refusals.Answer) -> Policy:
    policy = Policy.from_wire(answer.document())
    return replace(policy, entity_tag=answer.headers.get("ETag") or "*")


def _attributes(holder: object) -> tuple[Attribute, ...]:
    """Of what is not an attribute, one that nobody understands: it must not be overlooked."""
    elements = holder.get("attributes") if isinstance(holder, dict) else None
    found = []
    for element in elements if isinstance(elements, list) else ():
        wire = element if isinstance(element, dict) else {}
        found.append(
            Attribute(
                str(wire.get("key") or ""),
                wire.get("value"),
                str(wire.get("operator") or ""),
            )
        )
    return tuple(found)


def _roles(control: object) -> tuple[str, ...]:
    try:
        # Whatever IBM Cloud answers: what has no roles in it raises, and is caught.
        roles = control["grant"]["roles"]  # type: ignore[index]
        return tuple(str(role["role_id"]) for role in roles)
    except (KeyError, TypeError):
        return ()


def _object_in(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
