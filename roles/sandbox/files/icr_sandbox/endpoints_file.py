# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The file by which everybody else finds the sandbox."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

_HEALTH_TIMEOUT = 5.0


def write(path: Path, document: dict[str, object]) -> None:
    """Atomically, mode 0600: the file holds an API key. Raises OSError."""
    text = json.dumps(document, indent=2) + "\n"
    write_bytes(path, text.encode(), 0o600)


def write_bytes(path: Path, content: bytes, mode: int) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def running(path: Path) -> dict[str, object] | None:
    """The document, if the sandbox that wrote it still answers at its control port under
    the same process id; else None. Asks over the network, on loopback only."""
    try:
        document = json.loads(path.read_text())
        address = urlsplit(document["control"])
        pid = document["pid"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    connection = http.client.HTTPConnection(address.netloc, timeout=_HEALTH_TIMEOUT)
    try:
        connection.request("GET", "/health")
        answer = json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return document if answer == {"pid": pid} else None
