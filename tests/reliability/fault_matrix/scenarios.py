# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What each module typically does: the world that it finds, and what it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.icr.access.tests.reliability.fault_matrix.stage import (
    REGIONS,
    Stage,
)
from ansible_collections.icr.access.tests.unit.plugins.modules.key_tokens import (
    REGION,
    seed_token,
)
from ansible_collections.icr.access.tests.unit.plugins.modules.login_files import (
    entry,
    write,
)

LOOKUP = "iam_token"
APP = "team/app"


@dataclass(frozen=True)
class Scenario:
    """`prepare` makes the world what it is before, and gives the module's options."""

    module: str
    does: str
    prepare: Callable[[Stage], dict[str, Any]]

    def __str__(self) -> str:
        return f"{self.module}: {self.does}"


# --- logins ---


def _log_in(stage: Stage, **options: object) -> dict[str, Any]:
    stage.namespaces("team")
    write(stage.auth_file, {"auths": {"other.example.com": entry()}, "kept": [1]})
    given = {"config_path": str(stage.auth_file), "region": REGIONS}
    return {**given, "api_key": _login_key(stage), **options}


def _login_key(stage: Stage) -> str:
    made = stage.cloud.service_id(
        policies=[{"roles": ["Reader", "Writer"], "namespace": "team"}]
    )
    return str(made["api_key"])


def _log_in_for_an_hour(stage: Stage) -> dict[str, Any]:
    token = stage.cloud.token_of(_login_key(stage))
    return _log_in(stage, api_key=None, iam_token=token)


def _logged_in(stage: Stage, **options: object) -> dict[str, Any]:
    return _stored(stage, _login_key(stage), **options)


def _stored(stage: Stage, key: str, **options: object) -> dict[str, Any]:
    urls = (stage.cloud.endpoints["registry"][each] for each in REGIONS)
    auths = {url.split("//")[1]: entry(key) for url in urls}
    write(stage.auth_file, {"auths": auths})
    return {"config_path": str(stage.auth_file), "region": REGIONS, **options}


def _keep_a_login(stage: Stage) -> dict[str, Any]:
    key = _login_key(stage)
    return _stored(stage, key, api_key=key)


# --- API keys ---


def _change_key(stage: Stage) -> dict[str, Any]:
    stage.key(locked=True)
    change = {"description": "new", "disabled": True, "locked": False}
    return {"name": "n", **change}


def _lock_key(stage: Stage) -> dict[str, Any]:
    stage.key(description="old")
    return {"name": "n", "description": "", "locked": True}


def _key_of_service_id(stage: Stage) -> dict[str, Any]:
    stage.cloud.service_id("ci", api_keys=[])
    return {"name": "n", "service_id": "ci", "store_value": True}


def _key_in_file(stage: Stage, **options: object) -> dict[str, Any]:
    stage.dest.write_text(stage.key())
    stage.dest.chmod(0o600)
    return {"name": "n", "dest": str(stage.dest), **options}


def _stored_key(stage: Stage, **options: object) -> dict[str, Any]:
    """A key of a service ID whose value IBM Cloud keeps."""
    stage.cloud.service_id("ci", api_keys=[])
    stage.key(service_id="ci", store_value=True)
    return {"name": "n", "service_id": "ci", **options}


def _no_key(stage: Stage, **options: object) -> dict[str, Any]:
    return {"name": "n", **options}


def _remove_key(stage: Stage) -> dict[str, Any]:
    stage.key()
    return {"name": "n", "state": "absent"}


ROTATE = {"rotate": "if_older", "max_age": "5d"}


# --- tokens, service IDs, namespaces ---


def _new_token(stage: Stage) -> dict[str, Any]:
    stage.namespaces("team")
    return {"description": "ci", "region": REGION, "namespaces": ["team"]}


def _token(stage: Stage, **options: object) -> dict[str, Any]:
    seed_token(stage.cloud, expires_at=stage.cloud.app.clock.now() + 2 * 3600)
    return {"description": "ci", "region": REGION, **options}


def _old_kind(stage: Stage, **options: object) -> dict[str, Any]:
    """The tokens that IBM ended."""
    stage.cloud.switch(tokens="historical")
    return {"backend": "registry", "description": "ci", "region": REGION, **options}


def _old_token(stage: Stage, **options: object) -> dict[str, Any]:
    given = _old_kind(stage, **options)
    ends = stage.cloud.app.clock.now() + 2 * 3600
    fields = {"region": REGION, "description": "ci", "expires_at": ends}
    stage.cloud.seed(legacy_tokens=[fields])
    return given


