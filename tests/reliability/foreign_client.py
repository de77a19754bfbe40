# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A client that logs in as those of Docker, Podman and Skopeo do: it reads the file, writes another
beside it and renames that, without any lock."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple


class Written(NamedTuple):
    """What a foreign client has written: when that had happened, and the registries in it."""

    at: float
    hosts: frozenset[str]


def log_in(path: Path, host: str, journal: Path) -> None:
    """One login; what was written is noted in the journal."""
    document = json.loads(path.read_bytes())
    document["auths"].pop(host, None)
    document["auths"][host] = {"auth": "Zm9yZWlnbjp4"}
    handle, draft = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    with os.fdopen(handle, "w") as stream:
        json.dump(document, stream)
    os.rename(draft, path)
    note = [time.monotonic(), *document["auths"]]
    with journal.open("a") as stream:
        stream.write(f"{json.dumps(note)}\n")


def notes(journals: Iterable[Path]) -> list[Written]:
    """Everything that foreign clients have noted."""
    return [
        Written(at, frozenset(hosts))
        for journal in journals
        for at, *hosts in map(json.loads, journal.read_text().splitlines())
    ]


def own_logins(journals: Iterable[Path]) -> dict[str, float]:
    """The registries that foreign clients have logged in to, and when that had happened."""
    return {
        host: at
        for journal in journals
        for at, *_others, host in map(json.loads, journal.read_text().splitlines())
    }


def dropped(host: str, since: float, written: Sequence[Written]) -> bool:
    """Whether a foreign client wrote the file without that registry after we had begun to log
    in to it: it had read the file before that."""
    return any(each.at > since and host not in each.hosts for each in written)
