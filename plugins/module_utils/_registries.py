# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The registries of regions: IBM Cloud's own, or those that `endpoints` puts in their place."""

from __future__ import annotations

import re

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _named_tuple,
    _regions,
    _registry_host,
)


class Registry(_named_tuple.NamedTuple):
    """A registry that somebody named.

    `host` is `host[:port]`, as it is written in auth files and image names; `region` is
    None for registries that are not IBM's; `urls` are the base URLs to ask, in order.
    """

    host: str
    region: str | None
    urls: tuple[str, ...]
    is_legacy: bool = False


def check_endpoints(endpoints: dict | None) -> None:
    """Raises `InputError` unless the value has the shape of `endpoints`. Pure."""
    if endpoints is None:
        return
    unknown = sorted(set(endpoints) - {"iam", "registry"})
    if unknown:
        hint = " (give the part under that key)" if "endpoints" in unknown else ""
        raise _errors.InputError(
            f"endpoints takes the keys iam and registry, not {', '.join(unknown)}{hint}."
        )
    if endpoints.get("iam") is not None:
        check_url(endpoints["iam"], "endpoints.iam")
    registry = endpoints.get("registry") or {}
    if not isinstance(registry, dict):
        raise _errors.InputError(
            "endpoints.registry must be a dictionary of region and URL."
        )
    for name, url in registry.items():
        _regions.get_region(str(name))
        check_url(url, f"endpoints.registry.{name}")


def check_url(url: object, option: str) -> None:
    """Raises `InputError` unless this is `https://host[:port]`, or `http://` to this
    machine: credentials must not travel in the clear. Pure."""
    scheme, host = _registry_host.split_scheme(
        url.strip() if isinstance(url, str) else ""
    )
    if scheme is None:
        raise _errors.InputError(
            f"{option} must be a URL such as https://host, not {without_user(url)!r}."
        )
    host = host.rstrip("/").lower()
    if scheme not in ("https", "http") or not _registry_host.is_host(host):
        raise _errors.InputError(
            f"{option} must be https://host[:port] without user, path or query, "
            f"not {without_user(url)!r}."
        )
    if scheme == "http" and not _registry_host.is_loopback(host):
        raise _errors.InputError(
            f"{option}: plain http:// is for this machine (localhost) only, because it "
            f"would show the credentials to the network; write https://{host}."
        )


def without_user(url: object) -> object:
    """What an error may repeat of a value that should have been a URL."""
    return re.sub("(^|//).*@", r"\1…@", url) if isinstance(url, str) else url


def region_registries(
    names: list[str], visibility: str, endpoints: dict | None
) -> tuple[Registry, ...]:
    """The registries of the named regions. Pure.

    Raises `InputError` for an unknown region, or for one that `endpoints` leaves out.
    """
    check_endpoints(endpoints)
    return tuple(
        _region_registry(region, visibility, endpoints)
        for region in _regions.expand_regions(names)
    )


def _region_registry(
    region: _regions.Region, visibility: str, endpoints: dict | None
) -> Registry:
    if endpoints is None:
        host = region.private_host if visibility == "private" else region.host
        return Registry(host, region.name, (f"https://{host}",))
    given = {
        _regions.get_region(str(name)).name: url
        for name, url in (endpoints.get("registry") or {}).items()
    }
    if region.name not in given:
        raise _errors.InputError(
            f"endpoints.registry has no URL for region {region.name}; it has "
            f"{', '.join(given) or 'none'}. Add it, or leave endpoints out for IBM Cloud."
        )
    url = given[region.name].strip().rstrip("/").lower()
    return Registry(url.split("://", 1)[1], region.name, (url,))
