# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What the sandbox remembers. Moments are seconds since the epoch, UTC."""

from __future__ import annotations

from dataclasses import dataclass, field

from icr_sandbox.permissions import Attribute, Grant


@dataclass
class Account:
    id: str
    name: str
    owner: str  # the IAM id of a user, who may do everything in this account
    resource_groups: list[str]  # the first one is the default


@dataclass
class User:
    iam_id: str
    account_id: str
    name: str
    email: str


@dataclass
class Profile:
    """A trusted profile, and the IAM ids of the service IDs that may become it."""

    id: str
    account_id: str
    name: str
    trusts: list[str]

    @property
    def iam_id(self) -> str:
        return f"iam-{self.id}"


@dataclass
class Revision:
    """What an `entity_tag` or `ETag` says: how often a thing was written, and a random tag."""

    count: int
    tag: str

    @property
    def text(self) -> str:
        return f"{self.count}-{self.tag}"


@dataclass
class Event:
    """One line of the history of an entity."""

    moment: float
    iam_id: str
    account_id: str
    action: str
    params: list[str]


@dataclass
class ServiceId:
    id: str
    account_id: str
    name: str
    description: str | None
    created_at: float
    modified_at: float
    revision: Revision
    locked: bool = False
    group_id: str | None = None
    unique_instance_crns: list[str] | None = None
    history: list[Event] = field(default_factory=list)
    last_authn: float | None = None
    authn_count: int = 0

    @property
    def iam_id(self) -> str:
        return f"iam-{self.id}"


@dataclass
class ApiKey:
    """Before `usable_at` the key does not log in yet; 0 for a key that always did."""

    id: str
    value: str = field(repr=False)
    iam_id: str
    account_id: str
    name: str
    description: str | None
    created_at: float
    created_by: str
    modified_at: float
    revision: Revision
    usable_at: float = 0.0
    expires_at: float | None = None
    action_when_leaked: str = "disable"
    support_sessions: bool = False
    store_value: bool = False
    locked: bool = False
    disabled: bool = False
    history: list[Event] = field(default_factory=list)
    last_authn: float | None = None
    authn_count: int = 0


@dataclass
class Policy:
    """Access that one IAM id holds; `roles` are canonical role CRNs. `version` is that of
    the API it was last written through. Before `visible_at` nobody can read it; before
    `enforced_at` what it gives is `before`: nothing, or what a change has replaced."""

    id: str
    account_id: str
    subject: str
    roles: list[str]
    resource: list[Attribute]
    description: str | None
    created_at: float
    created_by: str
    modified_at: float
    modified_by: str
    revision: Revision
    visible_at: float = 0.0
    enforced_at: float = 0.0
    state: str = "active"
    version: int = 1
    before: Grant | None = None

    def grant_at(self, moment: float) -> Grant | None:
        """What the policy gives at that moment, deleted or not."""
        if moment < self.enforced_at:
            return self.before
        names = frozenset(role.rsplit(":", 1)[1] for role in self.roles)
        return Grant(names, tuple(self.resource))


@dataclass
class Namespace:
    region: str
    name: str
    account_id: str
    created_at: float
    updated_at: float
    resource_group: str | None


@dataclass
class LegacyToken:
    """A registry token of the kind that IBM ended; `expiry` 0 means never."""

    id: str
    region: str
    account_id: str
    description: str
    readonly: bool
    expiry: int
    value: str = field(repr=False)


@dataclass
class RefreshToken:
    """A refresh token of IAM; only the client that got it may use it."""

    iam_id: str
    account_id: str
    client_id: str
    expires_at: float
    credential: str | None


Identity = User | ServiceId | Profile
