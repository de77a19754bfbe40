# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What the stand-ins for clients that are not there have in common: they try what they are given."""

from __future__ import annotations

import base64
import json
import os
import sys
import urllib.request
from pathlib import Path
from typing import NoReturn

SCOPE = "repository:team-a/app:pull"


def stop(reason: str) -> NoReturn:
    """End with a reason."""
    sys.exit(f"{Path(sys.argv[0]).name}: {reason}")


def pull(username: str, password: str) -> None:
    """Ask the registry in Frankfurt for the right to pull. Ends the program without it."""
    refuse_to_show(password)
    document = json.loads(Path(os.environ["ICR_ENDPOINTS"]).read_text())
    url = f"{document['registry']['eu-de']}/oauth/token?service=registry&scope={SCOPE}"
    pair = base64.b64encode(f"{username}:{password}".encode()).decode()
    # An address of the sandbox.
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {pair}"})  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - the sandbox only
        token = json.loads(answer.read())["token"]
    claims = token.split(".")[1]
    access = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    if access["access"][0]["actions"] != ["pull"]:
        stop(f"{username} may not just pull: {access['access']}")


def refuse_to_show(secret: str) -> None:
    """Ends the program when the secret is on the command line of any process, as `ps` shows it."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
        except OSError:  # it has ended
            continue
        if secret.encode() in line:
            stop(f"the secret is on a command line ({path})")
