# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What an account has chosen for one regional registry."""

from __future__ import annotations

from dataclasses import dataclass

UNLIMITED = -1
MEGABYTE = 1024 * 1024
# Storage and monthly traffic in megabytes, by plan [documented].
PLANS = {"Free": (500, 5 * 1024), "Standard": (UNLIMITED, UNLIMITED)}


@dataclass
class RegistrySettings:
    """Quotas are in megabytes; UNLIMITED is what it says. A new account has the free plan."""

    plan: str = "Free"
    storage_megabytes: int = PLANS["Free"][0]
    traffic_megabytes: int = PLANS["Free"][1]
    iam_authz: bool = True
    private_only: bool = False
    platform_metrics: bool = False

    def set_plan(self, plan: str) -> None:
        """Quotas become those of the plan [assumed]."""
        self.plan = plan
        self.storage_megabytes, self.traffic_megabytes = PLANS[plan]
