# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""POST /seed: puts things into the world without asking who may."""

from __future__ import annotations

from collections.abc import Callable

from icr_sandbox.seed_identities import SeedIdentities
from icr_sandbox.seed_item import Item, Made, SeedError, make_from
from icr_sandbox.seed_policies import SeedPolicies
from icr_sandbox.seed_registry import SeedRegistry
from icr_sandbox.state import State


class Seeding:
    """Reads a seed in the order of `_kinds`, so that later entries may name earlier ones."""

    def __init__(self, state: State) -> None:
        self._state = state
        policies = SeedPolicies(state)
        identities = SeedIdentities(state, policies)
        registry = SeedRegistry(state)
        self._kinds: dict[str, Callable[[Item], Made]] = {
            "accounts": identities.account,
            "users": identities.user,
            "service_ids": identities.service_id,
            "profiles": identities.profile,
            "api_keys": identities.api_key,
            "policies": policies.policy,
            "namespaces": registry.namespace,
            "repositories": registry.repository,
            "legacy_tokens": registry.legacy_token,
            "messages": registry.message,
        }

    def seed(self, given: dict[str, object]) -> Made:
        """What was made, under the same names. Raises SeedError; what came before the
        wrong entry stays made."""
        unknown = set(given) - set(self._kinds) - {"limits"}
        if unknown:
            raise SeedError(f"unknown: {', '.join(sorted(unknown))}")
        made: Made = {}
        limits = given.get("limits", {})
        if not isinstance(limits, dict):
            raise SeedError("limits is an object")
        try:
            self._state.limits.change(limits)
        except ValueError as error:
            raise SeedError(str(error)) from None
        for kind, make in self._kinds.items():
            entries = given.get(kind)
            if entries is None:
                continue
            if not isinstance(entries, list):
                raise SeedError(f"{kind} is a list")
            made[kind] = [make_from(kind, entry, make) for entry in entries]
        return made
