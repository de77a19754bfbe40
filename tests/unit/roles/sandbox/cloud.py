# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A client of the sandbox that needs no socket."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from icr_sandbox.app import App
from icr_sandbox.messages import Request, Response

START = 1_800_000_000.0
APIKEY_GRANT = "urn:ibm:params:oauth:grant-type:apikey"
HOSTS = {"iam": "iam.cloud.ibm.com", "registry": "us.icr.io", "control": "127.0.0.1"}
ROLE = "crn:v1:bluemix:public:iam::::serviceRole:"


@dataclass
class Cloud:
    """Speaks to one App, as `us.icr.io` where it does not say otherwise."""

    app: App

    def call(
        self,
        service: str,
        method: str,
        target: str,
        *,
        token: str | None = None,
        basic: tuple[str, str] | None = None,
        json_body: object = None,
        form: dict[str, str] | None = None,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        region: str = "us-south",
    ) -> Response:
        sent = {"host": HOSTS[service]}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        if basic is not None:
            pair = base64.b64encode(":".join(basic).encode()).decode()
            sent["authorization"] = f"Basic {pair}"
        if json_body is not None:
            body = json.dumps(json_body).encode()
            sent["content-type"] = "application/json"
        if form is not None:
            body = urlencode(form).encode()
            sent["content-type"] = "application/x-www-form-urlencoded"
        sent.update({name.lower(): value for name, value in (headers or {}).items()})
        parts = urlsplit(target)
        return self.app.handle(
            Request(
                service=service,
                method=method,
                path=unquote(parts.path),
                query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
                headers=sent,
                body=body,
                region=region if service == "registry" else None,
                secure=True,
            )
        )

    def iam(self, method: str, target: str, **more: Any) -> Response:
        return self.call("iam", method, target, **more)

    def registry(self, method: str, target: str, **more: Any) -> Response:
        return self.call("registry", method, target, **more)

    def control(self, method: str, target: str, json_body: object = None) -> Response:
        return self.call("control", method, target, json_body=json_body)

    # --- what tests do all the time ---

    def seed(self, **what: object) -> dict[str, Any]:
        answer = self.control("POST", "/seed", what)
        assert answer.status == 201, answer.body
        made: dict[str, Any] = answer.json()
        return made

    def switch(self, **what: object) -> None:
        assert self.control("POST", "/switches", what).status == 200

    def advance(self, seconds: float) -> None:
        assert self.control("POST", "/clock", {"advance": seconds}).status == 200

    def exchange(self, api_key: str, **more: Any) -> Response:
        form = {"grant_type": APIKEY_GRANT, "apikey": api_key}
        return self.iam("POST", "/identity/token", form=form, **more)

    def token_of(self, api_key: str) -> str:
        token: str = self.exchange(api_key).json()["access_token"]
        return token

    @property
    def account_id(self) -> str:
        account_id: str = self.app.state.founder.account_id
        return account_id

    @property
    def api_key(self) -> str:
        api_key: str = self.app.state.founder.api_key
        return api_key

    @property
    def owner(self) -> str:
        """An access token of the account owner."""
        return self.token_of(self.api_key)

    def service_id(self, name: str = "ci", **more: object) -> dict[str, Any]:
        made: dict[str, Any] = self.seed(service_ids=[{"name": name, **more}])
        first: dict[str, Any] = made["service_ids"][0]
        return first

    def login(self, user_name: str, secret: str, *scopes: str, **more: Any) -> Response:
        query = urlencode([("service", "registry"), *(("scope", s) for s in scopes)])
        return self.registry(
            "GET", f"/oauth/token?{query}", basic=(user_name, secret), **more
        )

    def access(self, api_key: str, *scopes: str, **more: Any) -> list[dict[str, Any]]:
        """The `access` claim that a key gets for the scopes."""
        answer = self.login("iamapikey", api_key, *scopes, **more)
        assert answer.status == 200, answer.body
        access: list[dict[str, Any]] = claims_of(answer.json()["token"])["access"]
        return access

    def journal(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.control("GET", "/journal").json()[
            "requests"
        ]
        return entries


def claims_of(token: str) -> dict[str, Any]:
    """The claims, without looking at the signature."""
    middle = token.split(".")[1]
    claims: dict[str, Any] = json.loads(
        base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4))
    )
    return claims


def ask(
    cloud: Cloud, method: str, target: str, api_key: str | None = None, **more: Any
) -> Response:
    """A call on the registry API, as the account owner or the holder of the key."""
    headers = {"Account": cloud.account_id, **more.pop("headers", {})}
    token = cloud.token_of(api_key or cloud.api_key)
    return cloud.registry(method, target, token=token, headers=headers, **more)


def policy_for(
    cloud: Cloud, iam_id: str, *roles: str, **attributes: str
) -> dict[str, Any]:
    """A policy body of version 1 on the registry."""
    values = {
        "accountId": cloud.account_id,
        "serviceName": "container-registry",
        **attributes,
    }
    return {
        "type": "access",
        "subjects": [{"attributes": [{"name": "iam_id", "value": iam_id}]}],
        "roles": [{"role_id": ROLE + role} for role in roles],
        "resources": [
            {
                "attributes": [
                    {"name": name, "value": value} for name, value in values.items()
                ]
            }
        ],
    }


def policy_v2_for(
    cloud: Cloud, iam_id: str, *roles: str, **attributes: str
) -> dict[str, Any]:
    """The same of version 2."""
    values = {
        "accountId": cloud.account_id,
        "serviceName": "container-registry",
        **attributes,
    }
    return {
        "type": "access",
        "subject": {"attributes": [attribute_v2("iam_id", iam_id)]},
        "control": {"grant": {"roles": [{"role_id": ROLE + role} for role in roles]}},
        "resource": {
            "attributes": [attribute_v2(key, value) for key, value in values.items()]
        },
    }


def attribute_v2(
    key: str, value: object, operator: str = "stringEquals"
) -> dict[str, object]:
    """One attribute as version 2 writes it."""
    return {"key": key, "operator": operator, "value": value}
