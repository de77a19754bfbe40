# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Whether a token that is an API key works already: IBM Cloud shows a new key, and what it may do,
in some of its places later than in others."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _key_tokens,
    _namespace_api,
    _registry_login,
    _verdict,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.icr.access.plugins.module_utils import (
        _clients,
        _registries,
    )

# Nobody has to have such a repository: what counts is whether the registry lets us look.
_PROBE = "icr-access-probe"
_NOT_FOR_THE_CALLER = (401, 403)


@dataclass(frozen=True)
class Proof:
    """Asks IAM and the registry about a key, in the order in which they learn of it.

    `namespaces` are those that the token opens, None for all. A namespace can be asked about if
    the calling identity sees that it exists; for all, one stands. That pushing is permitted is
    not asked, because that would take an upload.
    """

    clients: _clients.Clients
    registry: _registries.Registry
    settings: _verdict.Settings
    namespaces: tuple[str, ...] | None

    def attempt(self, value: str) -> Callable[[], _errors.AccessError | None]:
        """For `wait_until`: what is proven once is not asked again."""
        pending = [self._ask_iam, self._ask_registry]

        def attempt() -> _errors.AccessError | None:
            while pending:
                objection = pending[0](value)
                if objection is not None:
                    return objection
                del pending[0]
            return None

        return attempt

    def _ask_iam(self, value: str) -> _errors.AccessError | None:
        try:
            self.clients.caller.with_key(value).access_token()
        except _errors.AuthError as error:
            return error
        return None

    def _ask_registry(self, value: str) -> _errors.AccessError | None:
        repositories = [f"{name}/{_PROBE}" for name in self._to_be_asked()]
        verdict = _registry_login.RegistryLogin(self.settings).verify(
            self.registry.urls,
            _verdict.Credential(_key_tokens.USERNAME, value),
            pull=repositories,
        )
        return objection_of(verdict, self.registry.host)

    def _to_be_asked(self) -> list[str]:
        api = _namespace_api.NamespaceApi(
            self.clients.caller, self.registry, self.clients.account_id()
        )
        try:
            seen = sorted(each.name for each in api.list_namespaces())
        except _errors.AccessError as error:
            # who may make tokens need not be one who may see what they open
            if error.status in _NOT_FOR_THE_CALLER:
                return []
            raise
        if self.namespaces is None:
            return seen[:1]
        return [name for name in self.namespaces if name in seen]


def objection_of(verdict: _verdict.Verdict, host: str) -> _errors.AccessError | None:
    """What a registry said against a token, None when nothing. Pure."""
    denied = [
        repository.rsplit("/", 1)[0]
        for repository, is_permitted in verdict.permissions.get("pull", {}).items()
        if is_permitted is False
    ]
    if verdict.accepted is not False and not denied:
        return None
    said = verdict.reason or f"{host} does not permit to pull in {', '.join(denied)}."
    return _errors.ApiError(
        said,
        url=verdict.url,
        status=verdict.status,
        code=verdict.code,
        trace_id=verdict.trace_id,
    )
