# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""From the options `region`, `registry`, `visibility` and `endpoints` to registries."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._regions import (
    Region,
    expand_regions,
    find_region_of_host,
    find_region_of_legacy_host,
    get_region,
    is_legacy_host,
)

_HOST = re.compile(
    r"(?P<name>[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(:(?P<port>[0-9]{1,5}))?"
)
_URL = re.compile(r"^(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<rest>.*)$", re.IGNORECASE)
_WHOLE_REGISTRY = re.compile(r"(/|/v[12]/?)?")
_LOOPBACK = re.compile(r"^(localhost|127(\.[0-9]{1,3}){3}|\[::1\])$")
# Source: the grammar of names in https://distribution.github.io/distribution/spec/api/
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_PART}(?:/{_PART})*")
_DOCKER_HUB = (
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "registry.hub.docker.com",
)


@dataclass(frozen=True)
class Registry:
    """A registry that somebody named.

    `host` is `host[:port]`, as it is written in auth files and image names; `region` is
    None for registries that are not IBM's; `urls` are the base URLs to ask, in order.
    """

    host: str
    region: str | None
    urls: tuple[str, ...]
    is_legacy: bool = False


def is_repository(text: str) -> bool:
    """Whether this is the name of a repository, without host, tag and digest. Pure."""
    return _REPOSITORY.fullmatch(text) is not None


def is_loopback(host: str) -> bool:
    """Whether `host[:port]` is this machine by its name alone. Pure."""
    match = _HOST.fullmatch(host)
    return match is not None and _LOOPBACK.match(match.group("name")) is not None


def host_of_key(key: str) -> str | None:
    """`host[:port]` when an auth file's key names a whole registry in any of the spellings
    that clients have used (`https://HOST`, `HOST/v1/`), else None. Pure."""
    url = _URL.match(key.strip())
    rest = url.group("rest") if url else key.strip()
    host, slash, path = rest.partition("/")
    host = host.lower()
    if _HOST.fullmatch(host) is None or not _WHOLE_REGISTRY.fullmatch(slash + path):
        return None
    return host


def check_endpoints(endpoints: dict | None) -> None:
    """Raises `InputError` unless the value has the shape of `endpoints`. Pure."""
    if endpoints is None:
        return
    unknown = sorted(set(endpoints) - {"iam", "registry"})
    if unknown:
        hint = " (give the part under that key)" if "endpoints" in unknown else ""
        raise InputError(
            f"endpoints takes the keys iam and registry, not {', '.join(unknown)}{hint}."
        )
    if endpoints.get("iam") is not None:
        check_url(endpoints["iam"], "endpoints.iam")
    registry = endpoints.get("registry") or {}
    if not isinstance(registry, dict):
        raise InputError("endpoints.registry must be a dictionary of region and URL.")
    for name, url in registry.items():
        get_region(str(name))
        check_url(url, f"endpoints.registry.{name}")


def check_url(url: object, option: str) -> None:
    """Raises `InputError` unless this is `https://host[:port]`, or `http://` to this
    machine: credentials must not travel in the clear. Pure."""
    match = _URL.match(url.strip()) if isinstance(url, str) else None
    if match is None:
        raise InputError(
            f"{option} must be a URL such as https://host, not {_without_user(url)!r}."
        )
    scheme, host = (
        match.group("scheme").lower(),
        match.group("rest").rstrip("/").lower(),
    )
    if scheme not in ("https", "http") or not _is_host(host):
        raise InputError(
            f"{option} must be https://host[:port] without user, path or query, "
            f"not {_without_user(url)!r}."
        )
    if scheme == "http" and not is_loopback(host):
        raise InputError(
            f"{option}: plain http:// is for this machine (localhost) only, because it "
            f"would show the credentials to the network; write https://{host}."
        )


