# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Where a scenario is played: a cloud and a host."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud

REGIONS = ["us-south", "eu-de"]
DAY = 86400


@dataclass(frozen=True)
class Stage:
    """A world for one try: the cloud, and a folder that is the host's."""

    cloud: LocalCloud
    host: Path

    @property
    def region(self) -> str:
        """The one that is meant where it has to be one."""
        return REGIONS[0]

    @property
    def auth_file(self) -> Path:
        return self.host / "auth.json"

    @property
    def dest(self) -> Path:
        return self.host / "key"

    def namespaces(self, *names: str) -> None:
        for region in REGIONS:
            each = [{"region": region, "name": name} for name in names]
            self.cloud.seed(namespaces=each)

    def key(self, **fields: object) -> str:
        """A key `n` of the owner, made ten days ago; its value."""
        self.cloud.advance(-10 * DAY)
        made = self.cloud.seed(api_keys=[{"name": "n", **fields}])["api_keys"][0]
        self.cloud.advance(10 * DAY)
        return str(made["value"])
