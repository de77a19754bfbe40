# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Everything the sandbox knows, in memory: it dies with the process."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from dataclasses import asdict, dataclass

from icr_sandbox.clock import Clock
from icr_sandbox.ids import Ids
from icr_sandbox.permissions import Grant
from icr_sandbox.records import (
    Account,
    ApiKey,
    Event,
    Identity,
    LegacyToken,
    Namespace,
    Policy,
    Profile,
    RefreshToken,
    Revision,
    ServiceId,
    User,
)
from icr_sandbox.registry_settings import RegistrySettings
from icr_sandbox.repositories import Repositories
from icr_sandbox.switches import Switches

_TOKENS_REMEMBERED = 10_000
_KEPT_AFTER_EXPIRY = 90 * 24 * 3600


@dataclass
class Limits:
    """How much there may be of a thing."""

    api_keys_per_identity: int = 20
    service_ids_per_account: int = 2000
    policies_per_account: int = 4020
    policies_per_subject: int = 1000
    namespaces_per_region: int = 100
    content_bytes: int = 16 * 1024 * 1024

    def change(self, wanted: dict[str, object]) -> None:
        """Set the named limits, all or none. Raises ValueError naming what is wrong."""
        known = asdict(self)
        for name, value in wanted.items():
            if name not in known:
                raise ValueError(f"unknown limit {name}; known: {', '.join(known)}")
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ValueError(f"limit {name} is a whole number >= 0")
        for name, value in wanted.items():
            setattr(self, name, value)


@dataclass(frozen=True)
class Founder:
    """The account owner that is there from the start, the same after every reset."""

    account_id: str
    iam_id: str
    api_key_id: str
    api_key: str
    resource_group: str