def region_registries(
    names: list[str], visibility: str, endpoints: dict | None
) -> tuple[Registry, ...]:
    """The registries of the named regions. Pure.

    Raises `InputError` for an unknown region, or for one that `endpoints` leaves out.
    """
    check_endpoints(endpoints)
    return tuple(
        _region_registry(region, visibility, endpoints)
        for region in expand_regions(names)
    )


def named_registry(text: str) -> Registry:
    """The registry that a user named by its host. Pure.

    A loopback host without scheme is asked by https first and then by http, as container
    clients do. Raises `InputError` for what is not a host, and for `http://` elsewhere.
    """
    match = _URL.match(text.strip())
    scheme = match.group("scheme").lower() if match else None
    host = host_of_key(text)
    if scheme not in (None, "https", "http") or host is None or not _is_host(host):
        raise InputError(
            f"{_without_user(text)!r} is not a registry: write host[:port], without user, "
            f"path or repository."
        )
    if scheme is None and _is_region(host):
        raise InputError(
            f"{host} is a region, not the host of a registry; set it as region."
        )
    if host.split(":")[0] in _DOCKER_HUB:
        raise InputError(
            f"{host} is Docker Hub, whose logins clients keep under a name of their own, "
            f"which this module does not manage; use community.docker.docker_login for it."
        )
    if scheme is None and is_loopback(host):
        urls: tuple[str, ...] = (f"https://{host}", f"http://{host}")
    else:
        urls = (f"{scheme or 'https'}://{host}",)
        check_url(urls[0], f"registry {text!r}")
    region = find_region_of_host(host) or find_region_of_legacy_host(host)
    return Registry(
        host, region.name if region else None, urls, is_legacy=is_legacy_host(host)
    )


def all_registries(
    regions: list[str] | None,
    hosts: list[str] | None,
    visibility: str,
    endpoints: dict | None,
) -> tuple[Registry, ...]:
    """Everything that `region` and `registry` name, each host once. Pure.

    Raises `InputError` as the functions above do.
    """
    named = list(region_registries(regions or [], visibility, endpoints))
    named += [named_registry(host) for host in hosts or []]
    found: dict[str, Registry] = {}
    for registry in named:
        found.setdefault(registry.host, registry)
    return tuple(found.values())


def refuse_legacy(registries: tuple[Registry, ...]) -> None:
    """Raises `InputError`, with the host to use instead, if one of them is a
    `registry.*.bluemix.net` host: IBM moved its registries to `icr.io` in 2019. Pure."""
    for registry in registries:
        if not registry.is_legacy:
            continue
        region = find_region_of_legacy_host(registry.host)
        instead = (
            f"use {region.host} (region {region.name})"
            if region
            else "use the icr.io host of your region"
        )
        raise InputError(
            f"{registry.host} is a legacy host that was replaced by icr.io: {instead}. "
            f"With state=absent its old login is removed."
        )


def _is_region(text: str) -> bool:
    try:
        get_region(text)
    except InputError:
        return False
    return True


def _region_registry(
    region: Region, visibility: str, endpoints: dict | None
) -> Registry:
    if endpoints is None:
        host = region.private_host if visibility == "private" else region.host
        return Registry(host, region.name, (f"https://{host}",))
    given = {
        get_region(str(name)).name: url
        for name, url in (endpoints.get("registry") or {}).items()
    }
    if region.name not in given:
        raise InputError(
            f"endpoints.registry has no URL for region {region.name}; it has "
            f"{', '.join(given) or 'none'}. Add it, or leave endpoints out for IBM Cloud."
        )
    url = given[region.name].strip().rstrip("/").lower()
    return Registry(url.split("://", 1)[1], region.name, (url,))


def _is_host(host: str) -> bool:
    match = _HOST.fullmatch(host)
    return match is not None and int(match.group("port") or 1) in range(1, 65536)


def _without_user(url: object) -> object:
    """What an error may repeat of a value that should have been a URL."""
    return re.sub("(^|//).*@", r"\1…@", url) if isinstance(url, str) else url
