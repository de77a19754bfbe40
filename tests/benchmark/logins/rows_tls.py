# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""This collection beside ping, on the sandbox over TLS, as real registries speak it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .cloud import requests_since, sandbox
from .interleaved import measure
from .playbooks import Fleet
from .results import extent, missed_of, table_of
from .row import SAME, Row, login, ping
from .rows_core import FIVE
from .section import Section, Size

TITLE = "Over TLS"
SYSTEM = Path("/etc/ssl/certs")  # of Debian, with a name by its hash for each CA


def measured(folder: Path, size: Size) -> Section:
    """The table of this group."""
    with sandbox(folder, tls=True) as cloud:
        fleet = Fleet(folder, size.hosts)
        rows = rows_of(cloud, _system_store(folder, Path(cloud["ca_path"])))
        results = measure(fleet, rows, size.rounds, lambda: requests_since(cloud))
    text = f"{table_of(results)}\n\n{extent(results)}"
    return Section(TITLE, text, missed_of(results, size.slack))


def rows_of(cloud: dict[str, Any], system_store: Mapping[str, str] | None) -> list[Row]:
    """The rows; nothing is promised for them but to be below the peers, who speak TLS too."""
    ca = {"ca_path": cloud["ca_path"]}
    first, same, five = (f"{name}.json" for name in ("first", "same", "five"))
    rows = [
        ping(),
        Row("cr_login, verified, first", login(cloud, first, **ca), first, True),
        Row(SAME, login(cloud, same, **ca), same),
        Row(
            "cr_login, five regions, verified, nothing to do",
            login(cloud, five, region=FIVE, **ca),
            five,
        ),
    ]
    if system_store:
        play = login(cloud, same)
        rows.append(
            Row(f"{SAME}, the system's CAs", play, same, environment=system_store)
        )
    return rows


def _system_store(folder: Path, ca: Path) -> dict[str, str] | None:
    """The environment in which Python takes for the system's store that of this machine with the
    CA in its folder; None where this machine keeps its store in another way."""
    if not shutil.which("openssl") or not any(SYSTEM.glob("*.0")):
        return None
    place = folder / "system"
    place.mkdir()
    for each in SYSTEM.glob("*.[0-9]"):
        (place / each.name).symlink_to(each.resolve())
    asked = ["openssl", "x509", "-noout", "-subject_hash", "-in", str(ca)]
    hashed = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    (place / f"{hashed.strip()}.0").symlink_to(ca)
    named = {
        name: ""
        for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
        if name in os.environ
    }
    return {**named, "SSL_CERT_DIR": str(place)}
