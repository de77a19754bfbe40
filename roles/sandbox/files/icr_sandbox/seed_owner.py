# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Whose an entry of a seed is to be: an account's, or an identity's."""

from __future__ import annotations

from icr_sandbox.records import Identity, Profile, ServiceId
from icr_sandbox.seed_item import Item, SeedError
from icr_sandbox.state import State


def account_of(state: State, item: Item) -> str:
    """The account that `account_id` names, else the first one. Raises SeedError."""
    account_id = item.text("account_id", state.founder.account_id)
    if account_id not in state.accounts:
        raise SeedError(f"{item.kind}: unknown account {account_id}")
    return account_id


def identity_of(state: State, item: Item) -> Identity:
    """By `iam_id`, or `service_id` or `profile`: id, IAM id or a name that is unique
    among them; the account owner when none is given. Raises SeedError."""
    iam_id = item.optional_text("iam_id")
    wanted = item.optional_text("service_id") or item.optional_text("profile")
    if wanted is not None:
        return named_identity(state, item.kind, wanted)
    identity = state.identity(iam_id or state.founder.iam_id)
    if identity is None:
        raise SeedError(f"{item.kind}: unknown iam_id {iam_id}")
    return identity


def named_identity(state: State, kind: str, wanted: str) -> Identity:
    """The one service ID or profile of that id, IAM id or name. Raises SeedError."""
    candidates: list[ServiceId | Profile] = [
        *state.service_ids.values(),
        *state.profiles.values(),
    ]
    found = [
        identity
        for identity in candidates
        if wanted in (identity.id, identity.iam_id, identity.name)
    ]
    if len(found) != 1:
        raise SeedError(f"{kind}: {len(found)} identities are called {wanted}")
    return found[0]
