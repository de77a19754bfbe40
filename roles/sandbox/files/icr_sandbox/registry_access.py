# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Which actions on a repository somebody has, and the tokens that say so."""

from __future__ import annotations

from dataclasses import dataclass

from icr_sandbox.jwt import Claims, SigningKey, TokenError
from icr_sandbox.permissions import Target, may
from icr_sandbox.records import LegacyToken
from icr_sandbox.state import State

SERVICE = "registry"
ISSUER = "icr-sandbox"
LIFETIME = 300
_ACTIONS = {"pull": "image.pull", "push": "image.push", "delete": "image.delete"}


@dataclass(frozen=True)
class Subject:
    """Who logged in: an IAM identity, or the bearer of a legacy token, or nobody."""

    iam_id: str | None
    account_id: str | None
    credential: str | None = None
    legacy: LegacyToken | None = None


NOBODY = Subject(None, None)


@dataclass(frozen=True)
class Scope:
    """`repository:ns/repo:pull,push`, taken apart."""

    kind: str
    name: str
    actions: tuple[str, ...]


def parse_scopes(values: list[str]) -> list[Scope]:
    """Scopes from `scope` parameters, each of which may hold several. Pure. What is not a
    scope is left out, as the distribution specification wants."""
    scopes = []
    for text in " ".join(values).split():
        kind, _colon, rest = text.partition(":")
        name, colon, actions = rest.rpartition(":")
        if colon and name and kind:
            scopes.append(Scope(kind, name, tuple(actions.split(","))))
    return scopes


@dataclass(frozen=True)
class RegistryClaims:
    """What a registry token says: who, and which actions on which repositories."""

    subject: str | None
    token_id: str
    access: dict[str, frozenset[str]]


class RegistryAccess:
    """Follows the distribution token specification; permissions follow from policies."""

    def __init__(self, state: State, key: SigningKey) -> None:
        self._state = state
        self._key = key

    def granted(self, subject: Subject, scope: Scope, region: str) -> list[str]:
        """The actions of the scope that the subject has, in the order asked for."""
        if scope.kind != "repository":
            return []
        held = self._held(subject, scope.name, region)
        if "*" in scope.actions:
            return ["*"] if len(held) == len(_ACTIONS) else sorted(held)
        return [action for action in scope.actions if action in held]

    def _held(self, subject: Subject, name: str, region: str) -> set[str]:
        held: set[str] = set()
        repository = self._state.repositories.find(region, name)
        if repository is not None and repository.public:
            held.add("pull")
        namespace = self._state.namespaces.get((region, name.partition("/")[0]))
        # A namespace that does not exist, or is another account's, is refused [assumed].
        if namespace is None or namespace.account_id != subject.account_id:
            return held
        if subject.legacy is not None:
            return held | ({"pull"} if subject.legacy.readonly else {"pull", "push"})
        if subject.iam_id is None:
            return held
        if self._state.is_owner(subject.iam_id, namespace.account_id):
            return set(_ACTIONS)
        target = Target(
            namespace.account_id, region, namespace.name, namespace.resource_group
        )
        grants = self._state.grants_of(subject.iam_id)
        return held | {
            verb for verb, action in _ACTIONS.items() if may(grants, action, target)
        }

    def issue(
        self, subject: Subject, access: list[tuple[Scope, list[str]]], audience: str
    ) -> tuple[str, float]:
        """A token for what was granted, and the moment it was issued. The audience is a
        string and not a list: CNCF Distribution 2.8 takes nothing else."""
        now = int(self._state.clock.now())
        token_id = self._state.ids.uuid()
        claims: Claims = {
            "iss": ISSUER,
            "sub": subject.iam_id or "",
            "aud": audience,
            "exp": now + LIFETIME,
            "nbf": now - 10,
            "iat": now,
            "jti": token_id,
            "access": [
                {"type": scope.kind, "name": scope.name, "actions": actions}
                for scope, actions in access
                if actions
            ],
        }
        self._state.remember_token(token_id, subject.credential)
        return self._key.sign(claims), now

    def claims_of(self, token: str) -> RegistryClaims:
        """Raises TokenError when the token is forged, expired or meant for another."""
        claims = self._key.claims_of(token, self._state.clock.now())
        if claims.get("iss") != ISSUER or claims.get("aud") != SERVICE:
            raise TokenError("not a registry token")
        entries = claims.get("access")
        access = {
            entry["name"]: frozenset(entry["actions"])
            for entry in (entries if isinstance(entries, list) else [])
        }
        return RegistryClaims(
            str(claims["sub"]) or None, str(claims.get("jti")), access
        )
