# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Grants, and the policies on the local IBM Cloud that give them."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils._access import (
    Subject,
    policy_document,
    survey,
)
from ansible_collections.icr.access.plugins.module_utils._grants import Grant
from ansible_collections.icr.access.plugins.module_utils._policies import (
    Policies,
    Policy,
)

READ = Grant(("Reader",), "eu-de", "a")
PUSH = Grant(("Reader", "Writer"), "eu-de", "a")
OTHER = Grant(("Reader",), "eu-de", "b")


def make(policies: Policies, subject: Subject, grant: Grant = READ) -> Policy:
    """A policy that gives exactly this."""
    return policies.create_policy(policy_document(grant, subject), str(grant))


def grants(policies: Policies, subject: Subject) -> dict[str, Grant]:
    """What each policy of the subject gives, by its id."""
    listed = policies.list_policies(subject.account_id, subject.iam_id)
    found = survey(listed, subject).present
    return {each.policy_id: each.grant for each in found}
