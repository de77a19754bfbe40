# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""API keys and service IDs as IBM Cloud's identity API shows them. Everything here is pure.

Source: https://cloud.ibm.com/apidocs/iam-identity-token-api
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _timestamps,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICE_ID_PREFIX = "ServiceId-"
SERVICE_IAM_ID_PREFIX = "iam-ServiceId-"


@dataclass(frozen=True)
class ApiKey:
    """An API key. Moments are texts such as `2026-12-31T23:59+0000`, as IBM Cloud writes them.

    `value` is None where IBM Cloud does not tell it, which is nearly everywhere.
    """

    id: str
    name: str
    iam_id: str
    account_id: str
    entity_tag: str
    description: str = ""
    crn: str | None = None
    created_at: str | None = None
    created_by: str | None = None
    modified_at: str | None = None
    expires_at: str | None = None
    locked: bool = False
    disabled: bool = False
    action_when_leaked: str | None = None
    support_sessions: bool = False
    value: str | None = field(default=None, repr=False)

    @property
    def is_of_service_id(self) -> bool:
        """Whether it authenticates a service ID."""
        return self.iam_id.startswith(SERVICE_IAM_ID_PREFIX)

    @classmethod
    def from_wire(cls, wire: object) -> ApiKey:
        """From an answer. Raises `BadResponseError` when there is no id or no owner in it."""
        document = _document(wire, "API key")
        return cls(
            id=_required(document, "id", "API key"),
            name=_text(document, "name") or "",
            iam_id=_required(document, "iam_id", "API key"),
            account_id=_text(document, "account_id") or "",
            entity_tag=_text(document, "entity_tag") or "*",
            description=_text(document, "description") or "",
            crn=_text(document, "crn"),
            created_at=_text(document, "created_at"),
            created_by=_text(document, "created_by"),
            modified_at=_text(document, "modified_at"),
            expires_at=_moment(document, "expires_at"),
            locked=document.get("locked") is True,
            disabled=document.get("disabled") is True,
            action_when_leaked=(_text(document, "action_when_leaked") or "").lower()
            or None,
            support_sessions=document.get("support_sessions") is True,
            value=_text(document, "apikey"),
        )

    def as_result(self) -> dict[str, object]:
        """What a module returns of it: everything but the value and the tag."""
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "iam_id": self.iam_id,
            "account_id": self.account_id,
            "crn": self.crn,
            "created_at": self.created_at,
            "created_by": self.created_by,
            "modified_at": self.modified_at,
            "expires_at": self.expires_at,
            "locked": self.locked,
            "disabled": self.disabled,
            "action_when_leaked": self.action_when_leaked,
        }


@dataclass(frozen=True)
class ServiceId:
    """A service ID. `unique_instance_crns` are services that it is bound to, where IBM Cloud
    tells any; `api_key` is the one that was made together with it, else None."""

    id: str
    iam_id: str
    name: str
    account_id: str
    entity_tag: str
    description: str = ""
    crn: str | None = None
    created_at: str | None = None
    modified_at: str | None = None
    locked: bool = False
    unique_instance_crns: tuple[str, ...] = ()
    api_key: ApiKey | None = field(default=None, repr=False)

    @classmethod
    def from_wire(cls, wire: object) -> ServiceId:
        """From an answer. Raises `BadResponseError` when there is no id in it."""
        document = _document(wire, "service ID")
        key = document.get("apikey")
        crns = document.get("unique_instance_crns")
        return cls(
            id=_required(document, "id", "service ID"),
            iam_id=_required(document, "iam_id", "service ID"),
            name=_text(document, "name") or "",
            account_id=_text(document, "account_id") or "",
            entity_tag=_text(document, "entity_tag") or "*",
            description=_text(document, "description") or "",
            crn=_text(document, "crn"),
            created_at=_text(document, "created_at"),
            modified_at=_text(document, "modified_at"),
            locked=document.get("locked") is True,
            unique_instance_crns=tuple(crns) if isinstance(crns, list) else (),
            api_key=ApiKey.from_wire(key) if isinstance(key, dict) else None,
        )

    def as_result(self) -> dict[str, object]:
        """What a module returns of it: everything but the tag and what others bound it to."""
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "iam_id": self.iam_id,
            "account_id": self.account_id,
            "crn": self.crn,
            "created_at": self.created_at,
            "modified_at": self.modified_at,
            "locked": self.locked,
        }


def _document(wire: object, what: str) -> Mapping[str, object]:
    if not isinstance(wire, dict):
        raise _errors.BadResponseError(f"IBM Cloud answers with what is no {what}.")
    return wire


def _required(document: Mapping[str, object], name: str, what: str) -> str:
    value = _text(document, name)
    if value is None:
        raise _errors.BadResponseError(
            f"IBM Cloud answers with a {what} that has no {name}."
        )
    return value


def _text(document: Mapping[str, object], name: str) -> str | None:
    value = document.get(name)
    return value if isinstance(value, str) and value else None


def _moment(document: Mapping[str, object], name: str) -> str | None:
    # whether IBM Cloud always writes it to the minute is not documented
    text = _text(document, name)
    if text is None:
        return None
    try:
        return _timestamps.minute_text(_timestamps.parse_moment(text, name))
    except _errors.InputError:
        return text
