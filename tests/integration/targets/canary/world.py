# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The sandbox, and secrets that can be told from everything else."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

QUOTED = "\"/+&%'"
SANDBOX = Path("ansible_collections", "icr", "access", "roles", "sandbox", "files")


@contextlib.contextmanager
def sandbox(folder: Path) -> Iterator[dict[str, Any]]:
    """A running sandbox; the content of its endpoints file."""
    endpoints = folder / "endpoints.json"
    files = Path(os.environ["ANSIBLE_COLLECTIONS_PATH"].split(":")[0], SANDBOX)
    program = [sys.executable, "-m", "icr_sandbox", "--endpoints-file", str(endpoints)]
    subprocess.run([*program, "--detach"], cwd=files, check=True)
    try:
        yield json.loads(endpoints.read_text())
    finally:
        subprocess.run([*program, "--stop"], cwd=files, check=True)


def post(url: str, body: bytes, **headers: str) -> dict[str, Any]:
    """The JSON that answers a POST to the sandbox, {} for none."""
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - as below
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - the sandbox only
        return dict(json.loads(answer.read() or b"{}"))


def recognisable() -> str:
    """A random secret that can be mistaken for no other. It ends in characters that look
    different in an URL and in JSON: hiding what is equal to the secret is not enough there."""
    return f"canary{secrets.token_hex(16)}{QUOTED}"


def make_secrets(cloud: dict[str, Any]) -> dict[str, str]:
    """A secret of each kind. The first four and the last work in the sandbox, the others do not."""
    api_key, other_key, environment_key, owner_key = (
        recognisable() for _turn in range(4)
    )
    seed = {
        "namespaces": [{"region": "us-south", "name": "team-a"}],
        "api_keys": [{"name": "owner's canary", "value": owner_key}],
        "service_ids": [
            {
                "name": "canary",
                "policies": [
                    {"roles": ["Reader"], "namespace": "team-a"},
                    # what it takes to make registry tokens
                    {"roles": ["Administrator"]},
                ],
                "api_keys": [
                    {"name": f"canary {number}", "value": value}
                    for number, value in enumerate(
                        (api_key, other_key, environment_key)
                    )
                ],
            }
        ],
    }
    post(f"{cloud['control']}/seed", json.dumps(seed).encode())
    grant = {
        "grant_type": "urn:ibm:params:oauth:grant-type:apikey",
        "apikey": api_key,
    }
    answer = post(
        f"{cloud['endpoints']['iam']}/identity/token",
        urllib.parse.urlencode(grant).encode(),
        **{"Content-Type": "application/x-www-form-urlencoded"},
    )
    return {
        "api_key": api_key,
        "other_key": other_key,
        "environment_key": environment_key,
        "iam_token": answer["access_token"],
        "wrong_key": recognisable(),
        "refresh_token": recognisable(),
        "registry_token": recognisable(),
        "password": recognisable(),
        "login_of_others": recognisable(),
        "owner_key": owner_key,
    }


def telling(secret: str) -> str:
    """The part of a secret to search for: of a signed token the signature, of what this module
    has made that which is written in the same way everywhere."""
    return secret.removesuffix(QUOTED).rpartition(".")[2]
