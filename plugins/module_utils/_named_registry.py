# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Registries that a user named by their hosts. Pure."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _region_hosts,
    _regions,
    _registries,
    _registry_host,
)

_DOCKER_HUB = (
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "registry.hub.docker.com",
)


def named_registry(text: str) -> _registries.Registry:
    """The registry that a user named by its host. Pure.

    A loopback host without scheme is asked by https first and then by http, as container
    clients do. Raises `InputError` for what is not a host, and for `http://` elsewhere.
    """
    scheme, _rest = _registry_host.split_scheme(text.strip())
    host = _registry_host.host_of_key(text)
    if (
        scheme not in (None, "https", "http")
        or host is None
        or not _registry_host.is_host(host)
    ):
        raise _errors.InputError(
            f"{_registries.without_user(text)!r} is not a registry: write host[:port], without user, "
            f"path or repository."
        )
    if scheme is None and _is_region(host):
        raise _errors.InputError(
            f"{host} is a region, not the host of a registry; set it as region."
        )
    if host.split(":")[0] in _DOCKER_HUB:
        raise _errors.InputError(
            f"{host} is Docker Hub, whose logins clients keep under a name of their own, "
            f"which this module does not manage; use community.docker.docker_login for it."
        )
    if scheme is None and _registry_host.is_loopback(host):
        urls: tuple[str, ...] = (f"https://{host}", f"http://{host}")
    else:
        urls = (f"{scheme or 'https'}://{host}",)
        _registries.check_url(urls[0], f"registry {text!r}")
    region = _region_hosts.find_region_of_host(host)
    region = region or _region_hosts.find_region_of_legacy_host(host)
    return _registries.Registry(
        host,
        region.name if region else None,
        urls,
        is_legacy=_region_hosts.is_legacy_host(host),
    )


def refuse_legacy(registries: tuple[_registries.Registry, ...]) -> None:
    """Raises `InputError`, with the host to use instead, if one of them is a
    `registry.*.bluemix.net` host: IBM moved its registries to `icr.io` in 2019. Pure."""
    for registry in registries:
        if not registry.is_legacy:
            continue
        region = _region_hosts.find_region_of_legacy_host(registry.host)
        instead = (
            f"use {region.host} (region {region.name})"
            if region
            else "use the icr.io host of your region"
        )
        raise _errors.InputError(
            f"{registry.host} is a legacy host that was replaced by icr.io: {instead}. "
            f"With state=absent its old login is removed."
        )


def _is_region(text: str) -> bool:
    try:
        _regions.get_region(text)
    except _errors.InputError:
        return False
    return True
