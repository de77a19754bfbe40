# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""From a registry host to its region, those hosts that IBM has replaced included. Pure."""

from __future__ import annotations

import re

from ansible_collections.icr.access.plugins.module_utils import _regions

_BY_HOST = {region.host: region for region in _regions.REGIONS}
_BY_HOST.update({region.private_host: region for region in _regions.REGIONS})
_BY_LEGACY_HOST = {
    region.legacy_host: region for region in _regions.REGIONS if region.legacy_host
}


def find_region_of_host(host: str) -> _regions.Region | None:
    """The region that a public or private registry host serves, or None. Pure."""
    return _BY_HOST.get(host)


def find_region_of_legacy_host(host: str) -> _regions.Region | None:
    """The region that a `registry.*.bluemix.net` host used to serve, or None. Pure."""
    return _BY_LEGACY_HOST.get(host)


def is_legacy_host(host: str) -> bool:
    """Whether a host is named as registries were before `icr.io`, known or not. Pure."""
    return re.fullmatch(r"registry(\.[a-z0-9-]+)?\.bluemix\.net", host) is not None
