# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What somebody should know of a token that is an API key, although it keeps nothing from being
done. Everything here is pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ansible_collections.icr.access.plugins.module_utils import _key_token_plan


def warnings_of(
    plan: _key_token_plan.TokenPlan, found: _key_token_plan.Found
) -> tuple[str, ...]:
    """Of policies that are not what a token has: they are left alone, or go with its service
    ID."""
    if not plan.removes_service_id:
        return tuple(
            f"Policy {other.policy_id} of the token's service ID is left alone, because "
            f"{other.reason}; what it permits, the token permits, too."
            for other in found.survey.others
        )
    if found.service_id is None or not found.elsewhere:
        return ()
    count = found.elsewhere
    told = "1 policy that is" if count == 1 else f"{count} policies that are"
    return (
        f"Service ID {found.service_id.id} ({found.service_id.name}), which goes with the token, "
        f"has {told} not on Container Registry; somebody else gave it that.",
    )
