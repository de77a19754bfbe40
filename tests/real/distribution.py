# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A real registry: CNCF Distribution, which trusts the sandbox's token service."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .local_cloud import Sandbox
from .processes import Background, running


@dataclass(frozen=True)
class Registry:
    """`host` is `host:port`, as it stands in image names and auth files."""

    host: str
    program: Background = field(repr=False)


@contextmanager
def registry(
    cloud: Sandbox, folder: Path, *, tls_folder: Path | None = None
) -> Iterator[Registry]:
    """A registry on a free port of the loopback; its images are in `folder`."""
    http: dict[str, Any] = {"addr": "127.0.0.1:0", "secret": secrets.token_hex(16)}
    if tls_folder is not None:
        http["tls"] = {
            "certificate": str(tls_folder / "server.pem"),
            "key": str(tls_folder / "server.key"),
        }
    token = cloud.document["token"]
    # JSON is YAML too.
    settings = {
        "version": "0.1",
        "storage": {
            "filesystem": {"rootdirectory": str(folder / "images")},
            "delete": {"enabled": True},
        },
        "http": http,
        "auth": {
            "token": {
                "realm": cloud.realm,
                "service": token["service"],
                "issuer": token["issuer"],
                "rootcertbundle": token["certificate"],
            }
        },
    }
    path = folder / "registry.yml"
    path.touch(mode=0o600)
    path.write_text(json.dumps(settings))
    command = ["docker-registry", "serve", str(path)]
    ready = r"listening on (127\.0\.0\.1:\d+)"
    # The access log has a line for each request; the other log has a paragraph.
    with running(command, ready=ready, keep=r"^127\.0\.0\.1 ", settings={}) as (
        program,
        match,
    ):
        yield Registry(match.group(1), program)
