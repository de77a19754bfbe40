# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The logins that are stored: a row for each, what to ask about it, and what is told of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ansible_collections.icr.access.plugins.module_utils import (
    _access_token,
    _chosen_registries,
    _errors,
    _login_place,
    _login_survey,
    _named_registry,
    _registries,
    _verdict,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.icr.access.plugins.module_utils import _authfile


@dataclass(frozen=True)
class Row:
    """What will be told in one element: what a place holds for a registry, or the problem that
    hides it. Without a registry the problem is one of the place."""

    place: _login_place.Place
    registry: _registries.Registry | None
    stored: _login_place.Stored | None = None
    modes: dict[str, int] = field(default_factory=dict)
    problem: str | None = None


def known_registries(params: dict) -> dict[str, _registries.Registry]:
    """The registries that may be asked, by host: those that the options name. Pure."""
    endpoints = params["endpoints"]
    regions = list((endpoints or {}).get("registry") or [])
    replaced = _registries.region_registries(regions, params["visibility"], endpoints)
    named = _chosen_registries.all_registries(
        params["region"], params["registry"], params["visibility"], endpoints
    )
    return {registry.host: registry for registry in (*replaced, *named)}


def registry_of(
    host: str, known: dict[str, _registries.Registry], *, is_replaced: bool
) -> _registries.Registry:
    """The registry behind a key of an auth file; one without URLs is not to be asked, which
    IBM's are not where `endpoints` has replaced them. Pure."""
    if host in known:
        return known[host]
    try:
        registry = _named_registry.named_registry(host)
    except _errors.InputError:
        return _registries.Registry(host, None, ())
    if is_replaced or not registry.region:
        return registry._replace(urls=())
    return registry


def surveyed(
    place: _login_place.Place, hosts: list[str] | None
) -> _login_survey.Survey | _errors.AuthFileError:
    """What is known of a place, or why nothing is: one user's file hides no other's."""
    try:
        return _login_survey.survey(place, hosts)
    except _errors.AuthFileError as error:
        return error


def rows_of(
    place: _login_place.Place,
    found: _login_survey.Survey | _errors.AuthFileError,
    hosts: list[str] | None,
    find_registry: Callable[[str], _registries.Registry],
) -> list[Row]:
    """The rows of one place: for the hosts that were named, else for all that are known and for
    each reason why there may be more. Pure."""
    if isinstance(found, _errors.AuthFileError):
        registries = [None] if hosts is None else map(find_registry, hosts)
        return [Row(place, registry, problem=str(found)) for registry in registries]
    stored, problems, modes = found.stored, found.problems, found.modes
    rows = [
        Row(place, find_registry(host), stored.get(host), modes, problems.get(host))
        for host in ([*stored, *problems] if hosts is None else hosts)
    ]
    if hosts is None:
        told = set(problems.values())
        rows += [
            Row(place, None, None, modes, reason)
            for reason in found.unreadable
            if reason not in told
        ]
    return rows


def login_in_use(stored: _login_place.Stored) -> _authfile.Login | None:
    """The login that the client would use: one that wins over the stored one, too. Pure."""
    return stored.shadow or stored.login


def has_secret(login: _authfile.Login | None) -> bool:
    """Whether there is anything that a client could send. Pure."""
    return login is not None and login.secret is not None


def question(
    registry: _registries.Registry, stored: _login_place.Stored
) -> _verdict.Job | str:
    """What to ask the registry about a login, or why it is not asked. Pure."""
    login = login_in_use(stored)
    if login is None or login.secret is None:
        return "no login is stored"
    if registry.is_legacy:
        return "the host was replaced by icr.io in 2019; remove the login"
    if "/" in registry.host:
        return "a login for a part of a registry, which is not asked about"
    if not registry.urls and registry.region:
        return "not asked: endpoints replaces IBM Cloud's hosts"
    if not registry.urls:
        return "not one of IBM's registries; name it in registry to have it asked"
    if login.is_token or login.username is None:
        return "an identity token, which only its client can use"
    return _verdict.Job(
        registry.urls, _verdict.Credential(login.username, login.secret)
    )


def question_of(row: Row) -> _verdict.Job | str:
    """What to ask about a row, or why nothing is asked. Pure."""
    if row.registry is None or row.stored is None:
        return "what is stored could not be read"
    return question(row.registry, row.stored)


def where(
    place: _login_place.Place, stored: _login_place.Stored | None
) -> dict[str, str | None]:
    """The keys that tell where a login is, and what the client prefers to it. Pure."""
    path, store, shadowed_by = place.path, None, None
    if stored is not None:
        store, shadowed_by = stored.store, stored.shadowed_by
        if stored.shadow is not None:
            store = _login_place.FILE
            if stored.shadowed_by and not has_secret(stored.login):
                path = stored.shadowed_by
                shadowed_by = stored.parts[0][0] if stored.parts else None
    return {"config_path": path, "store": store, "shadowed_by": shadowed_by}


def login_of(row: Row, outcome: _verdict.Verdict | _errors.AccessError | str) -> dict:
    """The element of `logins` for a row. Pure."""
    registry, found_at = row.registry, where(row.place, row.stored)
    login = login_in_use(row.stored) if row.stored else None
    claims = _access_token.read_claims(login.secret) if login and login.secret else None
    mode = row.modes.get(found_at["config_path"] or "")
    valid = outcome.accepted if isinstance(outcome, _verdict.Verdict) else None
    reason = outcome.reason if isinstance(outcome, _verdict.Verdict) else str(outcome)
    return {
        "registry": registry.host if registry else None,
        "region": registry.region if registry else None,
        "legacy": registry.is_legacy if registry else False,
        "stored": has_secret(login) if row.stored else None,
        "username": login.username if login else None,
        "user": row.place.user.name,
        "mode": None if mode is None else f"{mode:04o}",
        "valid": valid,
        "reason": reason or None,
        "expires_at": utc(claims.expires_at) if claims else None,
        "problem": row.problem,
        **found_at,
    }


def utc(seconds: int | None) -> str | None:
    """ISO 8601 for seconds since 1970. Pure."""
    if seconds is None:
        return None
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