PULL = {"roles": ["Reader"], "region": REGION, "namespaces": ["team"]}
PUSH = {"roles": ["Reader", "Writer"], "region": REGION, "namespaces": ["team"]}
ELSEWHERE = {"roles": ["Reader"], "region": "eu-de", "namespaces": ["team"]}


def _new_service_id(stage: Stage) -> dict[str, Any]:
    return {"name": "ci", "description": "builds", "access": [PUSH, ELSEWHERE]}


def _service_id(stage: Stage, **options: object) -> dict[str, Any]:
    policies = [
        {"roles": ["Reader"], "region": REGION, "namespace": "team"},
        {"roles": ["Reader"], "region": "jp-tok", "namespace": "gone"},
    ]
    stage.cloud.service_id("ci", description="old", policies=policies)
    return {"name": "ci", **options}


def _namespace(stage: Stage, **options: object) -> dict[str, Any]:
    stage.cloud.seed(namespaces=[{"region": REGION, "name": "team"}])
    return {"name": "team", "region": REGION, **options}


def _namespace_of_old(stage: Stage) -> dict[str, Any]:
    before = {"region": REGION, "name": "team", "without_resource_group": True}
    stage.cloud.seed(namespaces=[before])
    group = stage.cloud.app.state.founder.resource_group
    return {"name": "team", "region": REGION, "resource_group": group}


def _with(prepare: Callable[..., dict[str, Any]], **options: object) -> Any:
    return lambda stage: prepare(stage, **options)


SCENARIOS = (
    Scenario("cr_login", "log in", _with(_log_in, pull=[APP], push=[APP])),
    Scenario("cr_login", "log in for an hour", _log_in_for_an_hour),
    Scenario("cr_login", "keep a login", _keep_a_login),
    Scenario("cr_login_info", "look", _logged_in),
    Scenario("cr_apikey", "make", _no_key),
    Scenario(
        "cr_apikey",
        "make, locked and disabled",
        _with(_no_key, locked=True, disabled=True),
    ),
    Scenario("cr_apikey", "make with file", lambda s: _no_key(s, dest=str(s.dest))),
    Scenario("cr_apikey", "make, stored", _key_of_service_id),
    Scenario("cr_apikey", "change", _change_key),
    Scenario("cr_apikey", "lock", _lock_key),
    Scenario("cr_apikey", "keep with file", _key_in_file),
    Scenario("cr_apikey", "restore file", lambda s: _stored_key(s, dest=str(s.dest))),
    Scenario("cr_apikey", "rotate with file", _with(_key_in_file, **ROTATE)),
    Scenario("cr_apikey", "rotate, stored", _with(_stored_key, **ROTATE)),
    Scenario("cr_apikey", "rotate, told", lambda s: (s.key(), _no_key(s, **ROTATE))[1]),
    Scenario("cr_apikey", "remove", _remove_key),
    Scenario("cr_apikey_info", "reveal", _with(_stored_key, reveal=True)),
    Scenario(
        "cr_apikey_info",
        "whole account",
        lambda s: (_stored_key(s), {"scope": "account"})[1],
    ),
    Scenario("cr_token", "make", _new_token),
    Scenario("cr_token", "keep", _token),
    Scenario("cr_token", "more access", _with(_token, readwrite=True)),
    Scenario("cr_token", "renew", _with(_token, renew_before="3h")),
    Scenario("cr_token", "remove", _with(_token, state="absent")),
    Scenario("cr_token", "make, of old", _old_kind),
    Scenario("cr_token", "renew, of old", _with(_old_token, renew_before="3h")),
    Scenario("cr_token", "remove, of old", _with(_old_token, state="absent")),
    Scenario("cr_token_info", "reveal", _with(_token, reveal=True)),
    Scenario("cr_token_info", "reveal, of old", _with(_old_token, reveal=True)),
    Scenario("cr_service_id", "make", _new_service_id),
    Scenario(
        "cr_service_id",
        "change",
        _with(_service_id, description="new", access=[PUSH, ELSEWHERE], locked=True),
    ),
    Scenario("cr_service_id", "remove", _with(_service_id, state="absent")),
    Scenario("cr_service_id_info", "look", _service_id),
    Scenario("cr_namespace", "make", lambda s: {"name": "team", "region": REGION}),
    Scenario("cr_namespace", "assign", _namespace_of_old),
    Scenario("cr_namespace", "remove", _with(_namespace, state="absent")),
    Scenario(
        "cr_namespace_info", "look", lambda s: (_namespace(s), {"region": REGION})[1]
    ),
    Scenario(LOOKUP, "exchange", lambda s: {}),
)