class State:
    """The world at one moment. Not locked: the application lets in one request at a time."""

    def __init__(self, clock: Clock, ids: Ids, switches: Switches) -> None:
        self.clock = clock
        self.ids = ids
        self._first_switches = asdict(switches)
        self.founder = Founder(
            account_id=ids.hex(),
            iam_id=f"IBMid-{ids.digits(10)}",
            api_key_id=f"ApiKey-{ids.uuid()}",
            api_key=ids.api_key_value(),
            resource_group=ids.hex(),
        )
        self.reset()

    def reset(self) -> None:
        """Forget everything but the founder, whose ids and key stay what they were."""
        self.clock.reset()
        self.switches = Switches(**self._first_switches)
        self.limits = Limits()
        self.accounts: dict[str, Account] = {}
        self.users: dict[str, User] = {}
        self.service_ids: dict[str, ServiceId] = {}
        self.profiles: dict[str, Profile] = {}
        self.api_keys: dict[str, ApiKey] = {}
        self._key_ids: dict[str, str] = {}
        self.policies: dict[str, Policy] = {}
        self.refresh_tokens: dict[str, RefreshToken] = {}
        self.namespaces: dict[tuple[str, str], Namespace] = {}
        self.repositories = Repositories(self.ids)
        self._registry_settings: dict[tuple[str, str], RegistrySettings] = {}
        self.messages: dict[str, str] = {}
        self.legacy_tokens: dict[tuple[str, str], LegacyToken] = {}
        self.legacy_secret = self.ids.hex(64).encode()
        self._credentials: OrderedDict[str, str | None] = OrderedDict()
        self._found()

    def _found(self) -> None:
        founder = self.founder
        self.accounts[founder.account_id] = Account(
            founder.account_id, "sandbox", founder.iam_id, [founder.resource_group]
        )
        self.users[founder.iam_id] = User(
            founder.iam_id, founder.account_id, "Account Owner", "owner@example.com"
        )
        now = self.clock.now()
        self.add_key(
            ApiKey(
                id=founder.api_key_id,
                value=founder.api_key,
                iam_id=founder.iam_id,
                account_id=founder.account_id,
                name="owner",
                description=None,
                created_at=now,
                created_by=founder.iam_id,
                modified_at=now,
                revision=self.new_revision(),
            )
        )

    # --- identities ---

    def identity(self, iam_id: str) -> Identity | None:
        """The user, service ID or profile with that IAM id."""
        if iam_id in self.users:
            return self.users[iam_id]
        bare = iam_id[len("iam-") :] if iam_id.startswith("iam-") else ""
        return self.service_ids.get(bare) or self.profiles.get(bare)

    def is_owner(self, iam_id: str, account_id: str) -> bool:
        account = self.accounts.get(account_id)
        return account is not None and account.owner == iam_id

    def grants_of(self, iam_id: str) -> list[Grant]:
        """What the policies give that are in force now."""
        now = self.clock.now()
        return [
            grant
            for policy in self.policies.values()
            if policy.subject == iam_id
            and policy.state == "active"
            and (grant := policy.grant_at(now)) is not None
        ]

    def registry_settings_of(self, region: str, account_id: str) -> RegistrySettings:
        """What the account has chosen for that registry; the defaults until it has."""
        return self._registry_settings.setdefault(
            (region, account_id), RegistrySettings()
        )

    # --- API keys ---

    def add_key(self, key: ApiKey) -> None:
        self.api_keys[key.id] = key
        self._key_ids[key.value] = key.id

    def remove_key(self, key: ApiKey) -> None:
        del self.api_keys[key.id]
        del self._key_ids[key.value]

    def key_by_value(self, value: str) -> ApiKey | None:
        key_id = self._key_ids.get(value)
        return None if key_id is None else self.api_keys[key_id]

    def keys_of(self, iam_id: str) -> list[ApiKey]:
        return [key for key in self.api_keys.values() if key.iam_id == iam_id]

    def is_expired(self, key: ApiKey) -> bool:
        return key.expires_at is not None and key.expires_at <= self.clock.now()

    def forget_long_expired_keys(self) -> None:
        """Keys that expired and were last changed 90 days ago are gone, locked or not."""
        limit = self.clock.now() - _KEPT_AFTER_EXPIRY
        for key in list(self.api_keys.values()):
            if (
                key.expires_at is not None
                and max(key.expires_at, key.modified_at) < limit
            ):
                self.remove_key(key)

    def add_refresh_token(self, value: str, token: RefreshToken) -> None:
        self.refresh_tokens[value] = token
        while len(self.refresh_tokens) > _TOKENS_REMEMBERED:
            del self.refresh_tokens[next(iter(self.refresh_tokens))]

    # --- delays ---

    def moment_after(self, seconds: float) -> float:
        """When a delay that begins now is over; without a delay the beginning of time, so
        that a clock that is set back takes nothing away."""
        return self.clock.now() + seconds if seconds else 0.0

    # --- revisions and history ---

    def new_revision(self) -> Revision:
        return Revision(1, self.ids.hex())

    def touch(
        self, entity: ApiKey | ServiceId, actor: str, action: str, params: list[str]
    ) -> None:
        """Count a change of the entity and write it into its history."""
        now = self.clock.now()
        entity.modified_at = now
        entity.revision = Revision(entity.revision.count + 1, self.ids.hex())
        self.remember(entity, actor, action, params)

    def remember(
        self, entity: ApiKey | ServiceId, actor: str, action: str, params: list[str]
    ) -> None:
        moment = self.clock.now()
        entity.history.append(
            Event(moment, actor, entity.account_id, action, list(params))
        )

    # --- which credential an issued token goes back to, for the journal ---

    def remember_token(self, token_id: str, credential: str | None) -> None:
        self._credentials[token_id] = credential
        while len(self._credentials) > _TOKENS_REMEMBERED:
            self._credentials.popitem(last=False)

    def credential_of(self, token_id: str) -> str | None:
        return self._credentials.get(token_id)


def same_secret(given: str, kept: str) -> bool:
    """Compare without telling by the time taken how much was right. Pure."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), kept.encode())
