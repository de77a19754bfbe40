# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Calls on policies of version 2 that several test files make."""

from __future__ import annotations

from typing import Any

from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import Cloud
from icr_sandbox.messages import Response

SCOPE = "repository:team/app:pull,push"
LIMITED = {"region": "us-south", "resourceType": "namespace", "resource": "team"}


def code_of(answer: Response) -> tuple[int, str]:
    return answer.status, answer.json()["errors"][0]["code"]


def create(cloud: Cloud, body: dict[str, Any]) -> Response:
    return cloud.iam("POST", "/v2/policies", token=cloud.owner, json_body=body)


def path_of(made: Response, version: int = 2) -> str:
    return f"/v{version}/policies/{made.json()['id']}"


def replace(
    cloud: Cloud, made: Response, body: dict[str, Any], tag: str | None = None
) -> Response:
    headers = {"If-Match": tag or made.header("ETag") or ""}
    return cloud.iam(
        "PUT", path_of(made), token=cloud.owner, json_body=body, headers=headers
    )


def actions(cloud: Cloud, api_key: str) -> list[str]:
    access = cloud.access(api_key, SCOPE)
    return access[0]["actions"] if access else []
