# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The regions of IBM Cloud Container Registry and the host that serves each.

Source: https://cloud.ibm.com/docs/Registry?topic=Registry-registry_overview, except `eu-fr2`,
which only IBM's own client libraries know.
"""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _named_tuple,
)

ALL = "all"


class Region(_named_tuple.NamedTuple):
    """One row of the table."""

    name: str
    place: str
    host: str
    former_name: str | None = None
    legacy_host: str | None = None
    documented: bool = True

    @property
    def private_host(self) -> str:
        """The host to be reached from IBM Cloud's private network."""
        return "private." + self.host


REGIONS = (
    Region("global", "Global", "icr.io", legacy_host="registry.bluemix.net"),
    Region("us-south", "Dallas", "us.icr.io", legacy_host="registry.ng.bluemix.net"),
    Region(
        "eu-gb",
        "London",
        "uk.icr.io",
        former_name="uk-south",
        legacy_host="registry.eu-gb.bluemix.net",
    ),
    Region(
        "eu-de",
        "Frankfurt",
        "de.icr.io",
        former_name="eu-central",
        legacy_host="registry.eu-de.bluemix.net",
    ),
    Region(
        "au-syd",
        "Sydney",
        "au.icr.io",
        former_name="ap-south",
        legacy_host="registry.au-syd.bluemix.net",
    ),
    Region("jp-tok", "Tokyo", "jp.icr.io", former_name="ap-north"),
    Region("jp-osa", "Osaka", "jp2.icr.io"),
    Region("ca-tor", "Toronto", "ca.icr.io"),
    Region("br-sao", "São Paulo", "br.icr.io"),
    Region("eu-es", "Madrid", "es.icr.io"),
    Region("ca-mon", "Montreal", "ca2.icr.io"),
    Region("in-che", "Chennai", "in.icr.io"),
    Region("in-mum", "Mumbai", "in2.icr.io"),
    Region("eu-fr2", "Paris", "fr2.icr.io", documented=False),
)

# Regions of IBM Cloud without a registry of their own, and the one that serves them.
_SERVED_BY = {"us-east": "us-south"}

_BY_NAME = {region.name: region for region in REGIONS}
_BY_NAME.update(
    {region.former_name: region for region in REGIONS if region.former_name}
)
_BY_NAME.update({name: _BY_NAME[served_by] for name, served_by in _SERVED_BY.items()})


def get_region(name: str) -> Region:
    """The region of a current name, a former name or a zone such as `eu-de-1`. Pure.

    Raises `InputError` for any other name: to fall back to the global registry would hide
    a slip until somebody misses their images.
    """
    wanted = name.strip().lower()
    found = _BY_NAME.get(wanted)
    if found is None:
        region, _dash, zone = wanted.rpartition("-")
        # "global" has no zones.
        if region != "global" and zone.isascii() and zone.isdigit():
            found = _BY_NAME.get(region)
    if found is None:
        raise _errors.InputError(
            f"There is no registry region {name!r}. Known regions: {', '.join(_BY_NAME)}; "
            f"{ALL!r} stands for all documented ones."
        )
    return found


def expand_regions(names: list[str]) -> tuple[Region, ...]:
    """The regions that are named, each once, in the order of their first mention. Pure.

    `all` stands for every documented region. Raises `InputError` for an unknown name.
    """
    found: dict[str, Region] = {}
    for name in names:
        if name.strip().lower() == ALL:
            named = [region for region in REGIONS if region.documented]
        else:
            named = [get_region(name)]
        for region in named:
            found.setdefault(region.name, region)
    return tuple(found.values())
